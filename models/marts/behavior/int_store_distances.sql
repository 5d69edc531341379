{{ config(schema='intermediate') }}

{#-
    Where customers live is known by postal code or city only. Places are taken from a table of the project's own
    (var postal_code_places_relation), else from the stores that lie in them.
-#}
{%- set places_relation = var('postal_code_places_relation') %}

with stores as (
    {% if var('pos_enabled') %}
    select
        store_id,
        upper(country) as country,
        {{ text_replace_all('upper(postal_code)', '[ -]', '') }} as postal_code,
        lower(trim(city)) as city,
        latitude,
        longitude
    from {{ ref('stg_pos__stores') }}
    -- A store at 0, 0 is in the sea: nobody has entered where it is.
    where latitude between -90 and 90 and longitude between -180 and 180 and not (latitude = 0 and longitude = 0)
    {% else %}
    {{ empty_rows({
        'store_id': 'varchar', 'country': 'varchar', 'postal_code': 'varchar', 'city': 'varchar', 'latitude': 'double',
        'longitude': 'double',
    }) }}
    {% endif %}
),

customers as (
    select
        customer_id,
        upper(country) as country,
        {{ text_replace_all('upper(postal_code)', '[ -]', '') }} as postal_code,
        lower(trim(city)) as city
    from {{ ref('customers') }}
    where country is not null and coalesce(postal_code, city) is not null
),

postal_codes as (
    {% if places_relation %}
    select
        upper(country) as country,
        {{ text_replace_all('upper(cast(postal_code as ' ~ dbt.type_string() ~ '))', '[ -]', '') }} as postal_code,
        cast(avg(latitude) as double) as latitude,
        cast(avg(longitude) as double) as longitude
    from {{ places_relation }}
    group by 1, 2
    {% else %}
    select
        country,
        postal_code,
        avg(latitude) as latitude,
        avg(longitude) as longitude
    from stores
    where postal_code is not null
    group by country, postal_code
    {% endif %}
),

cities as (
    select
        country,
        city,
        avg(latitude) as latitude,
        avg(longitude) as longitude
    from stores
    where city is not null
    group by country, city
),

-- There are far fewer places than customers. Averages are rounded, so that they do not depend on the order of addition.
homes as (
    select
        places.country,
        places.postal_code,
        places.city,
        round(coalesce(postal_codes.latitude, cities.latitude), 6) as latitude,
        round(coalesce(postal_codes.longitude, cities.longitude), 6) as longitude
    from (select distinct country, postal_code, city from customers) as places
    left join postal_codes
        on places.country = postal_codes.country and places.postal_code = postal_codes.postal_code
    left join cities
        on places.country = cities.country and places.city = cities.city
    where coalesce(postal_codes.latitude, cities.latitude) is not null
),

-- A store is looked for in the squares of one degree around it, so that not every home meets every store.
squares as (
    select
        stores.store_id,
        stores.latitude,
        stores.longitude,
        floor(stores.latitude) + north.shift as square_latitude,
        floor(stores.longitude) + east.shift as square_longitude
    from stores
    cross join (values (-1), (0), (1)) as north (shift)
    cross join (values (-1), (0), (1)) as east (shift)
),

-- The great circle on a sphere of the Earth's mean radius.
distances as (
    select
        homes.country,
        homes.postal_code,
        homes.city,
        squares.store_id,
        round(2 * 6371.0088 * asin(least(1.0, sqrt(
            power(sin(radians(squares.latitude - homes.latitude) / 2), 2)
            + cos(radians(homes.latitude)) * cos(radians(squares.latitude))
            * power(sin(radians(squares.longitude - homes.longitude) / 2), 2)
        ))), 1) as distance_km
    from homes
    inner join squares
        on floor(homes.latitude) = squares.square_latitude and floor(homes.longitude) = squares.square_longitude
),

nearest as (
    select
        country,
        postal_code,
        city,
        store_id,
        distance_km
    from distances
    qualify row_number() over (partition by country, postal_code, city order by distance_km, store_id) = 1
),

final as (
    select
        customers.customer_id,
        nearest.store_id as closest_store_id,
        nearest.distance_km as nearest_store_km
    from customers
    inner join nearest
        on
            customers.country = nearest.country
            and coalesce(customers.postal_code, '') = coalesce(nearest.postal_code, '')
            and coalesce(customers.city, '') = coalesce(nearest.city, '')
)

select
    customer_id,
    closest_store_id,
    cast(nearest_store_km as double) as nearest_store_km
from final
