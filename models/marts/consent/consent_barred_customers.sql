{{ consent_barred_customers_query() }}
