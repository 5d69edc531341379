{{ activation_current('sms') }}
