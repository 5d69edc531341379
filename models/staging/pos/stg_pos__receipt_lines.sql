{{ config(enabled=var('pos_enabled')) }}

with lines as (

    select * from {{ raw_rows('pos', 'receipt_line') }} as lines

),

final as (

    select
        receipt_id,
        line_number,
        sku,
        description as product_name,
        category,
        quantity,
        unit_price,
        discount_amount,
        line_amount
    from lines

)

select * from final
