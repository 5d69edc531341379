{{ config(schema='intermediate', materialized='view') }}
{#- How each source names what the others name differently; none where it has nothing of the kind. -#}
{% set sources = [
    {
        'name': 'hubspot', 'entity': 'company', 'model': 'stg_hubspot__companies', 'key': 'company_id', 'account_name': 'company_name',
        'website': 'domain', 'founded_year': none, 'parent': none, 'same_as': "'salesforce:account:' || salesforce_account_id",
    },
    {
        'name': 'salesforce', 'entity': 'account', 'model': 'stg_salesforce__accounts', 'key': 'account_id', 'account_name': 'account_name',
        'website': 'website', 'founded_year': none, 'parent': 'parent_account_id', 'same_as': none,
    },
    {
        'name': 'enrichment', 'entity': 'company', 'model': 'stg_enrichment__companies', 'key': 'company_id', 'account_name': 'company_name',
        'website': 'website', 'founded_year': 'founded_year', 'parent': 'parent_company_id', 'same_as': none,
    },
] %}

with records as (
    {% for feed in sources if var(feed.name ~ '_enabled') %}
    {%- set prefix = feed.name ~ ':' ~ feed.entity ~ ':' %}
    select
        '{{ prefix }}' || {{ feed.key }} as account_record_id,
        '{{ feed.name }}' as source_name,
        {{ feed.account_name }} as account_name,
        {{ feed.website }} as website,
        industry,
        cast(employee_count as bigint) as employee_count,
        cast(annual_revenue as decimal(18, 2)) as annual_revenue,
        cast({{ feed.founded_year or 'null' }} as bigint) as founded_year,
        street_address,
        city,
        region,
        postal_code,
        country,
        phone,
        cast({{ "'" ~ prefix ~ "' || " ~ feed.parent if feed.parent else 'null' }} as string) as parent_record_id,
        cast({{ feed.same_as or 'null' }} as string) as same_as_record_id
    from {{ ref(feed.model) }}
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
