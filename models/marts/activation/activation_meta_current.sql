{{ activation_current('meta') }}
