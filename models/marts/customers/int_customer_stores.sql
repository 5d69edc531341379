{{ config(schema='intermediate') }}
{#
    The store a customer buys at most, and the one next to home. Nobody's home is on a map, so what is next is told by the address: a store
    with the same postal code, in the same town, or in the same postal area (all but the last two characters of the code).
#}
with stores as (
    {% if var('pos_enabled') %}
    select
        store_id,
        country,
        {{ name_key('postal_code') }} as postal_key,
        {{ name_key('city') }} as city_key
    from {{ ref('stg_pos__stores') }}
    {% else %}
    {{ empty_rows({'store_id': 'varchar', 'country': 'varchar', 'postal_key': 'varchar', 'city_key': 'varchar'}) }}
    {% endif %}
),

customers as (
    select
        customer_id,
        address_country as country,
        {{ name_key('postal_code') }} as postal_key,
        {{ name_key('city') }} as city_key
    from {{ ref('int_customer_golden_values') }}
    where address_country is not null and coalesce(postal_code, city) is not null
),

-- Places, not people, are compared with stores: there are far fewer.
places as (
    select distinct country, postal_key, city_key from customers
),

near as (
    {% for basis, condition in [
        ('postal code', 'places.postal_key = stores.postal_key'),
        ('town', 'places.city_key = stores.city_key'),
        ('postal area', 'left(places.postal_key, length(places.postal_key) - 2) = left(stores.postal_key, length(stores.postal_key) - 2) and length(places.postal_key) > 3'),
    ] %}
    select
        places.country,
        places.postal_key,
        places.city_key,
        stores.store_id,
        '{{ basis }}' as basis,
        {{ loop.index }} as basis_rank
    from places
    inner join stores on places.country = stores.country and {{ condition }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

nearest as (
    select *
    from near
    qualify row_number() over (partition by country, postal_key, city_key order by basis_rank, store_id) = 1
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

at_home as (
    select
        customers.customer_id,
        nearest.store_id,
        nearest.basis
    from customers
    inner join nearest
        on
            customers.country = nearest.country
            and coalesce(customers.postal_key, '') = coalesce(nearest.postal_key, '')
            and coalesce(customers.city_key, '') = coalesce(nearest.city_key, '')
),

final as (
    select
        coalesce(favourite.customer_id, at_home.customer_id) as customer_id,
        at_home.store_id as nearest_store_id,
        at_home.basis as nearest_store_basis,
        favourite.store_id as favourite_store_id,
        favourite.sale_count as favourite_store_sale_count
    from favourite
    full outer join at_home on favourite.customer_id = at_home.customer_id
)

select * from final
