{{ config(cluster_by='customer_id') }}

{{ consent_status_query() }}
