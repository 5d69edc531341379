{# The run that the linkage stands at. It is written after everything else: a run that breaks off is not completed, and the next is full. #}
-- depends_on: {{ ref('identity_applied_links') }}
-- depends_on: {{ ref('identity_closing_pairs') }}
with run as (
    select * from {{ ref('identity_run') }}
),

trained as (
    select sum(record_count) as record_count from {{ ref('identity_source_counts') }}
),

final as (
    select
        run.run_id,
        run.started_at,
        run.mode,
        run.full_reason,
        run.must_train,
        run.fingerprint,
        run.record_count,
        run.changed_count,
        cast(coalesce(trained.record_count, 0) as bigint) as trained_record_count
    from run
    cross join trained
)

select * from final
