{{ activation_current('email') }}
