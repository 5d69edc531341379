{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='measured_on', on_schema_change='append_new_columns', full_refresh=false) }}
{#- A history: earlier measurements cannot be made again, so a full refresh keeps them. -#}

with as_of as (
    select cast(as_of_at as date) as measured_on, as_of_at
    from {{ ref('as_of_time') }}
    where as_of_at is not null
),

rejected as (
    select
        source_name,
        table_name,
        column_name,
        sum(value_count) as invalid_count
    from {{ ref('rejected_values') }}
    where coalesce(reason, '') <> '{{ rounded_reason() }}'
    group by source_name, table_name, column_name
),

earlier as (
    {% if is_incremental() %}
    select
        source_name,
        table_name,
        column_name,
        avg(completeness) as usual_completeness,
        avg(validity) as usual_validity
    from (
        select
            history.*,
            row_number() over (
                partition by history.source_name, history.table_name, history.column_name order by history.measured_on desc
            ) as days_back
        from {{ this }} as history
        inner join as_of on history.measured_on < as_of.measured_on
    ) as numbered
    where days_back <= {{ var('data_quality_history') | int }}
    group by source_name, table_name, column_name
    {% else %}
    {{ empty_rows({
        'source_name': 'varchar', 'table_name': 'varchar', 'column_name': 'varchar', 'usual_completeness': 'double', 'usual_validity': 'double',
    }) }}
    {% endif %}
),

measured as (
    select
        as_of.measured_on,
        profiles.*,
        cast(profiles.value_count as double) / nullif(profiles.row_count, 0) as completeness,
        coalesce(rejected.invalid_count, 0) as invalid_count,
        cast(greatest(0, profiles.value_count - coalesce(rejected.invalid_count, 0)) as double) / nullif(profiles.value_count, 0) as validity,
        -- Counting distinct values roughly may give a few more than there are.
        least(1, cast(profiles.distinct_count as double) / nullif(profiles.value_count, 0)) as uniqueness,
        greatest(0, cast({{ dbt.datediff('profiles.latest_value_at', 'as_of.as_of_at', 'hour') }} as double) / 24) as age_days,
        earlier.usual_completeness,
        earlier.usual_validity
    from {{ ref('int_column_profiles') }} as profiles
    cross join as_of
    left join rejected
        on
            profiles.source_name = rejected.source_name
            and profiles.table_name = rejected.table_name
            and profiles.column_name = rejected.column_name
    left join earlier
        on
            profiles.source_name = earlier.source_name
            and profiles.table_name = earlier.table_name
            and profiles.column_name = earlier.column_name
),

drifted as (
    select
        *,
        greatest(
            coalesce(abs(coalesce(completeness, 0) - usual_completeness), 0),
            coalesce(abs(validity - usual_validity), 0)
        ) as drift,
        row_count >= minimum_values as are_rows_enough,
        value_count >= minimum_values as are_values_enough
    from measured
),

judged as (
    select
        {% for level in ['warn', 'fail'] %}
        concat(
            case
                when drifted.are_rows_enough and {{ share_is_below('drifted.completeness', 'drifted.completeness_' ~ level, 'drifted.row_count') }}
                    then 'completeness '
                else ''
            end,
            case
                when drifted.are_values_enough and {{ share_is_below('drifted.validity', 'drifted.validity_' ~ level, 'drifted.value_count') }}
                    then 'validity '
                else ''
            end,
            case when drifted.are_values_enough and drifted.uniqueness < drifted.uniqueness_{{ level }} then 'uniqueness ' else '' end,
            case when drifted.is_clock and drifted.are_rows_enough and drifted.age_days > drifted.freshness_{{ level }} then 'freshness ' else '' end,
            -- A share of few rows moves by chance, at most by that of one half.
            case
                when
                    drifted.are_rows_enough
                    and drifted.drift > drifted.drift_{{ level }} + {{ var('data_quality_chance') }} * sqrt(0.25 / drifted.row_count)
                    then 'drift '
                else ''
            end
        ) as {{ level }}_checks,
        {% endfor %}
        drifted.*
    from drifted
),

final as (
    select
        *,
        case when fail_checks <> '' then 'fail' when warn_checks <> '' then 'warn' else 'ok' end as status,
        nullif(trim(case when fail_checks <> '' then fail_checks else warn_checks end), '') as failed_checks
    from judged
)

select
    measured_on,
    source_name,
    table_name,
    column_name,
    is_present,
    cast(row_count as bigint) as row_count,
    cast(value_count as bigint) as value_count,
    completeness,
    cast(invalid_count as bigint) as invalid_count,
    validity,
    cast(distinct_count as bigint) as distinct_count,
    uniqueness,
    latest_value_at,
    cast(age_days as double) as age_days,
    usual_completeness,
    usual_validity,
    cast(drift as double) as drift,
    status,
    failed_checks
from final
