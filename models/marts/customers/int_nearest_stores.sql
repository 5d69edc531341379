{{ config(schema='intermediate') }}

{#-
    Where people live is known by postal code or town only. Places are taken from a table of the project's own
    (var postal_code_places_relation), else from the stores that lie in them. Where a place is not known, the address itself has to tell.
-#}
{%- set places_relation = var('postal_code_places_relation') %}

with stores as (
    {% if var('pos_enabled') %}
    select
        store_id,
        upper(country) as country,
        {{ postal_key('postal_code') }} as postal_key,
        {{ town_key('city') }} as town_key,
        -- A store at 0, 0 is in the sea: nobody has entered where it is.
        latitude between -90 and 90 and longitude between -180 and 180 and not (latitude = 0 and longitude = 0) as is_on_map,
        latitude,
        longitude
    from {{ ref('stg_pos__stores') }}
    {% else %}
    {{ empty_rows({
        'store_id': 'varchar', 'country': 'varchar', 'postal_key': 'varchar', 'town_key': 'varchar', 'is_on_map': 'boolean',
        'latitude': 'double', 'longitude': 'double',
    }) }}
    {% endif %}
),

-- There are far fewer places than customers.
homes as (
    select distinct
        upper(country) as country,
        coalesce({{ postal_key('postal_code') }}, '') as postal_key,
        coalesce({{ town_key('city') }}, '') as town_key
    from {{ ref('int_customer_golden_values') }}
    where country is not null and coalesce(postal_code, city) is not null
),

-- Averages are rounded, so that they do not depend on the order of addition.
postal_codes as (
    {% if places_relation %}
    select
        upper(country) as country,
        {{ postal_key('cast(postal_code as ' ~ dbt.type_string() ~ ')') }} as postal_key,
        round(avg(latitude), 6) as latitude,
        round(avg(longitude), 6) as longitude
    from {{ places_relation }}
    group by 1, 2
    {% else %}
    select
        country,
        postal_key,
        round(avg(latitude), 6) as latitude,
        round(avg(longitude), 6) as longitude
    from stores
    where is_on_map and postal_key is not null
    group by country, postal_key
    {% endif %}
),

towns as (
    select
        country,
        town_key,
        round(avg(latitude), 6) as latitude,
        round(avg(longitude), 6) as longitude
    from stores
    where is_on_map and town_key is not null
    group by country, town_key
),

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
        on {{ place }}.country = postal_codes.country and {{ place }}.postal_key = postal_codes.postal_key
    left join towns
        on {{ place }}.country = towns.country and {{ place }}.town_key = towns.town_key
),

{% endfor %}
-- A store is looked for in the squares of one degree around it, so that not every home meets every store.
squares as (
    select
        located_stores.store_id,
        located_stores.latitude,
        located_stores.longitude,
        floor(located_stores.latitude) + north.shift as square_latitude,
        floor(located_stores.longitude) + east.shift as square_longitude
    from located_stores
    cross join (values (-1), (0), (1)) as north (shift)
    cross join (values (-1), (0), (1)) as east (shift)
    where located_stores.basis is not null
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
        on floor(homes.latitude) = squares.square_latitude and floor(homes.longitude) = squares.square_longitude
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
