{{ consent_customer_context_query() }}
