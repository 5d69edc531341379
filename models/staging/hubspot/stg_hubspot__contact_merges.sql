{{ config(enabled=var('hubspot_enabled')) }}

with contact_merges as (

    select * from {{ raw_rows('hubspot', 'contact_merge_audit') }} as contact_merges

),

final as (

    select
        cast(contact_id as string) as hubspot_contact_id,
        cast(canonical_vid as string) as canonical_contact_id,
        cast(vid_to_merge as string) as merged_contact_id,
        timestamp as merged_at
    from contact_merges

)

select * from final
