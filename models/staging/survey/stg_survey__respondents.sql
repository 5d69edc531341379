{{ config(enabled=var('survey_enabled')) }}

with responses as (

    select * from {{ ref('stg_survey__responses') }}

),

final as (

    select
        record_id,
        response_id as source_record_id,
        given_name,
        middle_name,
        family_name,
        full_name,
        email,
        phone,
        country,
        customer_ref,
        occupation as job_title,
        answered_at as created_at,
        coalesce(submitted_at, answered_at) as updated_at
    from responses
    where record_id is not null

)

select * from final
