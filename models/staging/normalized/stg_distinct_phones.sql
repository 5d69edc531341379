{{ config(cluster_by='raw_value') }}

-- Numbers written without a calling code are read by the row's own country, so the country is part of what is distinct.
{{ distinct_raw_values(['phone'], countries=ref('stg_normalized_countries'), contact_point_type='phone') }}
