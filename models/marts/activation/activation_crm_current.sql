{{ activation_current('crm') }}
