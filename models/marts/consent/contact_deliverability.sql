{% if not var('klaviyo_enabled') %}
select
    cast(null as {{ dbt.type_string() }}) as identifier_type,
    cast(null as {{ dbt.type_string() }}) as identifier,
    cast(null as {{ dbt.type_timestamp() }}) as last_bounced_at,
    cast(null as {{ dbt.type_timestamp() }}) as last_arrived_at,
    cast(null as {{ dbt.type_boolean() }}) as is_deliverable
where false
{% else %}
with email_events as (
    select person_id, event_type, occurred_at
    from {{ ref('stg_klaviyo__events') }}
    where event_type in ('Bounced Email', 'Received Email', 'Opened Email', 'Clicked Email')
),

people as (
    select source_record_id, email
    from {{ ref('stg_klaviyo__people') }}
    where email is not null
),

outcomes as (
    select
        people.email,
        max(case when email_events.event_type = 'Bounced Email' then email_events.occurred_at end) as last_bounced_at,
        max(case when email_events.event_type <> 'Bounced Email' then email_events.occurred_at end) as last_arrived_at
    from email_events
    inner join people on email_events.person_id = people.source_record_id
    group by people.email
),

final as (
    select
        'email' as identifier_type,
        email as identifier,
        last_bounced_at,
        last_arrived_at,
        -- A message that arrived after the bounce shows that the address works again.
        last_bounced_at is null or coalesce(last_arrived_at > last_bounced_at, false) as is_deliverable
    from outcomes
)

select * from final
{% endif %}
