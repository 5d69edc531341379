{{ config(cluster_by='customer_id') }}

{{ consent_person_decisions_query() }}
