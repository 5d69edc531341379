{{ config(enabled=var('klaviyo_enabled')) }}

with metrics as (

    select * from {{ raw_rows('klaviyo', 'metric') }} as metrics

),

final as (

    select
        id as metric_id,
        name as metric_name,
        created as created_at,
        updated as updated_at
    from metrics

)

select * from final
