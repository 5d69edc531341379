{#  Which mark parts the decimals in a column of texts: `1,250` is a thousand and more in one file and a little over one in another, and only the
    other values of its column tell. They are looked at once, when a run begins, so that models are compiled for one mark: where it changes, so does
    their SQL, and what was kept of earlier runs is made anew. #}

{# Before every run: per column of texts declared as a number whether its decimals stand after a comma. Other commands keep what is written down. #}
{% macro record_decimal_marks() %}
    {%- if not execute or flags.WHICH not in ['run', 'build'] -%}{{ return('') }}{%- endif -%}
    {%- set tables = [] -%}
    {%- for staged in staged_tables() -%}
        {%- set contract = raw_contract(staged.source, staged.table) -%}
        {%- set relation = api.Relation.create(database=contract.database, schema=contract.schema, identifier=contract.identifier) -%}
        {%- do tables.append({'contract': contract, 'relation': relation}) -%}
    {%- endfor -%}
    {%- set columns = columns_by_relation(tables | map(attribute='relation') | list) -%}
    {%- set queries = [] -%}
    {%- for table in tables -%}
        {%- set written = [] -%}
        {%- for name, raw_type in columns[table.relation | string].items() if type_family(raw_type) == 'text' -%}
            {%- for column in table.contract.columns if column.name | lower == name | lower and type_family(column.data_type) in ['decimal', 'float'] -%}
                {%- do written.append({'column': column.name, 'text': to_readable_text(adapter.quote(name), raw_type)}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if written -%}{%- do queries.append(decimal_marks_query(table.contract, table.relation, written)) -%}{%- endif -%}
    {%- endfor -%}
    {%- set statements = ['create or replace table ' ~ decimal_marks_relation() ~ ' (source_name varchar, table_name varchar, column_name varchar, has_decimal_comma boolean)'] -%}
    {%- if queries -%}{%- do statements.append('insert into ' ~ decimal_marks_relation() ~ '\n' ~ queries | join('\nunion all\n')) -%}{%- endif -%}
    {{ return(hook_statements(statements)) }}
{% endmacro %}

{% macro decimal_marks_relation() %}
    {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier='raw_decimal_marks', type='table')) }}
{% endmacro %}


{#  One pass over a table: the values of each column that can be read in one way only are counted for the mark they have, and the mark of most
    is the column's. Where they say nothing, or as much for the one as for the other, decimals stand after a point. #}
{% macro decimal_marks_query(contract, relation, written) -%}
select
    '{{ contract.source }}' as source_name,
    '{{ contract.table }}' as table_name,
    columns.column_name,
    case columns.place{% for each in written %} when {{ loop.index }} then counted.comma_{{ loop.index }} > counted.point_{{ loop.index }}{% endfor %} end as has_decimal_comma
from (
    select
    {%- for each in written %}
        count(case when {{ text_matches(each.text, decimal_mark_pattern(',', '.')) }} then 1 end) as comma_{{ loop.index }},
        count(case when {{ text_matches(each.text, decimal_mark_pattern('.', ',')) }} then 1 end) as point_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ relation }}
) as counted
cross join (
    {%- for each in written %}
    select {{ loop.index }} as place, '{{ each.column }}' as column_name{{ ' union all' if not loop.last }}
    {%- endfor %}
) as columns
{%- endmacro %}

{#  Numbers that show their decimal mark: 12,5 and 0,250 and 1250,500 (not three digits after it, or a zero or more than three digits before it),
    1.234,56 and 1 234,56, and 1.234.567, where the other mark parts thousands. #}
{% macro decimal_mark_pattern(mark, other) -%}
    {%- set decimals, thousands = '[' ~ mark ~ ']', '([' ~ other ~ thousands_spaces() ~ '][0-9]{3})' -%}
    {{ return(
        '^[+-]?([0-9]*' ~ decimals ~ '([0-9]{1,2}|[0-9]{4,})|(0[0-9]*|[0-9]{4,})' ~ decimals ~ '[0-9]{3}|[1-9][0-9]{0,2}'
        ~ thousands ~ '+' ~ decimals ~ '[0-9]+|[1-9][0-9]{0,2}' ~ thousands ~ '{2,})$'
    ) }}
{%- endmacro %}


{# Names (lower case) of the columns of a raw table whose decimals stand after a comma. #}
{% macro decimal_comma_columns(contract) %}
    {%- set name = decimal_marks_relation() -%}
    {%- set names = [] -%}
    {%- if adapter.get_relation(database=name.database, schema=name.schema, identifier=name.identifier) is not none -%}
        {%- for row in run_query(
            "select column_name from " ~ name ~ " where has_decimal_comma and source_name = '" ~ contract.source ~ "' and table_name = '" ~ contract.table ~ "'"
        ).rows -%}{%- do names.append(row[0] | lower) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}
