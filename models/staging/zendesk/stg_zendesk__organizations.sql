{{ config(enabled=var('zendesk_enabled')) }}

with organizations as (

    select * from {{ raw_rows('zendesk', 'organization') }} as organizations

),

final as (

    select
        cast(id as string) as organization_id,
        name as organization_name,
        external_id,
        created_at,
        updated_at
    from organizations

)

select * from final
