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
        count(*) over (partition by scopes.scope, products.customer_id) as product_count
    from {{ ref('int_customer_products') }} as products
    inner join scopes
        on products.first_purchase_date <= scopes.through_date
)

select * from scoped
