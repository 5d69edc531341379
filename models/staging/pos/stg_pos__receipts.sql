{{ config(
    enabled=var('pos_enabled'),
    cluster_by='record_id',
    materialized='incremental',
    incremental_strategy='restate',
    unique_key='receipt_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'logged': {'receipt_id': 'receipt_id'}}}
) }}

with receipts as (

    select * from {{ raw_rows('pos', 'receipt') }} as receipts

),

-- A card passed on to another member belongs to the member seen last.
card_holders as (

    select
        card_number,
        record_id
    from {{ ref('stg_pos__members') }}
    where card_number is not null
    qualify row_number() over (partition by card_number order by updated_at desc nulls last, record_id) = 1

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
    left join card_holders on receipts.card_number = card_holders.card_number

)

select * from final
