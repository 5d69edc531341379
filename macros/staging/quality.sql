{# Threshold of a column: its own, else the default; null when nothing is asked. Misspelt names stop the build. #}
{% macro quality_threshold(source_name, table_name, column_name, check) %}
    {%- set thresholds = var('data_quality_thresholds') -%}
    {%- set known = ['minimum_values'] -%}
    {%- for kind in ['completeness', 'validity', 'uniqueness', 'freshness', 'drift'] -%}
        {%- do known.extend([kind ~ '_warn', kind ~ '_fail']) -%}
    {%- endfor -%}
    {%- for place, checks in thresholds.items() -%}
        {%- for name in checks if name not in known -%}
            {%- do exceptions.raise_compiler_error(
                "var data_quality_thresholds, '" ~ place ~ "': there is no threshold '" ~ name ~ "'. Thresholds are: " ~ known | join(', ') ~ "."
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set own = thresholds.get(source_name ~ '.' ~ table_name ~ '.' ~ column_name, {}) -%}
    {{ return(own.get(check, thresholds.get('default', {}).get(check))) }}
{% endmacro %}

{# What a raw table holds in each declared column, in one pass over the table: one row per column. #}
{% macro column_profiles(contract, raw_columns, relation) -%}
    {%- set checks = ['minimum_values', 'completeness_warn', 'completeness_fail', 'validity_warn', 'validity_fail', 'uniqueness_warn', 'uniqueness_fail', 'freshness_warn', 'freshness_fail', 'drift_warn', 'drift_fail'] -%}
    select
        '{{ contract.source }}' as source_name,
        '{{ contract.table }}' as table_name,
        columns.column_name,
        columns.is_present,
        columns.is_clock,
        counted.row_count,
        case columns.place{% for column in contract.columns %} when {{ loop.index }} then counted.values_{{ loop.index }}{% endfor %} end as value_count,
        case columns.place{% for column in contract.columns %} when {{ loop.index }} then counted.distinct_{{ loop.index }}{% endfor %} end as distinct_count,
        case columns.place
            when 0 then cast(null as timestamp)
            {%- for column in contract.columns if column.data_type == 'timestamp' and raw_columns.get(column.name | lower) is not none %}
            when {{ contract.columns.index(column) + 1 }} then counted.latest_{{ contract.columns.index(column) + 1 }}
            {%- endfor %}
        end as latest_value_at,
        {%- for check in checks %}
        cast(columns.{{ check }} as double) as {{ check }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        select
            {%- for column in contract.columns %}
            {%- set raw = raw_columns.get(column.name | lower) %}
            {%- if raw is none %}
            cast(0 as bigint) as values_{{ loop.index }},
            cast(0 as bigint) as distinct_{{ loop.index }},
            {%- else %}
            {%- set is_text = 'char' in raw.data_type | lower or raw.data_type | lower in ['string', 'text'] %}
            {%- set value = adapter.quote(raw.name) %}
            count({{ value }}){% if is_text %} - count(case when {{ is_blank(value) }} then 1 end){% endif %} as values_{{ loop.index }},
            {#- Keys are counted exactly; of other columns the order of magnitude tells enough, at a fraction of the cost. #}
            {{ "count(distinct " ~ (blank_to_null(value) if is_text else value) ~ ")" if contract.key_columns == [column.name] else "approx_count_distinct(" ~ value ~ ")" }} as distinct_{{ loop.index }},
            {%- if column.data_type == 'timestamp' %}
            max({{ declared_value(contract, raw_columns, column) }}) as latest_{{ loop.index }},
            {%- endif %}
            {%- endif %}
            {%- endfor %}
            count(*) as row_count
        from {{ relation }}
    ) as counted
    cross join (
        values
        {%- for column in contract.columns %}
        {%- set thresholds = [] %}
        {%- for check in checks %}{%- set threshold = quality_threshold(contract.source, contract.table, column.name, check) %}{%- do thresholds.append('null' if threshold is none else threshold | string) %}{%- endfor %}
        (
            {{- loop.index }}, '{{ column.name }}', {{ 'true' if raw_columns.get(column.name | lower) is not none else 'false' }}, {{ 'true' if contract.latest_by and contract.latest_by[0] == column.name else 'false' }}, {{ thresholds | join(', ') -}}
        ){{ "," if not loop.last }}
        {%- endfor %}
    ) as columns (place, column_name, is_present, is_clock, {{ checks | join(', ') }})
{%- endmacro %}


{#  Whether a share is below its threshold by more than chance explains: `data_quality_chance` standard errors of a share that is just at the
    threshold. A small table with a bad day does not stop a build; a large one with the same share does. #}
{% macro share_is_below(share, threshold, count) -%}
    {{ share }} < {{ threshold }} - {{ var('data_quality_chance') }} * sqrt({{ threshold }} * (1 - {{ threshold }}) / {{ count }})
{%- endmacro %}
