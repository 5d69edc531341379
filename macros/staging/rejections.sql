{# What staging leaves out, counted per raw table: the queries behind rejected_rows and rejected_values. #}

{# Rejected rows of one raw table by reason; no row for a reason that did not occur. Columns: source_name, table_name, reason, row_count. #}
{% macro rejected_rows_of(contract, raw_columns, relation) -%}
{%- set not_deleted = 'true' if not contract.deleted_column else 'not coalesce(' ~ contract.deleted_column ~ ', false)' -%}
select
    '{{ contract.source }}' as source_name,
    '{{ contract.table }}' as table_name,
    reason,
    cast(row_count as bigint) as row_count
from (
    {#- The keys and what is asked of a row: a table has many more columns than that. All of them are read of keys that are there several times. -#}
    {%- set asked = rejecting_columns(contract) %}
    with typed as (
        {{ typed_rows(dict(contract, columns=asked), raw_columns, relation) | indent(8) }}
    ),

    {% if contract.deleted_column or contract.reject_when -%}
    {%- set whole -%}
    (
        {{ typed_rows(contract, raw_columns, relation) | indent(8) }}
        where {{ declared_value(contract, raw_columns, contract.by_name[contract.key_columns[0]]) }} in (select repeated_key_1 from repeated_keys)
    )
    {%- endset -%}
    {{ current_version_ctes(contract, raw_columns, asked=asked, whole=whole) | indent(4) }}
    {%- else -%}
    {{ repeated_keys_cte(contract) | indent(4) }}
    {%- endif %}

    select
        'missing key' as reason,
        count(*) as row_count
    from typed
    where {% for key in contract.key_columns %}{{ adapter.quote(key) }} is null{{ ' or ' if not loop.last }}{% endfor %}
    union all
    select
        'older version' as reason,
        coalesce(sum(version_count - 1), 0) as row_count
    from repeated_keys
    {%- if contract.deleted_column %}
    union all
    select
        'deleted by source' as reason,
        count(*) as row_count
    from current_version
    where coalesce({{ contract.deleted_column }}, false)
    {%- endif %}
    {%- for rule in contract.reject_when %}
    union all
    select
        '{{ rule.reason }}' as reason,
        count(*) as row_count
    from current_version
    where
        {{ not_deleted }}
        and coalesce({{ rule.condition }}, false)
        {%- for earlier in contract.reject_when[:loop.index0] %}
        and not coalesce({{ earlier.condition }}, false)
        {%- endfor %}
    {%- endfor %}
) as rejections
where row_count > 0
{%- endmacro %}


{# The columns of a table that tell whether a row is rejected: its keys, the mark of deleted rows and what conditions name. #}
{% macro rejecting_columns(contract) %}
    {%- set conditions = contract.reject_when | map(attribute='condition') | join(' ') | lower -%}
    {%- set found = [] -%}
    {%- for column in contract.columns if column.key or column.deleted or column.name | lower in conditions -%}{%- do found.append(column) -%}{%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{#  Values of one raw table that staging could not use, without those the dictionaries explain. A list of queries with the
    columns source_name, table_name, column_name, reason, value_count, sample_masked. #}
{% macro rejected_values_of(contract, raw_columns, relation) %}
    {%- set queries = [] -%}
    {%- set missing = [] -%}
    {%- set checks = [] -%}
    {%- set checked = [] -%}
    {%- for column in contract.columns -%}
        {%- if column.name | lower not in raw_columns -%}
            {%- do missing.append(column.name) -%}
        {%- else -%}
            {%- set raw = raw_columns[column.name | lower] -%}
            {%- set can_fail = conversion_can_fail(raw.data_type, column.data_type) -%}
            {%- set number = checked | length + 1 -%}
            {%- set text, value = 'text_' ~ number, 'value_' ~ number -%}
            {%- if can_fail or column.normalizer in ['birth_date', 'gender', 'score'] -%}
                {%- do checked.append({
                    'text': to_text(adapter.quote(raw.name), raw.data_type),
                    'value': declared_value(contract, raw_columns, column),
                }) -%}
            {%- endif -%}
            {%- if can_fail -%}
                {%- do checks.append({
                    'column': column.name, 'reason': ('not an ' if type_family(column.data_type) == 'integer' else 'not a ') ~ type_family(column.data_type), 'text': text,
                    'is_rejected': value ~ ' is null and ' ~ text ~ ' is not null',
                }) -%}
            {%- endif -%}
            {%- if column.data_type.endswith(', 2)') and type_family(raw.data_type) in ['text', 'float', 'decimal'] -%}
                {#- Money of three decimals, such as dinars, is used all the same; what it loses is told. -#}
                {%- set number = checked | length + 1 -%}
                {%- set finer = declared_value(contract, raw_columns, dict(column, data_type='decimal(18, 4)')) -%}
                {%- set shown = to_text(adapter.quote(raw.name), raw.data_type) -%}
                {%- do checked.append({
                    'text': shown,
                    'value': "case when " ~ text_matches(shown, '[.,][0-9]{3}|[eE]') ~ " then " ~ finer ~ " end",
                }) -%}
                {%- do checks.append({
                    'column': column.name, 'reason': rounded_reason(), 'text': 'text_' ~ number,
                    'is_rejected': 'value_' ~ number ~ ' <> round(value_' ~ number ~ ', 2)',
                }) -%}
            {%- endif -%}
            {%- if column.normalizer == 'birth_date' -%}
                {%- for reason in ['birth date in the future', 'placeholder birth date', 'birth date too long ago'] -%}
                    {%- do checks.append({
                        'column': column.name, 'reason': reason, 'text': text,
                        'is_rejected': birth_date_problem(value) ~ " = '" ~ reason ~ "'",
                    }) -%}
                {%- endfor -%}
            {%- elif column.normalizer == 'gender' -%}
                {%- do checks.append({
                    'column': column.name, 'reason': 'unknown gender', 'text': text,
                    'is_rejected': normalize_gender(value) ~ ' is null and ' ~ text ~ ' is not null',
                }) -%}
            {%- elif column.normalizer == 'score' and column.scale_column | lower in raw_columns -%}
                {%- set kind = 'value_' ~ (checked | length + 1) -%}
                {%- do checked.append({'text': "cast(null as string)", 'value': declared_value(contract, raw_columns, contract.by_name[column.scale_column])}) -%}
                {%- do checks.append({
                    'column': column.name, 'reason': 'score not on its scale', 'text': text,
                    'is_rejected': value ~ ' is not null and ' ~ within_scale(value, kind, column.scales) ~ ' is null',
                }) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}{%- do queries.append(missing_columns_query(contract, relation, missing)) -%}{%- endif -%}
    {%- if checks -%}{%- do queries.append(failed_checks_query(contract, relation, checks, checked)) -%}{%- endif -%}
    {{ return(queries) }}
{% endmacro %}


{# Of values that are used, but not to their last decimal. #}
{% macro rounded_reason() %}
    {{ return('rounded to hundredths') }}
{% endmacro %}


{% macro missing_columns_query(contract, relation, missing) -%}
select
    '{{ contract.source }}' as source_name,
    '{{ contract.table }}' as table_name,
    missing_columns.column_name,
    'column missing' as reason,
    counted.value_count,
    cast(null as string) as sample_masked
from (select count(*) as value_count from {{ relation }}) as counted
cross join (
    {%- for name in missing %}
    select '{{ name }}' as column_name
    {{- ' union all' if not loop.last }}
    {%- endfor %}
) as missing_columns
where counted.value_count > 0
{%- endmacro %}


{# All checks of a table in one pass over it. #}
{% macro failed_checks_query(contract, relation, checks, checked) -%}
select
    source_name,
    table_name,
    column_name,
    reason,
    value_count,
    sample_masked
from (
    with counted as (
        select
        {%- for check in checks %}
            count(*) filter (where {{ check.is_rejected }}) as count_{{ loop.index }},
            min({{ mask_value(check.text) }}) filter (where {{ check.is_rejected }}) as sample_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
        from (
            select
            {%- for column in checked %}
                {{ column.text }} as text_{{ loop.index }},
                {{ column.value }} as value_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
            from {{ relation }}
        ) as checked_columns
    )
    {% for check in checks %}
    select
        '{{ contract.source }}' as source_name,
        '{{ contract.table }}' as table_name,
        '{{ check.column }}' as column_name,
        '{{ check.reason }}' as reason,
        count_{{ loop.index }} as value_count,
        sample_{{ loop.index }} as sample_masked
    from counted
    where count_{{ loop.index }} > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as failed_checks
{%- endmacro %}


{# Values a dictionary rejected. `keys` are the columns that identify a dictionary entry. #}
{% macro dictionary_rejections(distinct_values, dictionary, keys) -%}
select
    found.source_name,
    found.table_name,
    found.column_name,
    dictionary.reason,
    cast(sum(found.value_count) as bigint) as value_count,
    min({{ mask_value('found.raw_value') }}) as sample_masked
from {{ distinct_values }} as found
inner join {{ dictionary }} as dictionary
    on {% for key in keys %}found.{{ key }} = dictionary.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
where dictionary.reason is not null
group by found.source_name, found.table_name, found.column_name, dictionary.reason
{%- endmacro %}
