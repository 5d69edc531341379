{{ config(schema='intermediate', cluster_by='device_id') }}
{#
    What providers say about devices, and whether an anonymous audience may use it. A device that anybody has logged in on is a person's, not
    anonymous: what is bought about it never meets what is known of the customer.
#}
with segments as (
    {% if var('thirdparty_enabled') %}
    select * from {{ ref('stg_thirdparty__device_segments') }}
    {% else %}
    {{ empty_rows({
        'device_id': 'varchar', 'device_id_type': 'varchar', 'provider': 'varchar', 'segment_code': 'varchar', 'segment_name': 'varchar',
        'confidence': 'double', 'observed_at': 'timestamp', 'expires_on': 'date', 'country': 'varchar',
    }) }}
    {% endif %}
),

as_of as (
    select max(as_of_at) as as_of_at from {{ ref('as_of_time') }}
),

-- Advertising ids come in capitals from some tools and in small letters from others; one in both spellings is one device.
devices as (
    select
        *,
        lower(device_id) as device_key
    from segments
    qualify row_number() over (
        partition by lower(device_id), provider, segment_code
        order by observed_at desc nulls last, device_id
    ) = 1
),

-- Somebody logged in, whether or not it can be told which customer it was.
personal as (
    {% for identifier in device_identifier_types() %}
    select lower({{ identifier }}) as device_key
    from {{ ref('int_device_events') }}
    where {{ identifier }} is not null and coalesce(user_id, email, phone) is not null
    union
    {% endfor %}
    select lower(identifier) as device_key from {{ ref('customer_devices') }}
),

-- By the rules that hold for everybody's devices: strings, browser signals and answers of the preference centre count as well as buttons.
refused as (
    select distinct lower(identifier) as device_key
    from {{ ref('consent_identifier_status') }}
    where purpose_code = 'advertising' and is_refused and {{ is_device_identifier('identifier_type') }}
),

final as (
    select
        devices.device_id,
        devices.device_id_type,
        devices.provider,
        devices.segment_code,
        devices.segment_name,
        devices.confidence,
        devices.observed_at,
        devices.expires_on as licensed_until,
        devices.country,
        case
            when personal.device_key is not null then 'a person is known'
            when refused.device_key is not null then 'refused'
            when devices.expires_on is null then 'no licence'
            when devices.expires_on < cast(as_of.as_of_at as date) then 'licence ended'
            else 'usable'
        end as usability
    from devices
    cross join as_of
    left join personal on devices.device_key = personal.device_key
    left join refused on devices.device_key = refused.device_key
)

select * from final
