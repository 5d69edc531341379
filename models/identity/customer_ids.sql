{{ config(materialized='view') }}
{#
    The customer of every record: the current rows of the ledger. A view, because the ledger changes only where something changed.
    Whoever builds ids has their history and redirects too, and completes the run of the linkage that they rest on.
#}
-- depends_on: {{ ref('customer_id_registry') }}
-- depends_on: {{ ref('customer_id_redirects') }}
-- depends_on: {{ ref('identity_completed_run') }}
with ledger as (
    select record_id, customer_id, removed_at from {{ ref('customer_id_ledger') }}
),

final as (
    select
        record_id,
        customer_id
    from ledger
    where removed_at is null
)

select * from final
