{{ config(enabled=var('segment_enabled'), cluster_by='record_id') }}

{#- A user is described over many calls, each with some of the traits: the latest value of each trait counts. -#}
{%- set traits = [
    'given_name', 'family_name', 'birth_date', 'gender', 'email', 'phone',
    'street_address', 'city', 'postal_code', 'country',
] -%}

with identifies as (

    select
        *,
        coalesce(user_id, anonymous_id) as source_record_id
    from {{ ref('stg_segment__identifies') }}
    where coalesce(user_id, anonymous_id) is not null

),

-- Calls at the same instant are ordered by id, so that the same data give the same user.
ordered as (

    select
        *,
        row_number() over (partition by source_record_id order by occurred_at nulls first, event_id) as call_number
    from identifies

),

final as (

    select
        'segment:user:' || source_record_id as record_id,
        source_record_id,
        max(user_id) as user_id,
        max_by(anonymous_id, call_number) filter (where anonymous_id is not null) as anonymous_id,
        max_by(device_id, call_number) filter (where device_id is not null) as device_id,
        {%- for trait in traits %}
        max_by({{ trait }}, call_number) filter (where {{ trait }} is not null) as {{ trait }},
        {%- endfor %}
        min(occurred_at) as created_at,
        max(occurred_at) as updated_at
    from ordered
    group by source_record_id

)

select
    record_id,
    source_record_id,
    user_id,
    anonymous_id,
    device_id,
    {%- for trait in traits %}
    {{ trait }},
    {%- endfor %}
    created_at,
    updated_at
from final
