{{ config(schema='intermediate') }}
{% set parts = [] %}
{% if var('hubspot_enabled') %}{% do parts.append('companies') %}{% endif %}
{% if var('salesforce_enabled') %}{% do parts.append('crm_accounts') %}{% endif %}
{% set priority = var('account_source_priority') %}

with
{% if 'companies' in parts %}
companies as (
    select
        'hubspot:company:' || company_id as account_record_id,
        'hubspot' as source_name,
        company_name as account_name,
        {{ company_domain('domain') }} as domain,
        industry,
        cast(employee_count as bigint) as employee_count,
        cast(annual_revenue as decimal(18, 2)) as annual_revenue,
        street_address,
        city,
        region,
        postal_code,
        country,
        phone,
        cast(null as {{ engine_type('varchar') }}) as parent_record_id
    from {{ ref('stg_hubspot__companies') }}
),

{% endif %}
{% if 'crm_accounts' in parts %}
crm_accounts as (
    select
        'salesforce:account:' || account_id as account_record_id,
        'salesforce' as source_name,
        account_name,
        {{ company_domain('website') }} as domain,
        industry,
        cast(employee_count as bigint) as employee_count,
        cast(annual_revenue as decimal(18, 2)) as annual_revenue,
        street_address,
        city,
        region,
        postal_code,
        country,
        phone,
        'salesforce:account:' || parent_account_id as parent_record_id
    from {{ ref('stg_salesforce__accounts') }}
),

{% endif %}
records as (
    {% for part in parts %}
    select * from {{ part }}
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'account_record_id': 'varchar', 'source_name': 'varchar', 'account_name': 'varchar', 'domain': 'varchar', 'industry': 'varchar',
        'employee_count': 'bigint', 'annual_revenue': 'decimal(18, 2)', 'street_address': 'varchar', 'city': 'varchar', 'region': 'varchar',
        'postal_code': 'varchar', 'country': 'varchar', 'phone': 'varchar', 'parent_record_id': 'varchar',
    }) }}
    {% endfor %}
),

final as (
    select
        *,
        {{ company_name_key('account_name') }} as name_key,
        {{ street_key('street_address') }} as street_key,
        {{ name_key('coalesce(postal_code, city)') }} as place_key,
        {% if priority %}
        case source_name{% for source in priority %} when '{{ source }}' then {{ loop.index }}{% endfor %} else {{ priority | length + 1 }} end as source_rank
        {% else %}
        1 as source_rank
        {% endif %}
    from records
)

select * from final
