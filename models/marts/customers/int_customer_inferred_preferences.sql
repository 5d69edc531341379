{{ config(schema='intermediate', materialized='view') }}
{% set option_names = var('preference_option_names') %}

with variants as (
    {% if var('shopify_enabled') %}
    select
        variant_id,
        coalesce(
            option_1 || coalesce(' / ' || option_2, '') || coalesce(' / ' || option_3, ''),
            variant_title
        ) as variant_title
    from {{ ref('stg_shopify__product_variants') }}
    {% else %}
    {{ empty_rows({'variant_id': 'varchar', 'variant_title': 'varchar'}) }}
    {% endif %}
),

-- Which part of a variant's title is its size, and which its colour.
options as (
    {% if var('shopify_enabled') %}
    select
        product_id,
        {% for preference, names in option_names.items() %}
        max(case when lower(option_name) in ('{{ names | join("', '") }}') then option_position end) as {{ preference }}_position,
        {% endfor %}
        count(*) as option_count
    from {{ ref('stg_shopify__product_options') }}
    group by product_id
    {% else %}
    {{ empty_rows({'product_id': 'varchar', 'size_position': 'integer', 'colour_position': 'integer', 'option_count': 'bigint'}) }}
    {% endif %}
),

-- What was bought and kept; the title as it was when it was sold comes before that of today.
kept as (
    select
        lines.customer_id,
        lines.order_id,
        lines.ordered_at,
        lower(trim(lines.product_category)) as product_category,
        coalesce(lines.variant_title, variants.variant_title) as variant_title,
        options.option_count,
        options.size_position,
        options.colour_position
    from {{ ref('order_lines') }} as lines
    inner join options on lines.product_id = options.product_id
    left join variants on lines.variant_id = variants.variant_id
    where
        lines.customer_id is not null
        and trim(lines.product_category) <> ''
        and lines.quantity > lines.returned_quantity
        and not lines.is_test
        and not lines.is_cancelled
),

-- A value that itself holds the separator cannot be told from two.
bought as (
    {% for preference in option_names %}
    select
        customer_id,
        order_id,
        ordered_at,
        '{{ preference }}' as preference,
        product_category,
        {{ 'upper' if preference == 'size' else 'lower' }}(trim(split_part(variant_title, ' / ', cast({{ preference }}_position as integer)))) as preferred_value
    from kept
    where {{ preference }}_position is not null and length(variant_title) - length(replace(variant_title, ' / ', '')) = 3 * (option_count - 1)
    {{ "union all" if not loop.last }}
    {% endfor %}
),

counted as (
    select
        customer_id,
        preference,
        product_category,
        preferred_value,
        count(distinct order_id) as order_count,
        max(ordered_at) as last_ordered_at
    from bought
    where preferred_value <> ''
    group by customer_id, preference, product_category, preferred_value
),

shared as (
    select
        *,
        cast(order_count as double) / sum(order_count) over (partition by customer_id, preference, product_category) as strength
    from counted
),

final as (
    select
        customer_id,
        preference,
        product_category,
        preferred_value,
        strength,
        order_count,
        last_ordered_at
    from shared
    -- One purchase may be a present, and who buys for a family has no size.
    where order_count >= {{ var('preference_minimum_orders') | int }} and strength >= {{ var('preference_minimum_share') }}
    qualify row_number() over (
        partition by customer_id, preference, product_category
        order by order_count desc, last_ordered_at desc nulls last, preferred_value
    ) = 1
)

select * from final
