{{ config(materialized='view') }}
{# The ledger of customer ids as the last completed run left it. #}
with ledger as (
    {{ earlier_rows('customer_id_ledger', {
        'record_id': 'varchar', 'customer_id': 'varchar', 'removed_at': 'timestamp', 'ledger_version': 'bigint',
    }) }}
),

final as (
    select
        record_id,
        customer_id,
        removed_at is not null as is_removed,
        ledger_version
    from ledger
)

select * from final
