with customers as (
    select customer_id
    from {{ ref('customers') }}
),

purposes_channels as (
    select purpose_code, channel
    from {{ ref('purposes_channels') }}
    where has_status
),

-- One verdict a customer: reachable at any address, else the weightiest rule that stopped the last of them.
verdicts as (
    select
        customer_id,
        purpose_code,
        channel,
        max(case when is_permitted then 1 else 0 end) = 1 as is_reachable,
        coalesce(min(case when is_permitted then rule_applied end), min(rule_applied)) as rule_applied
    from {{ ref('consent_status') }}
    group by customer_id, purpose_code, channel
),

counted as (
    select purpose_code, channel, is_reachable, rule_applied, cast(count(*) as bigint) as customer_count
    from verdicts
    group by purpose_code, channel, is_reachable, rule_applied
),

totals as (
    select count(*) as customer_count
    from customers
),

without_address as (
    select
        purposes_channels.purpose_code,
        purposes_channels.channel,
        totals.customer_count - coalesce(sum(counted.customer_count), 0) as customer_count
    from purposes_channels
    cross join totals
    left join counted
        on purposes_channels.purpose_code = counted.purpose_code and purposes_channels.channel = counted.channel
    group by purposes_channels.purpose_code, purposes_channels.channel, totals.customer_count
),

unioned as (
    select purpose_code, channel, is_reachable, rule_applied, customer_count
    from counted
    union all
    select purpose_code, channel, false as is_reachable, 'no_address' as rule_applied, cast(customer_count as bigint) as customer_count
    from without_address
    where customer_count > 0
),

final as (
    select
        unioned.purpose_code,
        unioned.channel,
        unioned.is_reachable,
        unioned.rule_applied,
        unioned.customer_count,
        cast(unioned.customer_count as double) / totals.customer_count as customer_share
    from unioned
    cross join totals
)

select * from final
