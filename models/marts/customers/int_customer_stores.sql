{{ config(schema='intermediate') }}

with homes as (
    select * from {{ ref('int_customer_homes') }}
),

nearest as (
    select
        homes.customer_id,
        stores.store_id,
        stores.basis,
        stores.distance_km
    from homes
    inner join {{ ref('int_nearest_stores') }} as stores
        on
            homes.country = stores.country
            and homes.postal_key = stores.postal_key
            and homes.town_key = stores.town_key
),

visits as (
    select
        customer_id,
        store_id,
        count(*) as sale_count,
        max(ordered_at) as last_sale_at
    from {{ ref('orders') }}
    where customer_id is not null and store_id is not null and order_kind = 'sale' and not is_cancelled and not is_test
    group by customer_id, store_id
),

favourite as (
    select *
    from visits
    qualify row_number() over (partition by customer_id order by sale_count desc, last_sale_at desc nulls last, store_id) = 1
),

final as (
    select
        coalesce(favourite.customer_id, nearest.customer_id) as customer_id,
        nearest.store_id as nearest_store_id,
        nearest.basis as nearest_store_basis,
        nearest.distance_km as nearest_store_km,
        favourite.store_id as favourite_store_id,
        favourite.sale_count as favourite_store_sale_count
    from favourite
    full outer join nearest on favourite.customer_id = nearest.customer_id
)

select * from final
