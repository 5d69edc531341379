with outcomes as (
    {% if var('klaviyo_enabled') %}
    select
        people.email,
        case when {{ event_word('email_events.event_type') }} = 'bounced_email' then email_events.occurred_at end as bounced_at,
        case when {{ event_word('email_events.event_type') }} <> 'bounced_email' then email_events.occurred_at end as arrived_at
    from {{ ref('stg_klaviyo__events') }} as email_events
    inner join {{ ref('stg_klaviyo__people') }} as people on email_events.person_id = people.source_record_id
    where {{ event_word('email_events.event_type') }} in ('bounced_email', 'received_email', 'opened_email', 'clicked_email')
    union all
    {% endif %}
    {% if var('salesforce_enabled') %}
    -- The flag has no time of its own: the latest it can have been set.
    select
        email,
        coalesce(updated_at, created_at) as bounced_at,
        cast(null as {{ dbt.type_timestamp() }}) as arrived_at
    from {{ ref('stg_salesforce__contacts') }}
    where is_email_bounced
    union all
    {% endif %}
    select
        cast(null as string) as email,
        cast(null as {{ dbt.type_timestamp() }}) as bounced_at,
        cast(null as {{ dbt.type_timestamp() }}) as arrived_at
    where false
),

latest as (
    select
        email,
        max(bounced_at) as last_bounced_at,
        max(arrived_at) as last_arrived_at
    from outcomes
    where email is not null
    group by email
),

final as (
    select
        'email' as identifier_type,
        email as identifier,
        last_bounced_at,
        last_arrived_at,
        -- A message that arrived after the bounce shows that the address works again.
        last_bounced_at is null or coalesce(last_arrived_at > last_bounced_at, false) as is_deliverable
    from latest
)

select * from final
