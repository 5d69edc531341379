{{ config(enabled=activation_is_on('email')) }}

{{ activation_current('email') }}
