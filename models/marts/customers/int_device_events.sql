{{ config(materialized='view', schema='intermediate') }}

{#- Every event that names a browser or a device, with all it says about who was there. -#}
{% set feeds = [
    ('segment', 'stg_segment__identifies', 'occurred_at', 'email', 'phone'),
    ('segment', 'stg_segment__tracks', 'occurred_at', none, none),
    ('segment', 'stg_segment__pages', 'occurred_at', none, none),
    ('consent', 'stg_consent__banner_events', 'event_at', none, none),
] %}

with final as (
    {% for source, model, time, email, phone in feeds if var(source ~ '_enabled') %}
    select
        anonymous_id,
        -- Some banners write the id of the browser into both fields.
        nullif(device_id, anonymous_id) as device_id,
        user_id,
        {{ email or 'cast(null as string)' }} as email,
        {{ phone or 'cast(null as string)' }} as phone,
        -- The clock of a visitor may run ahead, the time of receipt does not.
        least({{ time }}, received_at) as occurred_at
    from {{ ref(model) }}
    where coalesce(anonymous_id, device_id) is not null
    union all
    {% endfor %}
    -- Keeps the view typed when every source is switched off.
    {{ empty_rows({
        'anonymous_id': 'varchar', 'device_id': 'varchar', 'user_id': 'varchar', 'email': 'varchar', 'phone': 'varchar',
        'occurred_at': 'timestamp',
    }) }}
)

select * from final
