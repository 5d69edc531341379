{{ config(enabled=var('salesforce_enabled')) }}

with versions as (

    select * from {{ raw_rows('salesforce', 'opportunity_history') }} as versions

),

final as (

    select
        id as opportunity_id,
        _fivetran_start as valid_from,
        _fivetran_end as valid_to,
        stage_name,
        amount
    from versions

)

select * from final
