{{ config(enabled=var('salesforce_enabled')) }}

with opportunities as (

    select * from {{ raw_rows('salesforce', 'opportunity') }} as opportunities

),

final as (

    select
        id as opportunity_id,
        account_id,
        name as opportunity_name,
        stage_name,
        amount,
        probability,
        coalesce(is_won, false) as is_won,
        coalesce(is_closed, false) as is_closed,
        type as opportunity_type,
        lead_source,
        created_date as created_at,
        close_date
    from opportunities

)

select * from final
