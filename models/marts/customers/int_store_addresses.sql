{{ config(schema='intermediate', materialized='view') }}

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
