{#  A CTE by the name of `ends`: where each customer_id of the CTE `hops` (customer_id, current_customer_id) leads when hops of hops are followed,
    up to 64. #}
{% macro followed_redirects(hops, ends) -%}
    {{ return(adapter.dispatch('followed_redirects', 'kindred')(hops, ends)) }}
{%- endmacro %}

{# Each round doubles the number of hops that are followed. #}
{% macro default__followed_redirects(hops, ends) -%}
    {%- for round in range(1, 7) %}
{{ hops }}_{{ round }} as (
    select
        near.customer_id,
        coalesce(far.current_customer_id, near.current_customer_id) as current_customer_id
    from {{ hops if round == 1 else hops ~ '_' ~ (round - 1) }} as near
    left join {{ hops if round == 1 else hops ~ '_' ~ (round - 1) }} as far on near.current_customer_id = far.customer_id
),
    {% endfor %}
{{ ends }} as (
    select customer_id, current_customer_id from {{ hops }}_6
)
{%- endmacro %}

{# Spark puts a CTE wherever it is named: six rounds would read the first of them 64 times. #}
{% macro spark__followed_redirects(hops, ends) -%}
{{ ends }} as (
    with recursive followed as (
        select customer_id, current_customer_id, 1 as hop_count from {{ hops }}
        union all
        select followed.customer_id, {{ hops }}.current_customer_id, followed.hop_count + 1 as hop_count
        from followed
        inner join {{ hops }} on followed.current_customer_id = {{ hops }}.customer_id
        where followed.hop_count < 64
    )

    select customer_id, max_by(current_customer_id, hop_count) as current_customer_id
    from followed
    group by customer_id
)
{%- endmacro %}
