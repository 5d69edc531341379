{{ config(schema='intermediate', cluster_by='identifier') }}

with events as (
    select *
    from {{ ref('int_device_events') }}
    where coalesce(user_id, email, phone) is not null and occurred_at is not null
),

known as (
    select identifier_type, identifier_value, customer_id, record_id
    from {{ ref('int_sole_identifiers') }}
),

-- The account decides; without one, the address and the number of a form do, unless they belong to two people.
identified as (
    select
        events.anonymous_id,
        events.device_id,
        events.occurred_at,
        case
            when events.user_id is not null then accounts.record_id
            when emails.customer_id <> phones.customer_id then null
            else coalesce(emails.record_id, phones.record_id)
        end as record_id
    from events
    left join known as accounts
        on accounts.identifier_type = 'user_id' and events.user_id = accounts.identifier_value
    left join known as emails
        on emails.identifier_type = 'email' and events.email = emails.identifier_value
    left join known as phones
        on phones.identifier_type = 'phone' and events.phone = phones.identifier_value
),

logins as (
    {% for identifier in device_identifier_types() %}
    select
        '{{ identifier }}' as identifier_type,
        {{ identifier }} as identifier,
        record_id,
        occurred_at as logged_in_at
    from identified
    where {{ identifier }} is not null and record_id is not null
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- Nearly every device has one user; only the logins on the others have to be put in order.
users as (
    select
        identifier_type,
        identifier,
        record_id,
        min(logged_in_at) as logged_in_at,
        max(logged_in_at) as last_login_at,
        count(*) as login_count,
        count(*) over (partition by identifier_type, identifier) as user_count
    from logins
    group by identifier_type, identifier, record_id
),

ordered as (
    select
        logins.*,
        lag(logins.record_id) over (
            partition by logins.identifier_type, logins.identifier
            order by logins.logged_in_at, logins.record_id
        ) as previous_record_id
    from logins
    inner join users
        on
            logins.identifier_type = users.identifier_type
            and logins.identifier = users.identifier
            and logins.record_id = users.record_id
    where users.user_count > 1
),

numbered as (
    select
        *,
        sum(case when record_id = previous_record_id then 0 else 1 end) over (
            partition by identifier_type, identifier
            order by logged_in_at, record_id
        ) as change_number
    from ordered
),

final as (
    select identifier_type, identifier, record_id, logged_in_at, last_login_at, cast(login_count as bigint) as login_count
    from users
    where user_count = 1
    union all
    select
        identifier_type,
        identifier,
        record_id,
        min(logged_in_at) as logged_in_at,
        max(logged_in_at) as last_login_at,
        cast(count(*) as bigint) as login_count
    from numbered
    group by identifier_type, identifier, record_id, change_number
)

select * from final
