{{ config(enabled=var('shopify_enabled'), schema='intermediate') }}

with ever_known as (
    select * from {{ raw_values_of('shopify', 'order', 'id', name_as='order_id') }} as order_ids
),

orders as (
    select order_id from {{ ref('stg_shopify__orders') }}
)

select ever_known.order_id
from ever_known
left join orders on ever_known.order_id = orders.order_id
where
    ever_known.order_id is not null
    and orders.order_id is null
