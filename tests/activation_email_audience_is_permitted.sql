-- Nobody is handed to an e-mail tool whose address may not be mailed.
{{ rows_without_permission(
    ref('activation_email_audience'), contact_column='email', contact_type='email', purpose='marketing', channel='email'
) }}
