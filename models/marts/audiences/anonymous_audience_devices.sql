{{ config(cluster_by='device_id') }}

with devices as (
    select * from {{ ref('int_third_party_devices') }}
    where usability = 'usable'
),

audiences as (
    select * from {{ ref('anonymous_audiences') }}
    where not is_suppressed
),

final as (
    select
        audiences.audience_id,
        devices.device_id,
        devices.device_id_type,
        devices.provider,
        devices.segment_code,
        devices.confidence,
        devices.observed_at,
        devices.licensed_until,
        devices.country
    from devices
    inner join audiences on devices.provider = audiences.provider and devices.segment_code = audiences.segment_code
)

select
    audience_id,
    device_id,
    device_id_type,
    provider,
    segment_code,
    confidence,
    observed_at,
    licensed_until,
    country
from final
