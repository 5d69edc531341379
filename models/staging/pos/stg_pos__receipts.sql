{{ config(
    enabled=var('pos_enabled'),
    cluster_by='record_id',
    materialized='incremental',
    incremental_strategy='restate',
    unique_key='receipt_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'typed_as': [['pos', 'receipt']], 'logged': {'receipt_id': 'receipt_id'}}}
) }}

with receipts as (

    select * from {{ raw_rows('pos', 'receipt') }} as receipts

),

-- Also cards that a member had before: one that was replaced still says who bought with it.
cards_seen as (

    select
        versions.card_number,
        versions.updated_at,
        members.record_id
    from {{ raw_versions('pos', 'member') }} as versions
    inner join {{ ref('stg_pos__members') }} as members on versions.member_id = members.source_record_id
    where versions.card_number is not null
    qualify row_number() over (partition by versions.card_number, versions.updated_at order by members.record_id) = 1

),

-- A member who changes this or that holds the card all the same: receipts meet each holder of a card, not each version of a member.
card_turns as (

    select
        card_number,
        record_id,
        updated_at
    from cards_seen
    qualify lag(record_id) over (partition by card_number order by updated_at nulls first) is distinct from record_id

),

-- A card passed on belongs to the new holder from then on; what was bought before anything is known of it, to the first.
card_holders as (

    select
        card_number,
        record_id,
        case
            when row_number() over (partition by card_number order by updated_at nulls first) > 1 then updated_at
        end as held_from,
        lead(updated_at) over (partition by card_number order by updated_at nulls first) as held_until
    from card_turns

),

final as (

    select
        receipts.receipt_id,
        receipts.store_id,
        receipts.card_number,
        card_holders.record_id,
        -- A till whose clock runs ahead would move "now" for everybody. A day is allowed, for loads that are dated without a time.
        case
            when receipts.sold_at > {{ dbt.dateadd('day', 1, 'receipts.loaded_at') }} then receipts.loaded_at
            else receipts.sold_at
        end as sold_at,
        receipts.currency,
        receipts.total_amount,
        receipts.discount_amount,
        receipts.tax_amount,
        receipts.payment_method,
        receipts.returned_receipt_id
    from receipts
    left join card_holders
        on
            receipts.card_number = card_holders.card_number
            and (card_holders.held_from is null or coalesce(receipts.sold_at >= card_holders.held_from, true))
            and (card_holders.held_until is null or receipts.sold_at < card_holders.held_until)

)

select * from final
