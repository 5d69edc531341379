{{ config(enabled=var('shopify_enabled')) }}
{#
    The country of each customer's default address. Customers and abandoned checkouts name no country of their own, and a phone number
    without a calling code is read by the plans of a country. Made of raw rows, because phone numbers are normalized with it.
#}
{%- set relation = source('shopify', 'customer_address') %}
with addresses as (

    {% if execute -%}
    {% set contract = raw_contract('shopify', 'customer_address') -%}
    {{ typed_rows(contract, raw_table_columns(contract), relation) | indent(4) }}
    {%- else -%}
    select * from {{ relation }}
    {%- endif %}

),

countries as (

    select * from {{ ref('stg_normalized_countries') }}

),

known as (

    select
        cast(addresses.customer_id as string) as shopify_customer_id,
        coalesce(addresses.is_default, false) as is_default,
        addresses._fivetran_synced,
        addresses.id,
        coalesce(codes.country, names.country) as country
    from addresses
    left join countries as codes on addresses.country_code = codes.raw_value
    left join countries as names on addresses.country = names.raw_value
    where coalesce(codes.country, names.country) is not null and addresses.customer_id is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by shopify_customer_id order by is_default desc, _fivetran_synced desc nulls last, id desc nulls last, country
        ) as place
    from known

)

select
    shopify_customer_id,
    country
from ranked
where place = 1
