{{ config(enabled=var('pos_enabled'), schema='intermediate', cluster_by='record_id') }}

with receipts as (
    select * from {{ ref('stg_pos__receipts') }}
),

lines_by_receipt as (
    select
        coalesce(lines.receipt_id, 'unknown') as receipt_id,
        count(*) as line_count,
        sum(lines.quantity) as units,
        sum(coalesce(lines.line_amount, {{ line_amount('lines') }})) as lines_amount,
        sum(lines.discount_amount) as discount_amount
    from {{ ref('stg_pos__receipt_lines') }} as lines
    group by coalesce(lines.receipt_id, 'unknown')
),

-- Lines whose receipt never arrived still were sold: the full join lets them stand for it.
final as (
    select
        case
            when receipts.receipt_id is null then 'pos:orphan:' || lines_by_receipt.receipt_id
            else 'pos:' || receipts.receipt_id
        end as order_id,
        coalesce(receipts.receipt_id, lines_by_receipt.receipt_id) as source_order_id,
        receipts.record_id,
        receipts.sold_at,
        receipts.currency,
        receipts.store_id,
        coalesce(lines_by_receipt.line_count, 0) as line_count,
        coalesce(lines_by_receipt.units, 0) as units,
        coalesce(receipts.total_amount, {{ rounded_money('lines_by_receipt.lines_amount', 'receipts.currency') }}, 0) as gross_amount,
        coalesce(receipts.discount_amount, lines_by_receipt.discount_amount, 0) as discount_amount,
        coalesce(receipts.tax_amount, 0) as tax_amount
    from receipts
    full outer join lines_by_receipt
        on receipts.receipt_id = lines_by_receipt.receipt_id
)

select
    order_id,
    'pos' as source_name,
    source_order_id,
    case when gross_amount < 0 then 'return' else 'sale' end as order_kind,
    record_id,
    sold_at as ordered_at,
    currency,
    'store' as sales_channel,
    store_id,
    cast(line_count as bigint) as line_count,
    cast(units as decimal(18, 3)) as units,
    cast(gross_amount as decimal(18, 4)) as gross_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(tax_amount as decimal(18, 4)) as tax_amount,
    cast(0 as decimal(18, 4)) as refunded_amount,
    false as is_cancelled,
    false as is_test
from final
