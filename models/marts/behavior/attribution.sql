{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='restate',
    unique_key=['order_id', 'attribution_model', 'touchpoint_number'],
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'touched_by': 'order_id', 'inputs': ['orders', 'journeys', 'stg_pos__receipts'], 'logged': {'order_id': 'order_id'}}}
) }}
{% set first = var('attribution_position_first') | int %}
{% set last = var('attribution_position_last') | int %}
{% set middle = 100 - first - last %}
{% if first < 0 or last < 0 or middle < 0 or first + last == 0 %}
{% do exceptions.raise_compiler_error(
    "attribution_position_first (" ~ first ~ ") and attribution_position_last (" ~ last ~ ") are parts of a hundred: neither may be negative, both cannot be 0, and together they are at most 100."
) %}
{% endif %}

with orders as (
    select
        order_id,
        currency,
        customer_id,
        net_amount,
        -- A dinar has a thousand parts: an amount with parts of a cent is counted in hundredths of one.
        cast(case when net_amount = round(net_amount, 2) then 0.01 else 0.0001 end as decimal(5, 4)) as cent
    from {{ ref('orders') }}
    where
        not is_test
        and not is_cancelled
    {% if is_incremental() %}
        and order_id in (select order_id from {{ restate_touched() }})
    {% endif %}
),

journeys as (
    select * from {{ ref('journeys') }}
),

{% if var('pos_enabled') %}
-- What is brought back takes from those that its sale was attributed to.
returned as (
    select
        'pos:' || receipt_id as order_id,
        'pos:' || returned_receipt_id as sale_order_id
    from {{ ref('stg_pos__receipts') }}
    where returned_receipt_id is not null
),

{% endif %}
credited as (
    select
        orders.order_id,
        orders.currency,
        orders.customer_id,
        orders.cent,
        cast(orders.net_amount * case when orders.cent < 0.01 then 10000 else 100 end as bigint) as cents,
        {{ "coalesce(returned.sale_order_id, orders.order_id)" if var('pos_enabled') else "orders.order_id" }} as journey_order_id
    from orders
    {% if var('pos_enabled') %}
    left join returned on orders.order_id = returned.order_id
    {% endif %}
),

-- Shares are whole numbers, so that no part of a cent is lost before it is given to somebody.
shares as (
    {% for model in ['first', 'last', 'linear', 'position'] %}
    select
        credited.order_id,
        '{{ model }}' as attribution_model,
        credited.currency,
        credited.customer_id,
        credited.cent,
        credited.cents,
        coalesce(journeys.touchpoint_number, 0) as touchpoint_number,
        journeys.touchpoint_id,
        coalesce(journeys.marketing_channel, 'none') as marketing_channel,
        journeys.campaign_name,
        {% if model == 'first' %}
        case when coalesce(journeys.touchpoint_number, 1) = 1 then 1 else 0 end as share
        {% elif model == 'last' %}
        case when coalesce(journeys.touchpoint_number, 1) = coalesce(journeys.touchpoint_count, 1) then 1 else 0 end as share
        {% elif model == 'linear' %}
        1 as share
        {% else %}
        case
            when coalesce(journeys.touchpoint_count, 1) = 1 then 1
            when journeys.touchpoint_count = 2 then case journeys.touchpoint_number when 1 then {{ first }} else {{ last }} end
            when journeys.touchpoint_number = 1 then {{ first }} * (journeys.touchpoint_count - 2)
            when journeys.touchpoint_number = journeys.touchpoint_count then {{ last }} * (journeys.touchpoint_count - 2)
            else {{ middle }}
        end as share
        {% endif %}
    from credited
    left join journeys on credited.journey_order_id = journeys.order_id
    {{ "union all" if not loop.last }}
    {% endfor %}
),

totalled as (
    select
        *,
        abs(cents) * share as dividend,
        cast(sum(share) over (partition by order_id, attribution_model) as bigint) as all_shares
    from shares
    where share > 0
),

-- The largest remainder: everybody gets the whole cents of their share, and the cents that are left go to the largest fractions.
portioned as (
    select
        *,
        dividend % all_shares as remainder,
        cast((dividend - dividend % all_shares) / all_shares as bigint) as whole_cents
    from totalled
),

ranked as (
    select
        *,
        abs(cents) - sum(whole_cents) over (partition by order_id, attribution_model) as left_cents,
        row_number() over (partition by order_id, attribution_model order by remainder desc, touchpoint_number) as place
    from portioned
),

final as (
    select
        *,
        sign(cents) * (whole_cents + case when place <= left_cents then 1 else 0 end) as credit_cents
    from ranked
)

select
    order_id,
    attribution_model,
    cast(touchpoint_number as integer) as touchpoint_number,
    touchpoint_id,
    customer_id,
    marketing_channel,
    campaign_name,
    currency,
    cast(cast(credit_cents as bigint) * cent as decimal(18, 4)) as attributed_revenue
from final
