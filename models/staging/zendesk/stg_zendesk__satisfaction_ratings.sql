{{ config(enabled=var('zendesk_enabled')) }}

with ratings as (

    select * from {{ raw_rows('zendesk', 'satisfaction_rating') }} as ratings

),

final as (

    select
        cast(id as string) as satisfaction_rating_id,
        cast(ticket_id as string) as ticket_id,
        cast(requester_id as string) as requester_id,
        case when requester_id is not null then 'zendesk:user:' || cast(requester_id as string) end as record_id,
        lower(score) as score,
        comment,
        created_at,
        updated_at
    from ratings

)

select * from final
