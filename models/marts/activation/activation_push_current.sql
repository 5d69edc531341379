{{ config(enabled=activation_is_on('push')) }}

{{ activation_current('push') }}
