{{ config(schema='intermediate', cluster_by='customer_id') }}

with as_of as (
    select cast({{ as_of() }} as date) as as_of_date
),

scopes as (
    {{ prediction_scopes() }}
),

scoped as (
    select
        scopes.scope,
        products.customer_id,
        products.product_id,
        products.product_group_id,
        scopes.through_date,
        -- A later purchase was not known at the end of the scope's history.
        case when products.last_purchase_date <= scopes.through_date then products.last_purchase_date else products.first_purchase_date end
            as last_purchase_date,
        count(*) over (partition by scopes.scope, products.customer_id) as product_count
    from {{ ref('int_customer_products') }} as products
    inner join scopes
        on products.first_purchase_date <= scopes.through_date
),

final as (
    select
        scope,
        customer_id,
        product_id,
        product_group_id,
        product_count,
        max(last_purchase_date) over (partition by scope, product_id)
        > {{ dbt.dateadd('day', -var('product_sold_within_days'), 'through_date') }} as is_sold
    from scoped
)

select * from final
