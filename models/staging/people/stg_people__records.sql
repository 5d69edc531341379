{{ config(enabled=var('people_enabled')) }}

{#- Columns nobody declared are kept as they are, so the final select cannot name them: it takes all but the raw names. -#}

with people as (

    select * from {{ raw_rows('people', 'person', normalized=true, with_extra_columns=true) }} as people

),

final as (

    select
        'people:person:' || case when source <> 'people' then source || ':' else '' end || record_id as record_id,
        record_id as source_record_id,
        source as source_name,
        coalesce(given_name, case when family_name is null then full_name__given_name end) as given_name,
        coalesce(
            middle_name,
            case when given_name is null and family_name is null then full_name__middle_name end
        ) as middle_name,
        coalesce(family_name, case when given_name is null then full_name__family_name end) as family_name,
        full_name,
        birth_date,
        gender,
        email,
        phone,
        street_address,
        city,
        region,
        postal_code,
        created_at,
        updated_at,
        {%- for column in undeclared_columns('people', 'person') %}
        {{ adapter.quote(column) }},
        {%- endfor %}
        country
    from people

)

select *
from final
