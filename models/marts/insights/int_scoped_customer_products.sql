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

sold as (
    select
        scope,
        product_id,
        max(last_purchase_date) > {{ dbt.dateadd('day', -var('product_sold_within_days'), 'max(through_date)') }} as is_sold
    from scoped
    group by scope, product_id
),

final as (
    select
        scoped.scope,
        scoped.customer_id,
        scoped.product_id,
        scoped.product_group_id,
        scoped.product_count,
        sold.is_sold
    from scoped
    inner join sold
        on
            scoped.scope = sold.scope
            and scoped.product_id = sold.product_id
)

select * from final
