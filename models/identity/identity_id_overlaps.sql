{# How many records of which earlier customer ids each undecided cluster has, and how old these ids are. #}
with touched as (
    select cluster_key, old_customer_id, is_gone from {{ ref('identity_id_touched') }}
    where is_contested and old_customer_id is not null
),

history as (
    select * from {{ ref('identity_id_history') }}
),

shares as (
    select
        cluster_key,
        old_customer_id as customer_id,
        count(*) filter (where not is_gone) as record_count
    from touched
    group by cluster_key, old_customer_id
),

{{ customer_id_states('shares') }},

final as (
    select
        shares.cluster_key,
        shares.customer_id,
        shares.record_count,
        coalesce(id_states.since_version, 0) as since_version
    from shares
    left join id_states on shares.customer_id = id_states.customer_id
)

select * from final
