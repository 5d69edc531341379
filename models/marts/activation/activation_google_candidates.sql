{{ config(materialized='view', enabled=activation_is_on('google')) }}

with customers as (
    {{ advertisable_customers('google') }}
),

personalization as (
    select
        customer_id,
        is_permitted
    from {{ ref('consent_status') }}
    where identifier_type = 'person' and purpose_code = 'personalization' and channel = 'any'
),

normalized as (
    select
        customers.customer_id,
        {{ google_email('customers.email') }} as email_norm,
        {{ google_phone('customers.phone') }} as phone_norm,
        {{ google_given_name('customers.given_name') }} as given_name_norm,
        {{ google_family_name('customers.family_name') }} as family_name_norm,
        {{ blank_to_null('customers.postal_code') }} as postal_code,
        {{ blank_to_null('customers.country') }} as country,
        -- Google takes consent for a whole upload: upload each combination of these two by itself.
        'granted' as ad_user_data,
        case when coalesce(personalization.is_permitted, false) then 'granted' else 'denied' end as ad_personalization,
        customers.segments
    from customers
    left join personalization on customers.customer_id = personalization.customer_id
),

attributes as (
    select
        *,
        {{ sha256_hex('email_norm') }} as email_sha256,
        {{ sha256_hex('phone_norm') }} as phone_sha256,
        {{ sha256_hex('given_name_norm') }} as given_name_sha256,
        {{ sha256_hex('family_name_norm') }} as family_name_sha256
    from normalized
    where email_norm is not null or phone_norm is not null
),

final as (
    {{ activation_rows('google', 'attributes', []) }}
)

select * from final
