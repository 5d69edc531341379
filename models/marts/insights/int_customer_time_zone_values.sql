{{ config(schema='intermediate', cluster_by='customer_id') }}

with stated as (
    {% if var('klaviyo_enabled') %}
    select
        record_id,
        time_zone,
        updated_at
    from {{ ref('stg_klaviyo__people') }}
    where time_zone is not null
    union all
    {% endif %}
    {% if var('zendesk_enabled') %}
    select
        record_id,
        time_zone,
        updated_at
    from {{ ref('stg_zendesk__users') }}
    where time_zone is not null
    union all
    {% endif %}
    -- Keeps the table typed when every source is switched off.
    {{ empty_rows({'record_id': 'varchar', 'time_zone': 'varchar', 'updated_at': 'timestamp'}) }}
),

customer_ids as (
    select * from {{ ref('customer_ids') }}
),

final as (
    select
        customer_ids.customer_id,
        stated.time_zone as raw_zone,
        max(stated.updated_at) as updated_at
    from stated
    inner join customer_ids
        on stated.record_id = customer_ids.record_id
    group by customer_ids.customer_id, stated.time_zone
)

select * from final
