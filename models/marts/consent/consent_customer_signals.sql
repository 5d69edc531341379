{{ consent_customer_signals_query() }}
