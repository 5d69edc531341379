{#-
    Each build writes the stays that began, ended or expired since the last one and leaves all others alone. When somebody came and
    went cannot be built again from the present, so a full refresh leaves this table alone.
-#}
{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='delete+insert',
    unique_key=['customer_id', 'segment_name', 'stay_number'],
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

{%- set declared = declared_segments() -%}
{%- set unknown_time = 'cast(null as ' ~ dbt.type_timestamp() ~ ')' -%}
{%- set origin = "cast('1970-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ')' -%}
{%- set columns = {
    'customer_id': 'varchar', 'segment_name': 'varchar', 'stay_number': 'integer', 'entered_at': 'timestamp',
    'exited_at': 'timestamp', 'is_current': 'boolean', 'is_spent': 'boolean', 'noticed_at': 'timestamp',
} -%}
{#-
    Read where it is needed, with a condition, and not as one expression, which would be copied. A table from before the last columns
    existed is read as if nothing had been noticed, which puts it right.
-#}
{%- set history = this if is_incremental() else '(' ~ empty_rows(columns) ~ ')' -%}
{%- set present = adapter.get_columns_in_relation(this) | map(attribute='name') | list if execute and this is not string and is_incremental() else [] -%}
{%- if present and 'noticed_at' not in present -%}
    {%- set history = '(select *, false as is_spent, ' ~ unknown_time ~ ' as noticed_at from ' ~ this ~ ')' -%}
{%- endif %}

with as_of as (
    select coalesce({{ as_of() }}, {{ origin }}) as as_of_at
),

customers as (
    select customer_id from {{ ref('customer_features') }}
),

redirects as (
    select * from {{ ref('customer_id_redirects') }}
),

-- Customers whose set of segments has changed since the last time. A run that broke off is made up for by the next.
changed as (
    select
        customer_id,
        segments,
        changed_at
    from {{ ref('int_segment_sets') }}
    where changed_at > coalesce((select max(history.noticed_at) from {{ history }} as history), {{ dbt.dateadd('day', -1, origin) }})
),

qualifies as (
    {{ list_items('changed', ['customer_id', 'changed_at'], 'segments', 'segment_name') }}
),

past as (
    select
        history.customer_id,
        history.segment_name,
        history.stay_number,
        history.entered_at,
        history.exited_at,
        history.is_current,
        history.is_spent,
        changed.changed_at
    from {{ history }} as history
    inner join changed on history.customer_id = changed.customer_id
),

last_stays as (
    select
        customer_id,
        segment_name,
        max(stay_number) as stay_number,
        max(case when is_current or is_spent then 1 else 0 end) as is_taken,
        max(exited_at) as exited_at
    from past
    group by customer_id, segment_name
),

entries as (
    select
        qualifies.customer_id,
        qualifies.segment_name,
        coalesce(last_stays.stay_number, 0) + 1 as stay_number,
        -- Not before the end of the stay before, even when someone sets the as-of time back after it expired.
        greatest(qualifies.changed_at, coalesce(last_stays.exited_at, qualifies.changed_at)) as entered_at,
        {{ unknown_time }} as exited_at,
        cast(null as string) as exit_reason,
        true as is_current,
        false as is_spent,
        qualifies.changed_at as noticed_at
    from qualifies
    left join last_stays
        on
            qualifies.customer_id = last_stays.customer_id
            and qualifies.segment_name = last_stays.segment_name
    where coalesce(last_stays.is_taken, 0) = 0
),

-- Never before the entry, even when someone sets the as-of time back. Whoever stops qualifying may come in anew.
exits as (
    select
        past.customer_id,
        past.segment_name,
        past.stay_number,
        past.entered_at,
        case when past.is_current then greatest(past.changed_at, past.entered_at) else past.exited_at end as exited_at,
        case
            when not past.is_current then 'expired'
            when redirects.current_customer_id is not null and customers.customer_id is null then 'merged into ' || redirects.current_customer_id
            when customers.customer_id is null then 'customer no longer exists'
            when past.segment_name not in ({% for segment in declared %}'{{ segment.name }}', {% endfor %}'') then 'segment no longer declared'
            else 'no longer qualifies'
        end as exit_reason,
        false as is_current,
        false as is_spent,
        past.changed_at as noticed_at
    from past
    left join qualifies
        on
            past.customer_id = qualifies.customer_id
            and past.segment_name = qualifies.segment_name
    left join customers
        on past.customer_id = customers.customer_id
    left join redirects
        on past.customer_id = redirects.old_customer_id
    where
        (past.is_current or past.is_spent)
        and qualifies.customer_id is null
),

-- Whoever still qualifies when the time of the segment is over leaves, and comes in again only after having stopped to qualify.
expired as (
    select
        history.customer_id,
        history.segment_name,
        history.stay_number,
        history.entered_at,
        as_of.as_of_at as exited_at,
        'expired' as exit_reason,
        false as is_current,
        true as is_spent,
        history.noticed_at
    from {{ history }} as history
    cross join as_of
    left join exits
        on
            history.customer_id = exits.customer_id
            and history.segment_name = exits.segment_name
    where
        history.is_current
        and exits.customer_id is null
        and (
            false
            {%- for segment in declared if segment.lifetime_days %}
            or (
                history.segment_name = '{{ segment.name }}'
                and {{ dbt.dateadd('day', segment.lifetime_days, 'history.entered_at') }} <= as_of.as_of_at
            )
            {%- endfor %}
        )
),

final as (
    select * from entries
    union all
    select * from exits
    union all
    select * from expired
)

select
    customer_id,
    segment_name,
    cast(stay_number as integer) as stay_number,
    cast(entered_at as {{ dbt.type_timestamp() }}) as entered_at,
    cast(exited_at as {{ dbt.type_timestamp() }}) as exited_at,
    exit_reason,
    is_current,
    is_spent,
    cast(noticed_at as {{ dbt.type_timestamp() }}) as noticed_at
from final
{#- A dry run (dbt build --empty) sees no customers; it must not write that everybody left. #}
{% if flags.EMPTY %}where false{% endif %}
