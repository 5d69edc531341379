{{ config(enabled=var('salesforce_enabled')) }}

with tasks as (

    select * from {{ raw_rows('salesforce', 'task') }} as tasks

),

final as (

    select
        id as task_id,
        case left(who_id, 3) when '003' then 'salesforce:contact:' || who_id when '00Q' then 'salesforce:lead:' || who_id end as record_id,
        account_id,
        subject,
        lower(task_subtype) as task_type,
        status,
        coalesce(is_closed, false) as is_closed,
        coalesce(activity_date, created_date) as occurred_at,
        created_date as created_at
    from tasks

)

select * from final
