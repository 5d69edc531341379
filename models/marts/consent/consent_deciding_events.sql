{{ consent_deciding_events_query() }}
