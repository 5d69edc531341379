{{ config(enabled=var('salesforce_enabled')) }}
{# Deleted rows tell of merges: the contact or lead that another one was merged into is named by the row that went. #}

with contacts as (

    select * from {{ raw_versions('salesforce', 'contact') }} as versions

),

leads as (

    select * from {{ raw_versions('salesforce', 'lead') }} as versions

),

source_merges as (

    select
        'salesforce:contact:' || id as record_id,
        'salesforce:contact:' || master_record_id as successor_record_id,
        last_modified_date as merged_at
    from contacts
    union all
    select
        'salesforce:lead:' || id as record_id,
        'salesforce:lead:' || master_record_id as successor_record_id,
        last_modified_date as merged_at
    from leads
    union all
    select
        'salesforce:lead:' || id as record_id,
        'salesforce:contact:' || converted_contact_id as successor_record_id,
        coalesce(converted_date, last_modified_date) as merged_at
    from leads

),

final as (

    select
        record_id,
        successor_record_id,
        max(merged_at) as merged_at
    from source_merges
    where record_id <> successor_record_id
    group by record_id, successor_record_id

)

select * from final
