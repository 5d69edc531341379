{# What this run has to do, decided once for all models of the linkage: everything, or only what has changed; learn anew or not. #}
{%- set completed = identity_previous('identity_completed_run') -%}
{%- set started = identity_previous('identity_run') -%}
{%- set features = identity_previous('identity_features') -%}
{%- set growth = var('identity_retrain_growth') -%}

with changes as (
    select count(*) as changed_count from {{ ref('identity_changes') }}
),

records as (
    select count(*) as record_count from {{ ref('identity_records') }}
    where is_identifiable
),

completed as (
    {% if completed %}
    select max(run_id) as run_id, max(fingerprint) as fingerprint, max(trained_record_count) as trained_record_count from {{ completed }}
    {% else %}
    select cast(null as string) as run_id, cast(null as string) as fingerprint, cast(null as bigint) as trained_record_count
    {% endif %}
),

started as (
    {% if started %}
    select max(run_id) as run_id from {{ started }}
    {% else %}
    select cast(null as string) as run_id
    {% endif %}
),

training as (
    select
        changes.changed_count,
        records.record_count,
        completed.run_id as completed_run_id,
        started.run_id as started_run_id,
        case
            when completed.run_id is null then 'nothing was learned yet'
            when {{ 'true' if var('identity_retrain') else 'false' }} then 'asked for'
            when completed.fingerprint <> '{{ identity_fingerprint() }}' then 'the declarations or the linkage have changed'
            when
                {{ growth }} > 0
                and greatest(records.record_count, completed.trained_record_count)
                > {{ growth }} * least(records.record_count, completed.trained_record_count)
                then 'the data has outgrown what was learned from it'
        end as training_reason
    from changes
    cross join records
    cross join completed
    cross join started
),

final as (
    select
        '{{ invocation_id }}' as run_id,
        cast({{ dbt.current_timestamp() }} as timestamp) as decided_at,
        '{{ identity_fingerprint() }}' as fingerprint,
        record_count,
        changed_count,
        training_reason is not null as must_train,
        case
            when training_reason is not null then concat('learning: ', training_reason)
            when {{ 'true' if flags.FULL_REFRESH else 'false' }} then 'full refresh'
            when {{ 'false' if features else 'true' }} then 'no records were prepared yet'
            when coalesce(started_run_id, '') <> completed_run_id then 'the last run did not complete'
            when changed_count > {{ var('identity_increment_share') }} * record_count then 'much has changed'
        end as full_reason
    from training
)

select
    run_id,
    decided_at as started_at,
    case when full_reason is null then 'increment' else 'full' end as mode,
    full_reason,
    must_train,
    fingerprint,
    record_count,
    changed_count
from final
