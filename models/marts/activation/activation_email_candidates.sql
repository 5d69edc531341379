with permitted as (
    select customer_id, identifier as email
    from {{ ref('consent_status') }}
    where
        is_permitted
        and purpose_code = 'marketing'
        and channel = 'email'
        and identifier_type = 'email'
),

customers as (
    select customer_id, country
    from {{ ref('customers') }}
),

memberships as (
    select segment_membership.customer_id, {{ sorted_list('segment_membership.segment_name') }} as segments
    from {{ ref('segment_membership') }} as segment_membership
    inner join {{ ref('segments') }} as segments on segment_membership.segment_name = segments.segment_name
    -- A segment declared for text messages only is no reason to write an e-mail.
    where segment_membership.purpose = 'marketing' and ', ' || segments.channels || ',' like '%, email,%'
    group by segment_membership.customer_id
),

-- The language a person last read a notice in.
languages as (
    select identifier as email, language
    from {{ ref('consent_events') }}
    where identifier_type = 'email' and language is not null
    qualify row_number() over (partition by identifier order by event_at desc, event_id) = 1
),

deliverability as (
    select identifier as email, is_deliverable
    from {{ ref('contact_deliverability') }}
    where identifier_type = 'email'
),

attributes as (
    select
        {{ stable_key(['permitted.customer_id', 'permitted.email']) }} as activation_id,
        permitted.customer_id,
        permitted.email,
        {{ sha256_hex(plain_email('permitted.email')) }} as email_sha256,
        customers.country,
        languages.language,
        memberships.segments,
        coalesce(deliverability.is_deliverable, true) as is_deliverable
    from permitted
    inner join customers on permitted.customer_id = customers.customer_id
    inner join memberships on permitted.customer_id = memberships.customer_id
    left join languages on permitted.email = languages.email
    left join deliverability on permitted.email = deliverability.email
),

final as (
    select
        activation_id,
        customer_id,
        email,
        email_sha256,
        country,
        language,
        segments,
        is_deliverable,
        {{ stable_key(['customer_id', 'email', 'country', 'language', 'segments', 'is_deliverable']) }} as row_hash
    from attributes
)

select * from final
