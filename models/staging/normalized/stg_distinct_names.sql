{{ config(cluster_by='raw_value') }}

{{ distinct_raw_values(
    ['given_name', 'family_name', 'full_name'],
    kind_of={'given_name': 'part', 'family_name': 'part', 'full_name': 'full'},
) }}
