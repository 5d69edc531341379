{{ config(cluster_by='identifier') }}

{{ consent_identifier_status_query() }}
