{{ config(schema='intermediate') }}

with as_of as (
    select cast({{ as_of() }} as date) as as_of_date
),

scopes as (
    select
        'full' as scope,
        as_of_date as through_date
    from as_of
    union all
    select
        'holdout' as scope,
        cast({{ dbt.dateadd('day', -var('insights_holdout_days'), 'as_of_date') }} as date) as through_date
    from as_of
),

scoped as (
    select
        scopes.scope,
        products.customer_id,
        products.product_id,
        count(*) over (partition by scopes.scope, products.customer_id) as product_count
    from {{ ref('int_customer_products') }} as products
    inner join scopes
        on products.first_purchase_date <= scopes.through_date
)

select * from scoped
