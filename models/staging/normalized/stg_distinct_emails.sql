{{ config(cluster_by='raw_value') }}

{{ distinct_raw_values(['email'], contact_point_type='email') }}
