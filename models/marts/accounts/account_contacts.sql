{% set parts = [] %}
{% if var('hubspot_enabled') %}{% do parts.append('hubspot_contacts') %}{% endif %}
{% if var('salesforce_enabled') %}{% do parts.append('salesforce_contacts') %}{% endif %}

with account_ids as (
    select * from {{ ref('account_ids') }}
),

people as (
    select
        customer_id,
        record_id,
        email,
        job_title,
        last_seen_at as observed_at
    from {{ ref('int_customer_records') }}
),

stated as (
    {% if 'hubspot_contacts' in parts %}
    select
        record_id,
        'hubspot:company:' || company_id as account_record_id
    from {{ ref('stg_hubspot__contacts') }}
    where company_id is not null
    union all
    {% endif %}
    {% if 'salesforce_contacts' in parts %}
    select
        record_id,
        'salesforce:account:' || account_id as account_record_id
    from {{ ref('stg_salesforce__contacts') }}
    where account_id is not null
    union all
    {% endif %}
    {{ empty_rows({'record_id': 'varchar', 'account_record_id': 'varchar'}) }}
),

-- A domain that two accounts show says of neither who works there.
domains as (
    select
        records.domain,
        min(account_ids.account_id) as account_id
    from {{ ref('int_account_records') }} as records
    inner join account_ids on records.account_record_id = account_ids.account_record_id
    where records.domain is not null
    group by records.domain
    having count(distinct account_ids.account_id) = 1
),

-- Departments and countries have mailboxes below the domain of their company (de.acme.com). The domains of accounts are registrable ones and none of
-- mailbox providers (int_account_records), so that nothing is below two of them and co.uk is nobody's.
mail_domains as (
    select distinct lower(split_part(email, '@', 2)) as mail_domain
    from people
    where email is not null
),

parent_domains as (
    {% for labels in range(4) %}
    select
        mail_domain,
        {{ "mail_domain" if labels == 0 else text_replace_all('mail_domain', '^([^.]+[.]){' ~ labels ~ '}', '') }} as parent_domain
    from mail_domains
    {{ "union" if not loop.last }}
    {% endfor %}
),

mailboxes as (
    select
        parent_domains.mail_domain,
        domains.account_id
    from parent_domains
    inner join domains on parent_domains.parent_domain = domains.domain
),

links as (
    select
        people.customer_id,
        account_ids.account_id,
        people.record_id,
        people.job_title,
        people.observed_at,
        1 as method_rank
    from stated
    inner join account_ids on stated.account_record_id = account_ids.account_record_id
    inner join people on stated.record_id = people.record_id
    union all
    select
        people.customer_id,
        mailboxes.account_id,
        people.record_id,
        people.job_title,
        people.observed_at,
        2 as method_rank
    from people
    inner join mailboxes on lower(split_part(people.email, '@', 2)) = mailboxes.mail_domain
),

grouped as (
    select
        customer_id,
        account_id,
        min(method_rank) as method_rank,
        count(distinct record_id) as record_count,
        max(observed_at) as last_observed_at,
        max({{ record({'observed_at': 'observed_at', 'record_id': 'record_id', 'job_title': 'job_title'}) }})
        filter (where job_title is not null) as latest_role
    from links
    group by customer_id, account_id
),

final as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by method_rank, last_observed_at desc nulls last, record_count desc, account_id
        ) as account_rank
    from grouped
)

select
    account_id,
    customer_id,
    case method_rank when 1 then 'stated by crm' else 'e-mail domain' end as link_method,
    (latest_role).job_title as job_title,
    cast(record_count as bigint) as record_count,
    last_observed_at,
    account_rank = 1 as is_primary_account
from final
