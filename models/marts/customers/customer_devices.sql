{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='restate',
    unique_key=['identifier_type', 'identifier', 'valid_from'],
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'logged': {'identifier_type': 'identifier_type', 'identifier': 'identifier'}}}
) }}
{% set lookback_days = var('device_lookback_days') | int %}

with logins as (
    select * from {{ ref('device_logins') }}
),

customer_ids as (
    select record_id, customer_id from {{ ref('customer_ids') }}
),

-- Customers, not records: after a merge the logins of both parts are those of one person.
ordered as (
    select
        logins.*,
        customer_ids.customer_id,
        lag(customer_ids.customer_id) over (
            partition by logins.identifier_type, logins.identifier
            order by logins.logged_in_at, logins.record_id
        ) as previous_customer_id
    from logins
    inner join customer_ids on logins.record_id = customer_ids.record_id
),

numbered as (
    select
        *,
        sum(case when customer_id = previous_customer_id then 0 else 1 end) over (
            partition by identifier_type, identifier
            order by logged_in_at, record_id
        ) as turn
    from ordered
),

turns as (
    select
        identifier_type,
        identifier,
        customer_id,
        turn,
        min(logged_in_at) as began_at,
        sum(login_count) as login_count
    from numbered
    group by identifier_type, identifier, customer_id, turn
),

-- Whoever comes back after somebody else shares the device; so do more people than a device has owners.
devices as (
    select
        identifier_type,
        identifier,
        min(began_at) as first_login_at,
        sum(login_count) as login_count,
        max(turn) > count(distinct customer_id)
        or count(distinct customer_id) > {{ device_max_customers() }} as is_shared
    from turns
    group by identifier_type, identifier
),

-- The device is a customer's from his login to that of the next one.
tenures as (
    select
        turns.identifier_type,
        turns.identifier,
        turns.customer_id,
        turns.turn,
        turns.began_at as valid_from,
        lead(turns.began_at) over (partition by turns.identifier_type, turns.identifier order by turns.turn) as valid_to,
        turns.login_count
    from turns
    inner join devices
        on turns.identifier_type = devices.identifier_type and turns.identifier = devices.identifier
    where not devices.is_shared
),

intervals as (
    select identifier_type, identifier, customer_id, valid_from, valid_to, login_count, false as is_shared, 'login' as assignment
    from tenures
    -- Logins of two people at one instant: the device was nobody's in between.
    where valid_to is null or valid_from < valid_to
    {%- if lookback_days > 0 %}
    union all
    select
        identifier_type,
        identifier,
        customer_id,
        {{ dbt.dateadd('day', -lookback_days, 'valid_from') }} as valid_from,
        valid_from as valid_to,
        0 as login_count,
        false as is_shared,
        'before first login' as assignment
    from tenures
    where turn = 1 and (valid_to is null or valid_from < valid_to)
    {%- endif %}
    union all
    select
        identifier_type,
        identifier,
        null as customer_id,
        first_login_at as valid_from,
        null as valid_to,
        login_count,
        true as is_shared,
        'shared' as assignment
    from devices
    where is_shared
),

final as (
    select
        identifier_type,
        identifier,
        cast(customer_id as string) as customer_id,
        cast(valid_from as {{ dbt.type_timestamp() }}) as valid_from,
        cast(valid_to as {{ dbt.type_timestamp() }}) as valid_to,
        cast(login_count as bigint) as login_count,
        is_shared,
        assignment
    from intervals
)

select * from final
