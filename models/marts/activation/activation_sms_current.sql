{{ config(enabled=activation_is_on('sms')) }}

{{ activation_current('sms') }}
