{{ config(enabled=activation_is_on('profile')) }}

{{ activation_current('profile') }}
