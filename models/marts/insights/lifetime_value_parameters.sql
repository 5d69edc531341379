with final as (
    select
        scope,
        customer_count,
        repeat_customer_count,
        spend_customer_count,
        r,
        alpha as alpha_days,
        a,
        b,
        purchase_log_likelihood,
        p,
        q,
        v,
        spend_log_likelihood,
        r is not null as has_purchase_model,
        p is not null as has_spend_model,
        purchase_reason,
        spend_reason
    from {{ ref('int_lifetime_value_fit') }}
)

select * from final
