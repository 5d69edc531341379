{{ config(enabled=var('truth_enabled'), cluster_by='record_id') }}

with person_records as (

    select * from {{ raw_rows('truth', 'person_record') }} as person_records

),

final as (

    select
        record_id,
        person_id
    from person_records

)

select * from final
