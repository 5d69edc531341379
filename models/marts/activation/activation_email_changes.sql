{#- Dates of changes cannot be rebuilt from the present state, so a full refresh leaves this log alone. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with candidates as (
    select activation_id, row_hash
    from {{ ref('activation_email_candidates') }}
),

{% if is_incremental() %}
logged as (
    select activation_id, is_member, row_hash, changed_at
    from {{ this }}
    qualify row_number() over (partition by activation_id order by changed_at desc) = 1
),

-- A clock of its own: later than everything logged, so that a tool that asks for "changed since" misses nothing,
-- and taken from the data, so that the same runs give the same table.
clock as (
    select
        greatest(
            coalesce({{ as_of() }}, cast('1970-01-01 00:00:00' as {{ dbt.type_timestamp() }})),
            {{ dbt.dateadd('second', 1, 'max(changed_at)') }}
        ) as changed_at
    from {{ this }}
),

changes as (
    select candidates.activation_id, true as is_member, candidates.row_hash
    from candidates
    left join logged on candidates.activation_id = logged.activation_id
    where logged.activation_id is null or not logged.is_member or candidates.row_hash <> logged.row_hash
    union all
    select logged.activation_id, false as is_member, cast(null as {{ dbt.type_string() }}) as row_hash
    from logged
    left join candidates on logged.activation_id = candidates.activation_id
    where logged.is_member and candidates.activation_id is null
),
{% else %}
clock as (
    select coalesce({{ as_of() }}, cast('1970-01-01 00:00:00' as {{ dbt.type_timestamp() }})) as changed_at
),

changes as (
    select activation_id, true as is_member, row_hash
    from candidates
),
{% endif %}

final as (
    select
        changes.activation_id,
        changes.is_member,
        changes.row_hash,
        cast(clock.changed_at as {{ dbt.type_timestamp() }}) as changed_at
    from changes
    cross join clock
)

select * from final
