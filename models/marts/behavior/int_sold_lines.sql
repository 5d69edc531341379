{{ config(schema='intermediate', materialized='view') }}

with lines as (
    select * from {{ ref('int_document_lines') }}
),

documents as (
    select * from {{ ref('int_document_totals') }}
),

line_sums as (
    select
        order_id,
        sum(line_amount) as lines_amount
    from lines
    group by order_id
),

-- Discounts on the whole document and contained tax lower every line alike; nothing raises one.
goods_shares as (
    select
        documents.order_id,
        case
            when line_sums.lines_amount = 0 then 1 - documents.tax_share
            else least(1, greatest(
                0, coalesce(documents.goods_amount, line_sums.lines_amount) * (1 - documents.tax_share) / line_sums.lines_amount
            ))
        end as goods_share,
        coalesce(documents.adjustment_amount * (1 - documents.tax_share) / nullif(line_sums.lines_amount, 0), 0) as adjustment_share,
        -- What the lines cost after discounts on the whole document, in the terms that refunds are booked in.
        {{ paid_share('documents.goods_amount', 'line_sums.lines_amount') }} as paid_share
    from documents
    inner join line_sums on documents.order_id = line_sums.order_id
),

final as (
    select
        lines.*,
        cast(lines.line_amount * coalesce(goods_shares.goods_share, 1) as decimal(28, 4)) as sold_amount,
        lines.line_amount * coalesce(goods_shares.adjustment_share, 0) as adjusted_amount,
        -- By amounts, because it is not told whether that of a refund contains tax: no more than the line brought can be given back for it.
        coalesce(least(1, greatest(0, case
            when lines.line_amount > 0 then cast(lines.refunded_amount as double) / nullif(lines.line_amount * coalesce(goods_shares.paid_share, 1), 0)
            when lines.quantity > 0 then cast(lines.refunded_quantity as double) / lines.quantity
        end)), 0) as refunded_share,
        least(greatest(lines.quantity, 0), greatest(coalesce(lines.returned_quantity, 0), 0)) as units_returned
    from lines
    left join goods_shares on lines.order_id = goods_shares.order_id
)

select
    order_line_id,
    order_id,
    orphan_order_id,
    product_id,
    variant_id,
    sku,
    product_name,
    variant_title,
    product_category,
    quantity,
    unit_price,
    discount_amount,
    line_amount,
    sold_amount,
    cast(sold_amount * (1 - refunded_share) + adjusted_amount as decimal(28, 4)) as revenue_amount,
    cast(units_returned as decimal(18, 3)) as returned_quantity
from final
