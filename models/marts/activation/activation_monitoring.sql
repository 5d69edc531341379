{#- What has been delivered is written by `make export`; before the first time there is no such table. -#}
{%- set delivered = delivered_relation() %}

with as_of as (
    select {{ as_of() }} as as_of_at
),

states as (
    {% for destination in activation_destinations() if activation_is_on(destination) %}
    select
        '{{ destination }}' as destination,
        is_deleted,
        updated_at
    from {{ ref('activation_' ~ destination ~ '_state') }}
    {{ 'union all' if not loop.last }}
    {% else %}
    {{ empty_rows({'destination': 'varchar', 'is_deleted': 'boolean', 'updated_at': 'timestamp'}) }}
    {% endfor %}
),

destinations as (
    {% for destination in activation_destinations() if activation_is_on(destination) %}
    select '{{ destination }}' as destination
    {{ 'union all' if not loop.last }}
    {% else %}
    {{ empty_rows({'destination': 'varchar'}) }}
    {% endfor %}
),

deliveries as (
    {% if delivered %}
    select
        destination,
        target,
        told_until
    from {{ delivered }}
    {% else %}
    {{ empty_rows({'destination': 'varchar', 'target': 'varchar', 'told_until': 'timestamp'}) }}
    {% endif %}
),

-- Where nothing was ever delivered, everything waits to be.
told as (
    select
        destinations.destination,
        coalesce(deliveries.target, 'none') as delivery_target,
        deliveries.told_until
    from destinations
    left join deliveries on destinations.destination = deliveries.destination
),

measured as (
    select
        told.destination,
        told.delivery_target,
        told.told_until,
        sum(case when not states.is_deleted then 1 else 0 end) as row_count,
        sum(case when states.is_deleted then 1 else 0 end) as deleted_row_count,
        max(states.updated_at) as last_changed_at,
        sum(case when told.told_until is null or states.updated_at > told.told_until then 1 else 0 end) as waiting_row_count,
        min(case when told.told_until is null or states.updated_at > told.told_until then states.updated_at end) as waiting_since
    from told
    left join states on told.destination = states.destination
    group by told.destination, told.delivery_target, told.told_until
),

final as (
    select
        measured.destination,
        measured.delivery_target,
        cast(measured.row_count as bigint) as row_count,
        cast(measured.deleted_row_count as bigint) as deleted_row_count,
        measured.last_changed_at,
        cast(measured.told_until as {{ dbt.type_timestamp() }}) as told_until,
        cast(case when measured.last_changed_at is null then 0 else measured.waiting_row_count end as bigint) as waiting_row_count,
        -- Changes may be dated a second after the as-of time, so that they come after those before.
        cast(case
            when measured.waiting_since is not null
                then greatest({{ dbt.datediff('measured.waiting_since', 'as_of.as_of_at', 'hour') }}, 0)
        end as bigint) as hours_behind,
        coalesce(
            {{ dbt.datediff('measured.waiting_since', 'as_of.as_of_at', 'hour') }} > {{ var('activation_sla_hours') }}, false
        ) as is_late
    from measured
    cross join as_of
)

select * from final
