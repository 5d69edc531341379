{#
    Ids that an undecided cluster may get if it keeps none of its records': derived from its founder, and from the founder and a
    number where that is in use. An id that was used before is free again if it is retired, or if it was merged into an id that the
    cluster's records have now: then the merge is being undone.
#}
{%- set numbers = 8 -%}

with founders as (
    select
        cluster_key,
        founder_record_id,
        row_number() over (order by founder_created_at nulls last, founder_record_id) as founder_rank
    from {{ ref('identity_id_founders') }}
    where is_undecided
),

decided as (
    select customer_id from {{ ref('identity_id_founders') }}
    where not is_undecided
),

shares as (
    select cluster_key, customer_id from {{ ref('identity_id_overlaps') }}
),

history as (
    select * from {{ ref('identity_id_history') }}
),

completed as (
    select coalesce(max(ledger_version), 0) as ledger_version from {{ ref('identity_id_previous') }}
),

-- The last number has never been used for this founder, because versions do not repeat.
candidates as (
    select
        founders.cluster_key,
        founders.founder_rank,
        numbers.i + 1 as candidate_number,
        case
            when numbers.i = 0 then {{ customer_id_of('founders.founder_record_id') }}
            when numbers.i < {{ numbers }}
                then {{ customer_id_of("founders.founder_record_id || '#' || cast(numbers.i + 1 as string)") }}
            else {{ customer_id_of(
                "founders.founder_record_id || '#' || cast(numbers.i + 1 + completed.ledger_version as string)"
            ) }}
        end as customer_id
    from founders
    cross join {{ integer_series(numbers + 1) }} as numbers
    cross join completed
),

wanted as (
    select customer_id from candidates
    union
    select old_customer_id as customer_id from history
    where event_type = 'merged'
    union
    select new_customer_id as customer_id from history
    where event_type = 'merged'
),

{{ customer_id_states('wanted') }},

{{ customer_id_redirect_ends() }},

final as (
    select
        candidates.cluster_key,
        candidates.candidate_number,
        candidates.customer_id,
        candidates.founder_rank,
        case
            when decided.customer_id is not null then false
            when id_states.customer_id is null then true
            when (id_states.latest).is_live then false
            when redirect_ends.customer_id is null then true
            else shares.customer_id is not null or not coalesce((ends.latest).is_live, false)
        end as is_free
    from candidates
    left join decided on candidates.customer_id = decided.customer_id
    left join id_states on candidates.customer_id = id_states.customer_id
    left join redirect_ends on candidates.customer_id = redirect_ends.customer_id
    left join id_states as ends on redirect_ends.current_customer_id = ends.customer_id
    left join shares
        on candidates.cluster_key = shares.cluster_key and redirect_ends.current_customer_id = shares.customer_id
)

select * from final
