{{ activation_current('push') }}
