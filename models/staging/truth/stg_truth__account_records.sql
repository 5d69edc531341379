{{ config(enabled=var('truth_enabled')) }}

with account_records as (

    select * from {{ raw_rows('truth', 'account_record') }} as account_records

),

final as (

    select
        account_record_id,
        company_id
    from account_records

)

select * from final
