{#  A CTE by the name of `ends`: where each `old` of the CTE `hops` (columns `old` and `new`, one row per `old`) leads when hops of hops are followed,
    up to 64. A circle leads nowhere else than to one of its own. #}
{% macro followed_hops(hops, ends, old, new) -%}
    {{ return(adapter.dispatch('followed_hops', 'kindred')(hops, ends, old, new)) }}
{%- endmacro %}

{# Each round doubles the number of hops that are followed. #}
{% macro default__followed_hops(hops, ends, old, new) -%}
    {%- for round in range(1, 7) %}
{{ hops }}_{{ round }} as (
    select
        near.{{ old }},
        coalesce(far.{{ new }}, near.{{ new }}) as {{ new }}
    from {{ hops if round == 1 else hops ~ '_' ~ (round - 1) }} as near
    left join {{ hops if round == 1 else hops ~ '_' ~ (round - 1) }} as far on near.{{ new }} = far.{{ old }}
),
    {% endfor %}
{{ ends }} as (
    select {{ old }}, {{ new }} from {{ hops }}_6
)
{%- endmacro %}

{# Spark puts a CTE wherever it is named: six rounds would read the first of them 64 times. #}
{% macro spark__followed_hops(hops, ends, old, new) -%}
{{ ends }} as (
    with recursive followed as (
        select {{ old }}, {{ new }}, 1 as hop_count from {{ hops }}
        union all
        select followed.{{ old }}, {{ hops }}.{{ new }}, followed.hop_count + 1 as hop_count
        from followed
        inner join {{ hops }} on followed.{{ new }} = {{ hops }}.{{ old }}
        where followed.hop_count < 64
    )

    select {{ old }}, max_by({{ new }}, hop_count) as {{ new }}
    from followed
    group by {{ old }}
)
{%- endmacro %}
