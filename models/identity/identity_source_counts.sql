{{ config(materialized='trained') }}
select source_name, count(*) as record_count
from {{ ref('identity_features') }}
group by source_name
