{{ config(cluster_by='customer_id') }}

{{ consent_messaging_decisions_query() }}
