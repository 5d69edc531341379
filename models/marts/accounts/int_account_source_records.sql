{{ config(schema='intermediate', materialized='view') }}
{% set parts = [] %}
{% if var('hubspot_enabled') %}{% do parts.append('companies') %}{% endif %}
{% if var('salesforce_enabled') %}{% do parts.append('crm_accounts') %}{% endif %}
{% if var('enrichment_enabled') %}{% do parts.append('bought_companies') %}{% endif %}

with
{% if 'companies' in parts %}
companies as (
    select
        'hubspot:company:' || company_id as account_record_id,
        'hubspot' as source_name,
        company_name as account_name,
        domain as website,
        industry,
        cast(employee_count as bigint) as employee_count,
        cast(annual_revenue as decimal(18, 2)) as annual_revenue,
        cast(null as bigint) as founded_year,
        street_address,
        city,
        region,
        postal_code,
        country,
        phone,
        cast(null as {{ engine_type('varchar') }}) as parent_record_id,
        'salesforce:account:' || salesforce_account_id as same_as_record_id
    from {{ ref('stg_hubspot__companies') }}
),

{% endif %}
{% if 'crm_accounts' in parts %}
crm_accounts as (
    select
        'salesforce:account:' || account_id as account_record_id,
        'salesforce' as source_name,
        account_name,
        website,
        industry,
        cast(employee_count as bigint) as employee_count,
        cast(annual_revenue as decimal(18, 2)) as annual_revenue,
        cast(null as bigint) as founded_year,
        street_address,
        city,
        region,
        postal_code,
        country,
        phone,
        'salesforce:account:' || parent_account_id as parent_record_id,
        cast(null as {{ engine_type('varchar') }}) as same_as_record_id
    from {{ ref('stg_salesforce__accounts') }}
),

{% endif %}
{% if 'bought_companies' in parts %}
bought_companies as (
    select
        'enrichment:company:' || company_id as account_record_id,
        'enrichment' as source_name,
        company_name as account_name,
        website,
        industry,
        cast(employee_count as bigint) as employee_count,
        cast(annual_revenue as decimal(18, 2)) as annual_revenue,
        founded_year,
        street_address,
        city,
        region,
        postal_code,
        country,
        phone,
        'enrichment:company:' || parent_company_id as parent_record_id,
        cast(null as {{ engine_type('varchar') }}) as same_as_record_id
    from {{ ref('stg_enrichment__companies') }}
),

{% endif %}
records as (
    {% for part in parts %}
    select * from {{ part }}
    {{ "union all" if not loop.last }}
    {% else %}
    {{ empty_rows({
        'account_record_id': 'varchar', 'source_name': 'varchar', 'account_name': 'varchar', 'website': 'varchar', 'industry': 'varchar',
        'employee_count': 'bigint', 'annual_revenue': 'decimal(18, 2)', 'founded_year': 'bigint', 'street_address': 'varchar',
        'city': 'varchar', 'region': 'varchar', 'postal_code': 'varchar', 'country': 'varchar', 'phone': 'varchar',
        'parent_record_id': 'varchar', 'same_as_record_id': 'varchar',
    }) }}
    {% endfor %}
)

select * from records
