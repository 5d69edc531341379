{{ config(enabled=activation_is_on('crm')) }}

{{ activation_current('crm') }}
