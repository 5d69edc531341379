{#
  What each destination is given: one declaration, from which consent, segments, tables and tests are made.
    identifier_type  what consent_status knows the contact point by: 'email', 'phone' or 'device_id'; 'person' where the person as a whole is asked
    contact_column   the column that holds that contact point (customer_id for the person)
    permissions      purposes and channels that must all be permitted
    keys             columns by which the destination knows somebody; a deletion keeps them until activation_exit_days have passed
    matched_by       which of the keys find somebody by themselves: by kind, columns that say the same, of which the last is compared. A deletion
                     does not name what somebody who is in is found by; where a row stays, what it is found by no longer is deleted alone
    attributes       everything else the destination sees
#}
{% macro activation_destinations() %}
    {% set messaging = {'country': 'varchar', 'language': 'varchar', 'segments': 'varchar'} %}
    {% set profile = dict(activation_profile_columns(), segments='varchar') %}
    {% set hashed = {
        'email_norm': 'varchar', 'email_sha256': 'varchar', 'phone_norm': 'varchar', 'phone_sha256': 'varchar',
        'given_name_norm': 'varchar', 'given_name_sha256': 'varchar', 'family_name_norm': 'varchar', 'family_name_sha256': 'varchar',
    } %}
    {% set hashes = {'email': ['email_norm', 'email_sha256'], 'phone': ['phone_norm', 'phone_sha256']} %}
    {% set advertising = [
        {'purpose': 'advertising', 'channel': 'any'}, {'purpose': 'sale_or_share', 'channel': 'any'},
    ] %}
    {{ return({
        'email': {
            'identifier_type': 'email', 'contact_column': 'email', 'permissions': [{'purpose': 'marketing', 'channel': 'email'}],
            'segment_channel': 'email', 'keys': {'email': 'varchar', 'email_sha256': 'varchar'},
            'matched_by': {'email': ['email', 'email_sha256']},
            'attributes': dict(messaging, is_deliverable='boolean'),
        },
        'sms': {
            'identifier_type': 'phone', 'contact_column': 'phone', 'permissions': [{'purpose': 'marketing', 'channel': 'sms'}],
            'segment_channel': 'sms', 'keys': {'phone': 'varchar'}, 'matched_by': {'phone': ['phone']}, 'attributes': messaging,
        },
        'push': {
            'identifier_type': 'device_id', 'contact_column': 'device_id', 'permissions': [{'purpose': 'marketing', 'channel': 'push'}],
            'segment_channel': 'push', 'keys': {'device_id': 'varchar'}, 'matched_by': {'device': ['device_id']}, 'attributes': messaging,
        },
        'google': {
            'identifier_type': 'person', 'contact_column': 'customer_id', 'permissions': advertising, 'segment_channel': 'ads',
            'matched_by': hashes,
            'keys': dict(hashed, postal_code='varchar', country='varchar'),
            'attributes': {'ad_user_data': 'varchar', 'ad_personalization': 'varchar', 'segments': 'varchar'},
        },
        'meta': {
            'identifier_type': 'person', 'contact_column': 'customer_id', 'permissions': advertising, 'segment_channel': 'ads',
            'matched_by': hashes,
            'keys': dict(hashed, **{
                'city_norm': 'varchar', 'city_sha256': 'varchar', 'postal_code_norm': 'varchar', 'postal_code_sha256': 'varchar',
                'country_norm': 'varchar', 'country_sha256': 'varchar',
            }),
            'attributes': {'segments': 'varchar'},
        },
        'crm': {
            'identifier_type': 'person', 'contact_column': 'customer_id',
            'permissions': [{'purpose': 'personalization', 'channel': 'any'}],
            'keys': {'crm_system': 'varchar', 'crm_contact_id': 'varchar'}, 'matched_by': {'contact': ['crm_contact_id']},
            'attributes': profile,
        },
        'profile': {
            'identifier_type': 'person', 'contact_column': 'customer_id',
            'permissions': [{'purpose': 'personalization', 'channel': 'any'}],
            'keys': {'email': 'varchar', 'phone': 'varchar'},
            'attributes': dict(
                profile, given_name='varchar', family_name='varchar', country='varchar',
                is_marketing_email_permitted='boolean', is_marketing_sms_permitted='boolean', is_marketing_phone_permitted='boolean',
                is_analytics_permitted='boolean', is_personalization_permitted='boolean', is_advertising_permitted='boolean',
                is_sale_or_share_permitted='boolean'
            ),
        },
    }) }}
{% endmacro %}

{# Columns of customers that destinations for profiles are given. #}
{% macro activation_profile_columns() %}
    {{ return({
        'lifecycle_stage': 'varchar', 'rfm_segment': 'varchar', 'order_count': 'bigint', 'net_revenue': 'decimal(18,2)',
        'average_order_value': 'decimal(18,2)', 'reporting_currency': 'varchar', 'last_order_at': 'timestamp', 'nps_score': 'integer',
    }) }}
{% endmacro %}

{% macro activation_destination(destination) %}
    {{ return(activation_destinations()[destination]) }}
{% endmacro %}


{# Customer and contact point that everything is permitted for which the destination is used for. #}
{% macro permitted_contacts(destination) -%}
    {%- set declared = activation_destination(destination) -%}
    select
        customer_id,
        identifier
    from {{ ref('consent_status') }}
    where
        is_permitted
        and identifier_type = '{{ declared.identifier_type }}'
        and (
            {%- for permission in declared.permissions %}
            {{ 'or ' if not loop.first }}(purpose_code = '{{ permission.purpose }}' and channel = '{{ permission.channel }}')
            {%- endfor %}
        )
    group by customer_id, identifier
    having count(*) = {{ declared.permissions | length }}
{%- endmacro %}


{# True for a status that a signal refuses, not a default. #}
{% macro was_refused() -%}
    (status in ('withdrawn', 'objected') or (status = 'denied' and deciding_event_id is not null))
{%- endmacro %}

{# Customer and contact point that something the destination is used for was refused for by a signal, not by a default. #}
{% macro withdrawn_contacts(destination) -%}
    {%- set declared = activation_destination(destination) -%}
    select distinct
        customer_id,
        identifier
    from {{ ref('consent_status') }}
    where
        {{ was_refused() }}
        and identifier_type = '{{ declared.identifier_type }}'
        and (
            {%- for permission in declared.permissions %}
            {{ 'or ' if not loop.first }}(purpose_code = '{{ permission.purpose }}' and channel = '{{ permission.channel }}')
            {%- endfor %}
        )
{%- endmacro %}


{# Addresses at which somebody has refused or withdrawn, not by a default: not even their hash is given away. #}
{% macro refused_contacts() -%}
    select distinct
        customer_id,
        identifier_type,
        identifier
    from {{ ref('consent_status') }}
    where purpose_code = 'marketing' and {{ was_refused() }}
{%- endmacro %}


{# True for a segment that is declared for a purpose and the channel of a destination. #}
{% macro is_meant_for(declared, purpose='segments.purpose') -%}
    {{ purpose }} in ({% for permission in declared.permissions %}'{{ permission.purpose }}'{{ ', ' if not loop.last }}{% endfor %})
        and ', ' || segments.channels || ',' like '%, {{ declared.segment_channel }},%'
{%- endmacro %}


{#
  Names of the segments a destination may know a customer by: declared for its purposes and its channel; without a channel
  (profiles), every segment whose purpose the customer permits.
#}
{% macro destination_segments(destination) -%}
    {%- set declared = activation_destination(destination) -%}
    select
        memberships.customer_id,
        {{ sorted_list('memberships.segment_name') }} as segments
    from {{ ref('segment_membership') }} as memberships
    inner join {{ ref('segments') }} as segments on memberships.segment_name = segments.segment_name
    {%- if not declared.segment_channel %}
    inner join (
        select distinct customer_id, purpose_code
        from {{ ref('consent_status') }}
        where is_permitted
    ) as permitted_purposes
        on memberships.customer_id = permitted_purposes.customer_id and memberships.purpose = permitted_purposes.purpose_code
    {%- endif %}
    where
        -- Few members could be told from one another.
        coalesce(segments.member_count, 0) >= coalesce(segments.minimum_size, 0)
        {%- if declared.segment_channel %}
        -- A segment declared for other channels is no reason to contact anybody here.
        and {{ is_meant_for(declared, 'memberships.purpose') }}
        {%- endif %}
    group by memberships.customer_id
{%- endmacro %}


{# The rows of a destination with key and hash; `relation` has customer_id, the keys and the attributes. `identity` makes the key. #}
{% macro activation_rows(destination, relation, identity) -%}
    {%- set declared = activation_destination(destination) -%}
    {%- set columns = declared['keys'].keys() | list + declared.attributes.keys() | list -%}
    select
        {{ stable_key(['customer_id'] + identity) }} as activation_id,
        customer_id,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ stable_key(['customer_id'] + columns) }} as row_hash
    from {{ relation }}
{%- endmacro %}


{#
  One row for each key ever published: entries, changes and exits. Rows move only when what the destination sees does, and then
  updated_at is later than every earlier one, so that a tool that asks for "changed since" misses nothing.
#}
{% macro activation_state(destination) %}
    {%- set declared = activation_destination(destination) -%}
    {%- set columns = dict(declared['keys'], **declared.attributes) -%}
    {%- set matched_by = declared.get('matched_by', {}) -%}
    {%- set found_by = {} -%}
    {%- for kind, same in matched_by.items() -%}{%- for column in same -%}{%- do found_by.update({column: kind}) -%}{%- endfor -%}{%- endfor -%}
    {#- With one way to be found the row goes when that does. -#}
    {%- set recalled = matched_by if matched_by | length > 1 else {} -%}
    {%- set unknown_time = 'cast(null as ' ~ dbt.type_timestamp() ~ ')' -%}
    {%- set origin = "cast('1970-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ')' -%}
    {#- Named outside of any condition, so that dbt sees at parse time what the model depends on. -#}
    {%- set customers = ref('customers') -%}
    {%- set redirects = ref('customer_id_redirects') -%}
    {%- set contacts = ref('consent_status') -%}
    {%- set stays = ref('segment_membership_history') -%}
    {%- set segments = ref('segments') -%}
    {%- set permitted = permitted_contacts(destination) -%}
    {%- set withdrawn = withdrawn_contacts(destination) -%}
    {%- set forgotten = stable_key(['published.activation_id', "'forgotten'"]) -%}
with candidates as (
    select * from {{ ref('activation_' ~ destination ~ '_candidates') }}
),

as_of as (
    select coalesce({{ as_of() }}, {{ origin }}) as as_of_at
),

    {% if is_incremental() %}
published as (
    select * from {{ this }}
),

clock as (
    select
        as_of.as_of_at,
        greatest(as_of.as_of_at, coalesce({{ dbt.dateadd('second', 1, 'latest.updated_at') }}, {{ origin }})) as changed_at
    from as_of
    cross join (select max(updated_at) as updated_at from published) as latest
),

customers as (
    select customer_id from {{ customers }}
),

permitted as (
    {{ permitted }}
),

members as (
    select
        candidates.*,
        false as is_deleted,
        cast(null as string) as exit_reason,
        case when published.is_deleted = false then published.entered_at else clock.changed_at end as entered_at,
        {{ unknown_time }} as exited_at,
        clock.changed_at as updated_at
    from candidates
    cross join clock
    left join published on candidates.activation_id = published.activation_id
    where published.activation_id is null or published.is_deleted or candidates.row_hash <> published.row_hash
),

gone as (
    select
        published.*,
        clock.changed_at
    from published
    cross join clock
    left join candidates on published.activation_id = candidates.activation_id
    where not published.is_deleted and candidates.activation_id is null
),

withdrawn as (
    {{ withdrawn }}
),

contacts as (
    select distinct customer_id, identifier
    from {{ contacts }}
    where identifier_type = '{{ declared.identifier_type }}' and customer_id in (select customer_id from gone)
),

redirects as (
    select old_customer_id, current_customer_id from {{ redirects }}
),
    {% if declared.segment_channel %}
-- Of whoever is in no segment of this destination any more: when the last stay ended, and when one did because its time was over.
last_stays as (
    select
        stays.customer_id,
        max(stays.exited_at) as exited_at,
        max(case when stays.exit_reason = 'expired' then stays.exited_at end) as expired_at
    from {{ stays }} as stays
    inner join (select distinct customer_id from gone) as leavers on stays.customer_id = leavers.customer_id
    inner join {{ segments }} as segments on stays.segment_name = segments.segment_name
    where {{ is_meant_for(declared) }}
    group by stays.customer_id
    having max(case when stays.is_current then 1 else 0 end) = 0
),
    {% endif %}
reasoned as (
    select
        gone.*,
        case
            when customers.customer_id is null and redirects.current_customer_id is not null then 'merged into ' || redirects.current_customer_id
            when customers.customer_id is null then 'customer no longer exists'
            when contacts.customer_id is null then 'contact point gone'
            when permitted.customer_id is null and withdrawn.customer_id is not null then 'consent withdrawn'
            when permitted.customer_id is null then 'no longer permitted'
            {%- if declared.segment_channel %}
            when last_stays.expired_at = last_stays.exited_at then 'expired'
            when last_stays.customer_id is not null then 'no longer qualifies'
            {%- endif %}
            else 'no longer selected'
        end as reason
    from gone
    left join customers on gone.customer_id = customers.customer_id
    left join redirects on gone.customer_id = redirects.old_customer_id
    {%- for relation in ['contacts', 'permitted', 'withdrawn'] %}
    left join {{ relation }}
        on gone.customer_id = {{ relation }}.customer_id and gone.{{ declared.contact_column }} = {{ relation }}.identifier
    {%- endfor %}
    {%- if declared.segment_channel %}
    left join last_stays on gone.customer_id = last_stays.customer_id
    {%- endif %}
),

    {%- for kind, columns in matched_by.items() %}
held_{{ kind }}s as (
    select distinct {{ columns | last }} as held
    from candidates
    where {{ columns | last }} is not null
),
    {% endfor %}
exits as (
    select
        reasoned.activation_id,
        reasoned.customer_id,
        {%- for column in declared['keys'] %}
        {{ 'case when held_' ~ found_by[column] ~ 's.held is null then reasoned.' ~ column ~ ' end as ' ~ column if column in found_by else 'reasoned.' ~ column }},
        {%- endfor %}
        {%- for column, type in declared.attributes.items() %}
        cast(null as {{ engine_type(type) }}) as {{ column }},
        {%- endfor %}
        {{ stable_key(['reasoned.activation_id', "'deleted'", 'reasoned.reason']) }} as row_hash,
        true as is_deleted,
        reasoned.reason as exit_reason,
        reasoned.entered_at,
        reasoned.changed_at as exited_at,
        reasoned.changed_at as updated_at
    from reasoned
    {%- for kind, columns in matched_by.items() %}
    left join held_{{ kind }}s on reasoned.{{ columns | last }} = held_{{ kind }}s.held
    {%- endfor %}
),

    {%- for kind, columns in recalled.items() %}
-- The row stays, but is not to be found by this any more: it was refused or replaced, and the destination has it until it is told.
recalled_{{ kind }}s as (
    select
        {{ stable_key(['published.activation_id', "'" ~ kind ~ "'", 'published.' ~ columns | last]) }} as activation_id,
        published.customer_id,
        {%- for column, type in declared['keys'].items() %}
        {{ 'published.' ~ column if column in columns else 'cast(null as ' ~ engine_type(type) ~ ') as ' ~ column }},
        {%- endfor %}
        {%- for column, type in declared.attributes.items() %}
        cast(null as {{ engine_type(type) }}) as {{ column }},
        {%- endfor %}
        -- With the time, so that who compares hashes is told again when what came back is recalled again.
        {{ stable_key(['published.activation_id', "'recalled'", "'" ~ kind ~ "'", 'published.' ~ columns | last, 'clock.changed_at']) }} as row_hash,
        true as is_deleted,
        'contact point gone' as exit_reason,
        published.entered_at,
        clock.changed_at as exited_at,
        clock.changed_at as updated_at
    from published
    cross join clock
    inner join candidates on published.activation_id = candidates.activation_id
    left join held_{{ kind }}s on published.{{ columns | last }} = held_{{ kind }}s.held
    where
        not published.is_deleted
        and published.{{ columns | last }} is not null
        and held_{{ kind }}s.held is null
),
    {% endfor %}
-- The destination has had its time to delete: whom the row was about is nobody's business any more.
forgotten as (
    select
        published.activation_id,
        published.customer_id,
        {%- for column, type in columns.items() %}
        cast(null as {{ engine_type(type) }}) as {{ column }},
        {%- endfor %}
        {{ forgotten }} as row_hash,
        true as is_deleted,
        published.exit_reason,
        published.entered_at,
        published.exited_at,
        clock.changed_at as updated_at
    from published
    cross join clock
    left join candidates on published.activation_id = candidates.activation_id
    where
        published.is_deleted
        and candidates.activation_id is null
        and published.row_hash <> {{ forgotten }}
        and {{ dbt.dateadd('day', var('activation_exit_days'), 'published.exited_at') }} < clock.as_of_at
),

final as (
    select * from members
    union all
    select * from exits
    {%- for kind in recalled %}
    union all
    select * from recalled_{{ kind }}s
    {%- endfor %}
    union all
    select * from forgotten
    {%- if recalled %}
    -- What is recalled once more has not been forgotten.
    where activation_id not in ({% for kind in recalled %}select activation_id from recalled_{{ kind }}s{{ ' union all ' if not loop.last }}{% endfor %})
    {%- endif %}
)
    {% else %}
final as (
    select
        candidates.*,
        false as is_deleted,
        cast(null as string) as exit_reason,
        as_of.as_of_at as entered_at,
        {{ unknown_time }} as exited_at,
        as_of.as_of_at as updated_at
    from candidates
    cross join as_of
)
    {% endif %}

select
    activation_id,
    customer_id,
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    is_deleted,
    exit_reason,
    row_hash,
    cast(entered_at as {{ dbt.type_timestamp() }}) as entered_at,
    cast(exited_at as {{ dbt.type_timestamp() }}) as exited_at,
    cast(updated_at as {{ dbt.type_timestamp() }}) as updated_at
from final
    {#- A dry run (dbt build --empty) sees nobody; it must not write that everybody left. #}
    {% if flags.EMPTY %}where false{% endif %}
{% endmacro %}


{# What is true now, for tools that compare everything with what they sent last. #}
{% macro activation_current(destination) %}
    {%- set declared = activation_destination(destination) -%}
    {#- A dry run (dbt build --empty) sees nobody; it must not write that everybody left. -#}
    {%- set columns = declared['keys'].keys() | list + declared.attributes.keys() | list -%}
    {%- set present = adapter.get_columns_in_relation(this) | map(attribute='name') | list if flags.EMPTY and execute and this is not string and load_relation(this) is not none else [] -%}
    {%- set is_kept = present and columns | reject('in', present) | list == [] -%}
with state as (
    select *
    from {{ this if is_kept else ref('activation_' ~ destination ~ '_state') }}
    {%- if not is_kept %}
    where not is_deleted
    {%- endif %}
),

final as (
    select
        activation_id,
        customer_id,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        row_hash,
        entered_at,
        updated_at
    from state
)

select * from final
{% endmacro %}


{# Rows of a table of a destination for which something that the destination needs is not permitted. #}
{% macro rows_without_permission(relation, destination) %}
    {%- set declared = activation_destination(destination) -%}
    {%- for permission in declared.permissions %}
select
    activation.activation_id,
    activation.customer_id,
    '{{ permission.purpose }}' as purpose_code,
    '{{ permission.channel }}' as channel,
    coalesce(consent.status, 'no status') as status,
    coalesce(consent.rule_applied, 'no rule') as rule_applied
from {{ relation }} as activation
left join {{ ref('consent_status') }} as consent
    on
        activation.customer_id = consent.customer_id
        and activation.{{ declared.contact_column }} = consent.identifier
        and consent.identifier_type = '{{ declared.identifier_type }}'
        and consent.purpose_code = '{{ permission.purpose }}'
        and consent.channel = '{{ permission.channel }}'
where not coalesce(consent.is_permitted, false)
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}


{# The language in which somebody last read a notice at an address. #}
{% macro notice_languages(identifier_type) -%}
    select
        identifier,
        language
    from {{ ref('consent_events') }}
    where identifier_type = '{{ identifier_type }}' and language is not null
    qualify row_number() over (partition by identifier order by event_at desc, event_id) = 1
{%- endmacro %}


{#
  Customers an advertising platform may learn of, with the addresses they have not refused; for platforms that match hashes. An address is
  compared as the platform writes it: ann.lee@gmail.com is annlee@gmail.com there.
#}
{% macro advertisable_customers(destination) -%}
    {%- set is_google = destination == 'google' -%}
    select
        customers.customer_id,
        case when refused_emails.address is null then customers.email end as email,
        case when refused_phones.address is null then customers.phone end as phone,
        customers.given_name,
        customers.family_name,
        customers.city,
        customers.postal_code,
        customers.country,
        memberships.segments
    from (
        {{ permitted_contacts(destination) }}
    ) as permitted
    inner join {{ ref('customers') }} as customers on permitted.customer_id = customers.customer_id
    inner join (
        {{ destination_segments(destination) }}
    ) as memberships on permitted.customer_id = memberships.customer_id
    {%- for kind, written in [
        ('email', google_email if is_google else meta_email), ('phone', google_phone if is_google else meta_phone),
    ] %}
    left join (
        select distinct
            customer_id,
            {{ written('identifier') }} as address
        from (
            {{ refused_contacts() }}
        ) as {{ kind }}_refusals
        where identifier_type = '{{ kind }}'
    ) as refused_{{ kind }}s
        on
            customers.customer_id = refused_{{ kind }}s.customer_id
            and {{ written('customers.' ~ kind) }} = refused_{{ kind }}s.address
    {%- endfor %}
{%- endmacro %}


{# Where `make export` notes what it has delivered; nothing before the first time. #}
{% macro delivered_relation() %}
    {{ return(adapter.get_relation(database=target.get('database'), schema='deliveries', identifier='deliveries') if execute else none) }}
{% endmacro %}
