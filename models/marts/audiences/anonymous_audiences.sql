{% set minimum_size = var('anonymous_audience_minimum_size') | int %}
with devices as (
    select * from {{ ref('int_third_party_devices') }}
),

counted as (
    select
        provider,
        segment_code,
        max({{ record({'observed_at': 'observed_at', 'segment_name': 'segment_name'}) }}) filter (where segment_name is not null)
            as latest_name,
        count(distinct case when usability = 'usable' then device_id end) as usable_count,
        count(distinct case when usability = 'a person is known' then device_id end) as known_person_count,
        count(distinct case when usability = 'refused' then device_id end) as refused_count,
        count(distinct case when usability in ('no licence', 'licence ended') then device_id end) as unlicensed_count,
        min(case when usability = 'usable' then licensed_until end) as first_licence_end,
        max(case when usability = 'usable' then observed_at end) as last_observed_at
    from devices
    group by provider, segment_code
),

final as (
    select
        *,
        usable_count < {{ minimum_size }} as is_suppressed
    from counted
)

select
    {{ stable_key(['provider', 'segment_code']) }} as audience_id,
    provider,
    segment_code,
    (latest_name).segment_name as segment_name,
    is_suppressed,
    -- How many a small audience has, of any kind, would tell of the few who are in it.
    cast(case when not is_suppressed then usable_count end as bigint) as device_count,
    {%- for count in ['known_person', 'refused', 'unlicensed'] %}
    cast(case when not is_suppressed or {{ count }}_count >= {{ minimum_size }} then {{ count }}_count end as bigint) as {{ count }}_device_count,
    {%- endfor %}
    case when not is_suppressed then first_licence_end end as first_licence_end,
    case when not is_suppressed then last_observed_at end as last_observed_at
from final
