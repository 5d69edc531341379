{{ consent_messaging_decisions_query() }}
