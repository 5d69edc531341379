-- Every company record is in an account, and no account holds a company together with its stated parent.
select
    records.account_record_id,
    'without an account' as problem
from {{ ref('int_account_records') }} as records
left join {{ ref('account_ids') }} as account_ids on records.account_record_id = account_ids.account_record_id
where account_ids.account_id is null
union all
select
    records.account_record_id,
    'in one account with its parent' as problem
from {{ ref('int_account_records') }} as records
inner join {{ ref('account_ids') }} as own on records.account_record_id = own.account_record_id
inner join {{ ref('account_ids') }} as parents on records.parent_record_id = parents.account_record_id
where records.parent_record_id <> records.account_record_id and own.account_id = parents.account_id
