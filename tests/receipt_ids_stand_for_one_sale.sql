{#  A till's number that is given again, in another store or on another day, would hide one sale behind the other as its older version. Where numbers
    begin anew, receipt_id (and returned_receipt_id, and that of the lines) has to be made of all that tells sales apart, such as
    store-till-day-number, before the tables are read. A sale that was corrected keeps its place or its time. #}
{{ config(enabled=var('pos_enabled')) }}
{%- set relation = source('pos', 'receipt') %}

{% if execute -%}
{%- set contract = raw_contract('pos', 'receipt') -%}
with typed as (
    {{ typed_rows(contract, raw_table_columns(contract), relation) | indent(4) }}
),

{{ repeated_keys_cte(contract) }}

select
    typed.receipt_id,
    count(distinct typed.store_id) as store_count,
    min(typed.sold_at) as first_sold_at,
    max(typed.sold_at) as last_sold_at
from typed
inner join repeated_keys on typed.receipt_id = repeated_keys.repeated_key_1
group by typed.receipt_id
having
    (min(typed.store_id) <> max(typed.store_id) and min(typed.sold_at) <> max(typed.sold_at))
    or {{ dbt.datediff('min(typed.sold_at)', 'max(typed.sold_at)', 'hour') }} > 24
{%- else -%}
select * from {{ relation }}
{%- endif %}
