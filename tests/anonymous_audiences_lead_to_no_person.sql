-- No column of the anonymous marts names a person, and no value of theirs is a device or an identifier of one.
{% set person_columns = ['customer', 'person_', 'record_id', 'user', 'email', 'phone', 'holder', 'visitor'] %}
with known as (
    select lower(identifier) as device_key from {{ ref('customer_devices') }}
    union
    select lower(anonymous_id) as device_key from {{ ref('int_device_events') }}
    where coalesce(user_id, email, phone) is not null
    union
    select lower(device_id) as device_key from {{ ref('int_device_events') }}
    where coalesce(user_id, email, phone) is not null
    union
    select lower(identifier_value) as device_key from {{ ref('customer_identifiers') }}
    union
    select lower(identifier_value) as device_key from {{ ref('identity_record_identifiers') }}
)

{% for model in [ref('anonymous_audiences'), ref('anonymous_audience_devices')] %}
{% for column in adapter.get_columns_in_relation(model) if execute and column.name not in ['known_person_device_count'] %}
{% for word in person_columns if word in column.name | lower %}
select
    '{{ column.name }}' as value,
    'names a person' as problem
union all
{% endfor %}
{% endfor %}
{% endfor %}
select
    devices.device_id as value,
    'device of a person' as problem
from {{ ref('anonymous_audience_devices') }} as devices
inner join known on lower(devices.device_id) = known.device_key
union all
-- A device of an audience that is too small, or whose licence has ended.
select
    devices.device_id as value,
    'not to be used' as problem
from {{ ref('anonymous_audience_devices') }} as devices
inner join {{ ref('anonymous_audiences') }} as audiences on devices.audience_id = audiences.audience_id
cross join {{ ref('as_of_time') }} as as_of
where audiences.is_suppressed or devices.licensed_until < cast(as_of.as_of_at as date)
