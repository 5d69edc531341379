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

personal as (
    select identifier as device_id from {{ ref('device_logins') }}
    union
    select identifier as device_id from {{ ref('customer_devices') }}
),

-- By the rules that hold for everybody's devices: strings, browser signals and answers of the preference centre count as well as buttons.
refused as (
    select distinct identifier as device_id
    from {{ ref('consent_identifier_status') }}
    where purpose_code = 'advertising' and is_refused and {{ is_device_identifier('identifier_type') }}
),

final as (
    select
        segments.device_id,
        segments.device_id_type,
        segments.provider,
        segments.segment_code,
        segments.segment_name,
        segments.confidence,
        segments.observed_at,
        segments.expires_on as licensed_until,
        segments.country,
        case
            when personal.device_id is not null then 'a person is known'
            when refused.device_id is not null then 'refused'
            when segments.expires_on is null then 'no licence'
            when segments.expires_on < cast(as_of.as_of_at as date) then 'licence ended'
            else 'usable'
        end as usability
    from segments
    cross join as_of
    left join personal on segments.device_id = personal.device_id
    left join refused on segments.device_id = refused.device_id
)

select * from final
