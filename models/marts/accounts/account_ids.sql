{{ config(materialized='view') }}

select
    account_record_id,
    account_id
from {{ ref('account_id_ledger') }}
where is_current
