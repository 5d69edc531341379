{{ consent_identifier_status_query() }}
