{{ activation_current('google') }}
