{{ activation_current('profile') }}
