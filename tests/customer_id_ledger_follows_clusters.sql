-- Every record of a cluster has a row without removed_at in the ledger, and no other record has one.
with clusters as (
    select record_id from {{ ref('identity_clusters') }}
),

ledger as (
    select record_id from {{ ref('customer_id_ledger') }}
    where removed_at is null
)

select coalesce(clusters.record_id, ledger.record_id) as record_id
from clusters
full outer join ledger on clusters.record_id = ledger.record_id
where clusters.record_id is null or ledger.record_id is null
