{{ config(schema='intermediate') }}

with as_of as (
    select
        as_of_at,
        {{ dbt.dateadd('day', -var('cart_abandoned_within_days'), 'as_of_at') }} as earliest_at,
        {{ dbt.dateadd('hour', -var('cart_abandoned_after_hours'), 'as_of_at') }} as latest_at
    from {{ ref('as_of_time') }}
),

tracked as (
    {% if var('segment_enabled') %}
    select
        tracks.customer_id,
        tracks.occurred_at as cart_at
    from {{ ref('int_web_events') }} as tracks
    -- Only recent carts that had their hours to become an order.
    inner join as_of
        on
            tracks.occurred_at > as_of.earliest_at
            and tracks.occurred_at <= as_of.latest_at
    where
        tracks.event_kind = 'track'
        and {{ event_word('tracks.event_name') }} in ({% for event in var('cart_events') %}'{{ event }}'{{ ', ' if not loop.last }}{% endfor %})
    {% else %}
    {{ empty_rows({'customer_id': 'varchar', 'cart_at': 'timestamp'}) }}
    {% endif %}
),

emails as (
    select
        identifier_value as email,
        customer_id
    from {{ ref('customer_identifiers') }}
    where
        identifier_type = 'email'
        and not is_shared
),

checkouts as (
    {% if var('shopify_enabled') %}
    select
        coalesce(customer_ids.customer_id, emails.customer_id) as customer_id,
        checkouts.created_at as cart_at
    from {{ ref('stg_shopify__abandoned_checkouts') }} as checkouts
    inner join as_of
        on
            checkouts.created_at > as_of.earliest_at
            and checkouts.created_at <= as_of.latest_at
    left join {{ ref('customer_ids') }} as customer_ids
        on checkouts.record_id = customer_ids.record_id
    left join emails
        on checkouts.email = emails.email
    where checkouts.completed_at is null
    {% else %}
    {{ empty_rows({'customer_id': 'varchar', 'cart_at': 'timestamp'}) }}
    {% endif %}
),

final as (
    select customer_id, cart_at from tracked
    union
    select customer_id, cart_at from checkouts
)

select
    customer_id,
    cart_at
from final
where customer_id is not null
