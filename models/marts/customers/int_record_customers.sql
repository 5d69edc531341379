{{ config(
    schema='intermediate',
    cluster_by='customer_id',
    materialized='incremental',
    incremental_strategy='restate',
    unique_key='record_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'logged': {'record_id': 'record_id'}}}
) }}
select
    record_id,
    customer_id
from {{ ref('customer_ids') }}
