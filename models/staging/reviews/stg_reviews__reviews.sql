{{ config(enabled=var('reviews_enabled')) }}

with reviews as (

    select * from {{ raw_rows('reviews', 'review', normalized=true) }} as reviews

),

final as (

    select
        review_id,
        product_id,
        sku,
        email,
        user_id,
        author_name as full_name,
        rating,
        coalesce(rating_max, 5) as rating_max,
        title as subject,
        text as comment,
        is_verified as is_verified_purchase,
        lower(status) as status,
        coalesce(created_at, updated_at) as created_at,
        updated_at
    from reviews

)

select * from final
