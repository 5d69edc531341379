{{ config(
    materialized='incremental',
    cluster_by='customer_id',
    incremental_strategy='restate',
    unique_key='order_id',
    on_schema_change='fail',
    pre_hook='{{ restate_begin() }}',
    post_hook='{{ restate_end() }}',
    meta={'restates': {'logged': {'order_id': 'order_id', 'customer_id': 'customer_id'}}}
) }}
{% set feeds = [] %}
{% if var('shopify_enabled') %}{% do feeds.append(ref('int_shopify_orders')) %}{% endif %}
{% if var('pos_enabled') %}{% do feeds.append(ref('int_pos_orders')) %}{% endif %}

with customer_ids as (
    select * from {{ ref('customer_ids') }}
),

documents as (
    {% for feed in feeds %}
    select * from {{ feed }}
    {% if not loop.last %}union all{% endif %}
    {% else %}
    {#- No shop and no till: an empty table of the same shape. -#}
    {{ empty_rows({
        'order_id': 'varchar', 'source_name': 'varchar', 'source_order_id': 'varchar', 'order_kind': 'varchar',
        'record_id': 'varchar', 'ordered_at': 'timestamp', 'currency': 'varchar', 'sales_channel': 'varchar',
        'store_id': 'varchar', 'line_count': 'bigint', 'units': 'decimal(18, 3)', 'gross_amount': 'decimal(18, 4)',
        'discount_amount': 'decimal(18, 4)', 'tax_amount': 'decimal(18, 4)', 'refunded_amount': 'decimal(18, 4)',
        'is_cancelled': 'boolean', 'is_test': 'boolean',
    }) }}
    {% endfor %}
),

final as (
    select
        documents.*,
        customer_ids.customer_id,
        documents.gross_amount - documents.refunded_amount as net_amount
    from documents
    left join customer_ids
        on documents.record_id = customer_ids.record_id
)

select
    order_id,
    source_name,
    source_order_id,
    order_kind,
    customer_id,
    ordered_at,
    currency,
    sales_channel,
    store_id,
    line_count,
    units,
    gross_amount,
    discount_amount,
    tax_amount,
    refunded_amount,
    cast(net_amount as decimal(18, 4)) as net_amount,
    is_cancelled,
    is_test
from final
