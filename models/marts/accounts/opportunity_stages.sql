with versions as (
    {% if var('salesforce_enabled') %}
    select * from {{ ref('stg_salesforce__opportunity_versions') }}
    where valid_from is not null and stage_name is not null
    {% else %}
    {{ empty_rows({'opportunity_id': 'varchar', 'valid_from': 'timestamp', 'valid_to': 'timestamp', 'stage_name': 'varchar'}) }}
    {% endif %}
),

as_of as (
    select max(as_of_at) as as_of_at from {{ ref('as_of_time') }}
),

-- A version of a deal may change anything; only a new stage counts.
changes as (
    select
        *,
        case when stage_name = lag(stage_name) over (partition by opportunity_id order by valid_from) then 0 else 1 end as is_change
    from versions
),

numbered as (
    select
        *,
        sum(is_change) over (partition by opportunity_id order by valid_from) as stage_number
    from changes
),

stages as (
    select
        opportunity_id,
        stage_number,
        max(stage_name) as stage_name,
        min(valid_from) as entered_at
    from numbered
    group by opportunity_id, stage_number
),

final as (
    select
        *,
        lead(entered_at) over (partition by opportunity_id order by stage_number) as left_at
    from stages
)

select
    final.opportunity_id,
    cast(final.stage_number as bigint) as stage_number,
    final.stage_name,
    final.entered_at,
    final.left_at,
    cast({{ dbt.datediff('final.entered_at', 'coalesce(final.left_at, greatest(as_of.as_of_at, final.entered_at))', 'hour') }} as double) / 24
        as days_in_stage
from final
cross join as_of
