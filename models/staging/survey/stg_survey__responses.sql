{{ config(enabled=var('survey_enabled')) }}

with responses as (

    select * from {{ raw_rows('survey', 'response', normalized=true) }} as responses

),

final as (

    select
        response_id,
        survey_id,
        lower(survey_type) as survey_type,
        case
            when coalesce(respondent_email, respondent_phone, respondent_name, customer_ref) is not null
                then 'survey:response:' || response_id
        end as record_id,
        respondent_email as email,
        respondent_phone as phone,
        respondent_name as full_name,
        respondent_name__given_name as given_name,
        respondent_name__middle_name as middle_name,
        respondent_name__family_name as family_name,
        customer_ref,
        score,
        comment,
        interests,
        occupation,
        preferred_size,
        preferred_colour,
        preference_category,
        coalesce(answered_at, submitted_at) as answered_at,
        submitted_at,
        language,
        country
    from responses

)

select * from final
