{{ config(schema='intermediate', cluster_by='customer_id') }}
{# How a customer came: the first visit that is known to be theirs, unless a record or a sale was there before it. #}
with records as (
    select
        customer_ids.customer_id,
        min({{ record({'created_at': 'records.created_at', 'record_id': 'records.record_id', 'source_name': 'records.source_name'}) }}) as first_record
    from {{ ref('identity_records') }} as records
    inner join {{ ref('customer_ids') }} as customer_ids on records.record_id = customer_ids.record_id
    where records.created_at is not null
    group by customer_ids.customer_id
),

visits as (
    select
        customer_id,
        min({{ record({
            'started_at': 'started_at', 'session_id': 'session_id', 'marketing_channel': 'marketing_channel', 'campaign_name': 'campaign_name',
        }) }}) as first_visit
    from {{ ref('sessions') }}
    where customer_id is not null and started_at is not null
    group by customer_id
),

sales as (
    select
        customer_id,
        min({{ record({'ordered_at': 'ordered_at', 'order_id': 'order_id', 'sales_channel': 'sales_channel'}) }}) as first_sale
    from {{ ref('orders') }}
    where customer_id is not null and ordered_at is not null and order_kind = 'sale' and not is_cancelled and not is_test
    group by customer_id
),

traces as (
    select
        customer_id,
        (first_visit).started_at as acquired_at,
        1 as basis_rank,
        'visit' as basis,
        (first_visit).marketing_channel as channel,
        (first_visit).campaign_name as campaign
    from visits
    union all
    select
        customer_id,
        (first_sale).ordered_at as acquired_at,
        2 as basis_rank,
        'sale' as basis,
        (first_sale).sales_channel as channel,
        cast(null as string) as campaign
    from sales
    union all
    select
        customer_id,
        (first_record).created_at as acquired_at,
        3 as basis_rank,
        'record' as basis,
        (first_record).source_name as channel,
        cast(null as string) as campaign
    from records
),

final as (
    select
        customer_id,
        channel as acquisition_channel,
        campaign as acquisition_campaign,
        basis as acquisition_basis,
        acquired_at
    from traces
    qualify row_number() over (partition by customer_id order by acquired_at, basis_rank) = 1
)

select * from final
