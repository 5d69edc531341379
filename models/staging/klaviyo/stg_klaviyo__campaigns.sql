{{ config(enabled=var('klaviyo_enabled')) }}

with campaigns as (

    select * from {{ raw_rows('klaviyo', 'campaign') }} as campaigns

),

final as (

    select
        id as campaign_id,
        name as campaign_name,
        subject,
        from_email,
        sent_at,
        created as created_at,
        updated as updated_at
    from campaigns

)

select * from final
