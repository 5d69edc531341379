{{ config(schema='intermediate') }}

with stores as (
    select * from {{ ref('int_store_addresses') }}
),

-- There are far fewer places than customers.
homes as (
    select distinct
        country,
        postal_key,
        town_key
    from {{ ref('int_customer_homes') }}
),

postal_codes as (
    select * from {{ ref('int_places') }}
    where place_type = 'postal code'
),

towns as (
    select * from {{ ref('int_places') }}
    where place_type = 'town'
),

-- Where people live is known by postal code or town only; where such a place is not known, the address itself has to tell.
{% for place in ['homes', 'stores'] %}
located_{{ place }} as (
    select
        {{ place }}.country,
        {{ place }}.postal_key,
        {{ place }}.town_key,
        {% if place == 'stores' %}
        stores.store_id,
        {% endif %}
        {% for axis in ['latitude', 'longitude'] %}
        cast(coalesce({{ 'case when stores.is_on_map then stores.' ~ axis ~ ' end, ' if place == 'stores' }}postal_codes.{{ axis }}, towns.{{ axis }}) as double) as {{ axis }},
        {% endfor %}
        case
            {% if place == 'stores' %}
            when stores.is_on_map then 'map'
            {% endif %}
            when postal_codes.latitude is not null then 'postal code'
            when towns.latitude is not null then 'town'
        end as basis
    from {{ place }}
    left join postal_codes
        on {{ place }}.country = postal_codes.country and {{ place }}.postal_key = postal_codes.place_key
    left join towns
        on {{ place }}.country = towns.country and {{ place }}.town_key = towns.place_key
),

{% endfor %}
-- A store is looked for in the squares of one degree around it, so that not every home meets every store. Away from the equator a degree to the east
-- is less far, so that more of them are looked at, and the day ends at a meridian, not the neighbourhood.
squares as (
    select
        located_stores.store_id,
        located_stores.latitude,
        located_stores.longitude,
        cast(floor(located_stores.latitude) as integer) + north.shift as square_latitude,
        (cast(floor(located_stores.longitude) as integer) + east.shift + 540) % 360 - 180 as square_longitude
    from located_stores
    cross join (values (-1), (0), (1)) as north (shift)
    cross join (values {% for shift in range(-6, 7) %}({{ shift }}){{ ', ' if not loop.last }}{% endfor %}) as east (shift)
    where
        located_stores.basis is not null
        and abs(east.shift) <= ceil(1 / cos(radians(least(abs(located_stores.latitude), 80))))
),

-- The great circle on a sphere of the Earth's mean radius.
by_distance as (
    select
        homes.country,
        homes.postal_key,
        homes.town_key,
        squares.store_id,
        homes.basis,
        0 as basis_rank,
        round(2 * 6371.0088 * asin(least(1.0, sqrt(
            power(sin(radians(squares.latitude - homes.latitude) / 2), 2)
            + cos(radians(homes.latitude)) * cos(radians(squares.latitude))
            * power(sin(radians(squares.longitude - homes.longitude) / 2), 2)
        ))), 1) as distance_km
    from located_homes as homes
    inner join squares
        on
            cast(floor(homes.latitude) as integer) = squares.square_latitude
            and (cast(floor(homes.longitude) as integer) + 540) % 360 - 180 = squares.square_longitude
),

-- Towns in one country may share a name: where both places are known, the distance has told already.
by_address as (
    {% for basis, condition in [
        ('postal code', 'homes.postal_key = stores.postal_key'),
        ('town', 'homes.town_key = stores.town_key'),
        ('postal area', 'left(homes.postal_key, length(homes.postal_key) - 2) = left(stores.postal_key, length(stores.postal_key) - 2) and length(homes.postal_key) > 3'),
    ] %}
    select
        homes.country,
        homes.postal_key,
        homes.town_key,
        stores.store_id,
        '{{ basis }}' as basis,
        {{ loop.index }} as basis_rank,
        cast(null as double) as distance_km
    from located_homes as homes
    inner join located_stores as stores on homes.country = stores.country and {{ condition }}
    where homes.basis is null or stores.basis is null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

candidates as (
    select * from by_distance
    union all
    select * from by_address
),

final as (
    select *
    from candidates
    qualify row_number() over (partition by country, postal_key, town_key order by basis_rank, distance_km, store_id) = 1
)

select
    country,
    postal_key,
    town_key,
    store_id,
    basis,
    cast(distance_km as double) as distance_km
from final
