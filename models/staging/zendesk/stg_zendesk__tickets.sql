{{ config(enabled=var('zendesk_enabled')) }}

with tickets as (

    select * from {{ raw_rows('zendesk', 'ticket') }} as tickets

),

final as (

    select
        cast(id as string) as ticket_id,
        cast(requester_id as string) as requester_id,
        case when requester_id is not null then 'zendesk:user:' || cast(requester_id as string) end as record_id,
        cast(organization_id as string) as organization_id,
        subject,
        description,
        status,
        priority,
        type as ticket_type,
        via_channel as channel,
        created_at,
        updated_at
    from tickets

)

select * from final
