{{ config(schema='intermediate', materialized='view') }}
{#-
    Postal codes are taken from a table of the project's own (var postal_code_places_relation), else from the stores that lie in them.
    Averages are rounded, so that they do not depend on the order of addition.
-#}
{%- set places_relation = var('postal_code_places_relation') %}

with stores as (
    select * from {{ ref('int_store_addresses') }}
    where is_on_map
),

postal_codes as (
    {% if places_relation %}
    select
        upper(country) as country,
        {{ postal_key('cast(postal_code as string)') }} as postal_key,
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
    where postal_key is not null
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
    where town_key is not null
    group by country, town_key
),

final as (
    select
        'postal code' as place_type,
        country,
        postal_key as place_key,
        latitude,
        longitude
    from postal_codes
    union all
    select
        'town' as place_type,
        country,
        town_key as place_key,
        latitude,
        longitude
    from towns
)

select * from final
