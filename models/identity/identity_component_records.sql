{{ config(materialized='view') }}
{#
    The records of the groups of this run, in the order of record_id: ties between clusters fall the same way in an increment as in a full
    run.
#}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_reclustered_records') }}
-- depends_on: {{ ref('identity_features') }}
{% if identity_is_increment() %}
select components.record_key, row_number() over (order by features.record_id) as record_order
from {{ ref('identity_components') }} as components
inner join {{ ref('identity_features') }} as features on components.record_key = features.record_key
where components.record_key in (select record_key from {{ ref('identity_reclustered_records') }})
{% else %}
-- In a full run the keys follow the order of record_id.
select record_key, record_key as record_order
from {{ ref('identity_components') }}
{% endif %}
