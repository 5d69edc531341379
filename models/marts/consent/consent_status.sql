{{ consent_status_query() }}
