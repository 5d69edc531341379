{{ config(enabled=activation_is_on('meta')) }}

{{ activation_current('meta') }}
