{{ config(materialized='view', enabled=activation_is_on('meta')) }}

with customers as (
    {{ advertisable_customers('meta') }}
),

normalized as (
    select
        customer_id,
        {{ meta_email('email') }} as email_norm,
        {{ meta_phone('phone') }} as phone_norm,
        {{ meta_name('given_name') }} as given_name_norm,
        {{ meta_name('family_name') }} as family_name_norm,
        {{ meta_city('city') }} as city_norm,
        {{ meta_postal_code('postal_code', 'country') }} as postal_code_norm,
        {{ meta_country('country') }} as country_norm,
        segments
    from customers
),

attributes as (
    select
        {%- for column in ['email', 'phone', 'given_name', 'family_name', 'city', 'postal_code', 'country'] %}
        {{ sha256_hex(column ~ '_norm') }} as {{ column }}_sha256,
        {%- endfor %}
        normalized.*
    from normalized
    where normalized.email_norm is not null or normalized.phone_norm is not null
),

final as (
    {{ activation_rows('meta', 'attributes', []) }}
)

select * from final
