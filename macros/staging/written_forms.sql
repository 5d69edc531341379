{#  How a column of texts writes numbers and dates: `1,250` is a thousand and more in one file and a little over one in another, 03/04/2024 is in
    March or in April, and only the other values of their columns tell. They are looked at once, when a run begins, so that models are compiled for
    one form: where it changes, so does their SQL, and what was kept of earlier runs is made anew. #}

{# Before every run: what is shown by the columns of texts that are declared as a number or a time. Other commands keep what is written down. #}
{% macro record_written_forms() %}
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
            {%- for column in table.contract.columns if column.name | lower == name | lower -%}
                {%- set text = to_readable_text(adapter.quote(name), raw_type) -%}
                {%- if type_family(column.data_type) in ['decimal', 'float'] -%}
                    {%- do written.append({
                        'column': column.name, 'text': text, 'first': decimal_mark_pattern(',', '.'), 'second': decimal_mark_pattern('.', ','),
                        'has_decimal_comma': 'first_count > second_count', 'is_month_first': 'null',
                    }) -%}
                {%- elif type_family(column.data_type) in ['timestamp', 'date'] -%}
                    {#- People of several countries may have written one column: then that of each row tells. A slip in a thousand is none of them. -#}
                    {%- do written.append({
                        'column': column.name, 'text': text, 'first': '^[0-9]{1,2}[/-](1[3-9]|2[0-9]|3[01])[/-]', 'second': '^(1[3-9]|2[0-9]|3[01])[/-][0-9]{1,2}[/-]',
                        'has_decimal_comma': 'false',
                        'is_month_first': 'case when first_count > 1000 * second_count then true when second_count > 1000 * first_count then false end',
                    }) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if written -%}{%- do queries.append(written_forms_query(table.contract, table.relation, written)) -%}{%- endif -%}
    {%- endfor -%}
    {%- set statements = [
        'create or replace table ' ~ written_forms_relation()
        ~ ' (source_name varchar, table_name varchar, column_name varchar, has_decimal_comma boolean, is_month_first boolean)',
    ] -%}
    {%- if queries -%}{%- do statements.append('insert into ' ~ written_forms_relation() ~ '\n' ~ queries | join('\nunion all\n')) -%}{%- endif -%}
    {{ return(hook_statements(statements)) }}
{% endmacro %}

{% macro written_forms_relation() %}
    {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier='raw_written_forms', type='table')) }}
{% endmacro %}


{# One pass over a table: the values of each column that can be read in one way only, counted for either form. #}
{% macro written_forms_query(contract, relation, written) -%}
select
    '{{ contract.source }}' as source_name,
    '{{ contract.table }}' as table_name,
    column_name,
    case place{% for each in written %} when {{ loop.index }} then {{ each.has_decimal_comma }}{% endfor %} end as has_decimal_comma,
    case place{% for each in written %} when {{ loop.index }} then {{ each.is_month_first }}{% endfor %} end as is_month_first
from (
    select
        columns.place,
        columns.column_name,
        case columns.place{% for each in written %} when {{ loop.index }} then counted.first_{{ loop.index }}{% endfor %} end as first_count,
        case columns.place{% for each in written %} when {{ loop.index }} then counted.second_{{ loop.index }}{% endfor %} end as second_count
    from (
        select
        {%- for each in written %}
            count(case when {{ text_matches(each.text, each.first) }} then 1 end) as first_{{ loop.index }},
            count(case when {{ text_matches(each.text, each.second) }} then 1 end) as second_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
        from {{ relation }}
    ) as counted
    cross join (
        {%- for each in written %}
        select {{ loop.index }} as place, '{{ each.column }}' as column_name{{ ' union all' if not loop.last }}
        {%- endfor %}
    ) as columns
) as counted_columns
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


{# What is written down of the columns of a raw table, by their name in lower case; empty where nothing is. #}
{% macro written_forms(contract) %}
    {%- set name = written_forms_relation() -%}
    {%- set forms = {} -%}
    {%- if adapter.get_relation(database=name.database, schema=name.schema, identifier=name.identifier) is not none -%}
        {%- for row in run_query(
            "select column_name, has_decimal_comma, is_month_first from " ~ name
            ~ " where source_name = '" ~ contract.source ~ "' and table_name = '" ~ contract.table ~ "'"
        ).rows -%}{%- do forms.update({row[0] | lower: {'has_decimal_comma': row[1], 'is_month_first': row[2]}}) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(forms) }}
{% endmacro %}
