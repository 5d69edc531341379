{# What this run does to customer ids: each way that records take from one id to another, and what it is called. #}
with changes as (
    select * from {{ ref('identity_id_changes') }}
),

history as (
    select * from {{ ref('identity_id_history') }}
),

given_ids as (
    select
        new_customer_id as customer_id,
        ledger_version,
        min(cluster_key) as cluster_key,
        count(*) as record_count,
        count(old_customer_id) as known_record_count
    from changes
    where new_customer_id is not null
    group by new_customer_id, ledger_version
),

{{ customer_id_states('given_ids') }},

given as (
    select
        given_ids.*,
        id_states.since_version,
        id_states.customer_id is not null and not (id_states.latest).is_live as is_restored
    from given_ids
    left join id_states on given_ids.customer_id = id_states.customer_id
),

moves as (
    select
        old_customer_id,
        new_customer_id,
        is_old_id_kept,
        count(*) as record_count
    from changes
    where old_customer_id <> new_customer_id
    group by old_customer_id, new_customer_id, is_old_id_kept
),

-- An id that ends is merged into the one that most of its records have now, the oldest among equals. A restored id comes back from
-- the one that most of its records leave.
ranked_moves as (
    select
        moves.*,
        given.ledger_version,
        given.cluster_key,
        given.is_restored,
        row_number() over (
            partition by moves.old_customer_id
            order by moves.record_count desc, given.since_version nulls last, moves.new_customer_id
        ) as target_rank,
        row_number() over (
            partition by moves.new_customer_id, moves.is_old_id_kept
            order by moves.record_count desc, moves.old_customer_id
        ) as origin_rank
    from moves
    inner join given on moves.new_customer_id = given.customer_id
),

named_moves as (
    select
        case
            when is_old_id_kept and is_restored and origin_rank = 1 then 'restored'
            when not is_old_id_kept and target_rank = 1 then 'merged'
            else 'split'
        end as event_type,
        old_customer_id,
        new_customer_id,
        record_count,
        cluster_key,
        ledger_version
    from ranked_moves
),

-- Ids that no move brings about: new customers, and retired ids whose records are back.
arrivals as (
    select
        case when given.is_restored then 'restored' else 'created' end as event_type,
        cast(null as string) as old_customer_id,
        given.customer_id as new_customer_id,
        given.record_count,
        given.cluster_key,
        given.ledger_version
    from given
    left join named_moves
        on given.customer_id = named_moves.new_customer_id and named_moves.event_type = 'restored'
    where
        (given.is_restored and named_moves.new_customer_id is null)
        or (given.since_version is null and given.known_record_count = 0)
),

departures as (
    select
        'retired' as event_type,
        old_customer_id,
        cast(null as string) as new_customer_id,
        count(*) as record_count,
        cast(null as integer) as cluster_key,
        ledger_version
    from changes
    where old_customer_id is not null and not is_old_id_kept
    group by old_customer_id, ledger_version
    having count(new_customer_id) = 0
),

transitions as (
    select * from named_moves
    union all
    select * from arrivals
    union all
    select * from departures
),

final as (
    select
        {{ stable_key(['ledger_version', 'event_type', 'old_customer_id', 'new_customer_id']) }} as event_id,
        cast(ledger_version as bigint) as ledger_version,
        event_type,
        old_customer_id,
        new_customer_id,
        cast(record_count as bigint) as record_count,
        cluster_key
    from transitions
)

select * from final
