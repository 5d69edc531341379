{{ config(cluster_by='customer_id') }}

{{ consent_customer_context_query() }}
