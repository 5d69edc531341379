{{ config(enabled=var('reviews_enabled')) }}

with comments as (

    select * from {{ raw_rows('reviews', 'social_comment', normalized=true) }} as comments

),

final as (

    select
        comment_id as social_comment_id,
        lower(network) as network,
        handle as social_identifier,
        email,
        user_id,
        text as comment,
        lower(sentiment) as sentiment,
        created_at
    from comments

)

select * from final
