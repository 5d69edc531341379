{{ config(enabled=activation_is_on('google')) }}

{{ activation_current('google') }}
