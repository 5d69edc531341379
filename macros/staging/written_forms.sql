{#  How a column of texts writes numbers and dates: `1,250` is a thousand and more in one file and a little over one in another, 03/04/2024 is in
    March or in April, and only the other values of their columns tell. They are looked at once, when a run begins, so that models are compiled for
    one form: where it changes, so does their SQL, and what was kept of earlier runs is made anew. #}

{# Before every run: what is shown by the columns that are declared as a number or a time. Other commands keep what is written down. #}
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
        {%- set present = columns[table.relation | string] -%}
        {%- set currency = stated_currency(table.contract, present) -%}
        {%- set written = [] -%}
        {%- for name, raw_type in present.items() -%}
            {%- for column in table.contract.columns if column.name | lower == name | lower -%}
                {%- set shown = shown_forms(column, adapter.quote(name), raw_type, currency) -%}
                {%- if shown -%}{%- do written.append({'column': column.name, 'shown': shown}) -%}{%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if written -%}{%- do queries.append(written_forms_query(table.contract, table.relation, written)) -%}{%- endif -%}
    {%- endfor -%}
    {%- set types = [] -%}
    {%- for name, type in written_form_types().items() -%}{%- do types.append(name ~ ' ' ~ engine_type(type)) -%}{%- endfor -%}
    {%- set statements = ['create schema if not exists ' ~ written_forms_relation().include(identifier=false)] -%}
    {%- do statements.extend(remade_table(
        written_forms_relation(), '(source_name string, table_name string, column_name string, ' ~ types | join(', ') ~ ')'
    )) -%}
    {%- if queries -%}{%- do statements.append('insert into ' ~ written_forms_relation() ~ '\n' ~ queries | join('\nunion all\n')) -%}{%- endif -%}
    {{ return(hook_statements(statements)) }}
{% endmacro %}

{% macro written_forms_relation() %}
    {{ return(api.Relation.create(database=target.get('database'), schema=target.schema, identifier='raw_written_forms', type='table')) }}
{% endmacro %}


{#  What is written down of a column:
    - has_decimal_comma: 12,5 rather than 12.5
    - currency_mark: the mark beside its amounts (EUR 12.50, 12,50 €), if it is one and the same and names no other currency than the row does
    - has_parentheses: (12.50) stands for -12.50
    - is_month_first: 12/24/2024 rather than 24/12/2024
    - is_day_count: times are days as spreadsheets count them (45383 is the first of April 2024) #}
{% macro written_form_types() %}
    {{ return({
        'has_decimal_comma': 'boolean', 'currency_mark': 'varchar', 'has_parentheses': 'boolean', 'is_month_first': 'boolean', 'is_day_count': 'boolean',
    }) }}
{% endmacro %}


{# How a column shows its forms: aggregate expressions by name; empty where there is nothing to ask. `currency`: the row's own, as text, if it has one. #}
{% macro shown_forms(column, name, raw_type, currency) %}
    {%- set declared, raw = type_family(column.data_type), type_family(raw_type) -%}
    {%- if declared in ['decimal', 'float'] and raw == 'text' -%}
        {%- set text = to_readable_text(name, raw_type) -%}
        {%- set amount = "case when " ~ text_matches(text, marked_amount_pattern()) ~ " then " ~ text ~ " end" -%}
        {%- set mark = text_replace_all(amount, '[-+()0-9.,' ~ thousands_spaces() ~ ']', '') -%}
        {%- set bare = "case when " ~ text_matches(text, marked_amount_pattern()) ~ " then "
            ~ text_replace_all(text, '[()' ~ any_spaces() ~ ']*(' ~ currency_mark_pattern() ~ ')[()' ~ any_spaces() ~ ']*|[()]', '') ~ " else " ~ text ~ " end" -%}
        {%- set first, second = decimal_mark_pattern(',', '.'), decimal_mark_pattern('.', ',') -%}
        {{ return({
            'has_decimal_comma': 'count(case when ' ~ text_matches(bare, first) ~ ' then 1 end) > count(case when ' ~ text_matches(bare, second) ~ ' then 1 end)',
            'currency_mark': "case when min(nullif(" ~ mark ~ ", '')) = max(nullif(" ~ mark ~ ", ''))"
                ~ (" and count(case when " ~ marked_currency(mark) ~ " <> upper(" ~ currency ~ ") then 1 end) = 0" if currency else '')
                ~ " then min(nullif(" ~ mark ~ ", '')) end",
            'has_parentheses': "count(case when " ~ amount ~ " like '(%)' then 1 end) > 0",
        }) }}
    {%- elif declared in ['timestamp', 'date'] and raw == 'text' -%}
        {%- set text = to_readable_text(name, raw_type) -%}
        {%- set first = 'count(case when ' ~ text_matches(text, '^[0-9]{1,2}[/-](1[3-9]|2[0-9]|3[01])[/-]') ~ ' then 1 end)' -%}
        {%- set second = 'count(case when ' ~ text_matches(text, '^(1[3-9]|2[0-9]|3[01])[/-][0-9]{1,2}[/-]') ~ ' then 1 end)' -%}
        {#- A number is a day only where every value of the column is one, and where some are of 1990 or later: days since 1970 are below that. -#}
        {%- set days = 'count(case when ' ~ text_matches(text, '^([1-6][0-9]|7[0-2])[0-9]{3}([.,][0-9]+)?$') ~ ' then 1 end)' -%}
        {%- set late_days = 'count(case when ' ~ text_matches(text, '^(3[3-9]|[4-6][0-9]|7[0-2])[0-9]{3}([.,][0-9]+)?$') ~ ' then 1 end)' -%}
        {#- People of several countries may have written one column: then that of each row tells. A slip in a thousand is none of them. -#}
        {{ return({
            'is_month_first': 'case when ' ~ first ~ ' > 1000 * ' ~ second ~ ' then true when ' ~ second ~ ' > 1000 * ' ~ first ~ ' then false end',
            'is_day_count': late_days ~ " > 0 and " ~ days ~ " = count(nullif(" ~ text ~ ", ''))",
        }) }}
    {%- elif declared in ['timestamp', 'date'] and raw in ['integer', 'float', 'decimal'] -%}
        {{ return({'is_day_count': 'min(' ~ name ~ ') >= 10000 and max(' ~ name ~ ') >= 33000 and max(' ~ name ~ ') < 73000'}) }}
    {%- endif -%}
    {{ return({}) }}
{% endmacro %}


{# Marks of currencies as they stand beside amounts; of the others of three capitals some are units (PCS, MIO). #}
{% macro currency_mark_pattern() -%}
    {{ return(
        '(US|CA|AU|NZ|HK|MX|C|A|R|S)?[$]|€|£|¥|₹|₺|₽|₩|₪|₴|฿|zł|Kč|kr|Ft|lei|AED|AUD|BGN|BHD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JOD'
        ~ '|JPY|KES|KRW|KWD|MAD|MXN|MYR|NGN|NOK|NZD|OMR|PEN|PHP|PKR|PLN|QAR|RON|RSD|SAR|SEK|SGD|THB|TND|TRY|TWD|UAH|USD|VND|ZAR'
    ) }}
{%- endmacro %}

{# An amount with a mark, before or after it, or in parentheses. #}
{% macro marked_amount_pattern() -%}
    {%- set space, mark = '[' ~ any_spaces() ~ ']*', '(' ~ currency_mark_pattern() ~ ')' -%}
    {%- set number = '[0-9][0-9.,' ~ thousands_spaces() ~ ']*' -%}
    {{ return(
        '^([(]' ~ space ~ number ~ '[)]|[(]?[+-]?' ~ space ~ mark ~ space ~ '[+-]?' ~ number ~ '[)]?|[(]?[+-]?' ~ number ~ space ~ mark ~ '[)]?)$'
    ) }}
{%- endmacro %}

{# The currency that a mark names; null where several have the mark. #}
{% macro marked_currency(mark) -%}
    case {{ mark }} when '€' then 'EUR' when '£' then 'GBP' else case when {{ text_matches(mark, '^[A-Z]{3}$') }} then {{ mark }} end end
{%- endmacro %}

{# The currency that the rows of a table state for their amounts, as text; none where they do not. #}
{% macro stated_currency(contract, present) %}
    {%- for name, raw_type in present.items() if 'currency' in name | lower and name | lower in contract.by_name and type_family(raw_type) == 'text' -%}
        {{ return("nullif(" ~ to_readable_text(adapter.quote(name), raw_type) ~ ", '')") }}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{# One pass over a table: what each column shows. #}
{% macro written_forms_query(contract, relation, written) -%}
select
    '{{ contract.source }}' as source_name,
    '{{ contract.table }}' as table_name,
    columns.column_name,
    {%- for form, type in written_form_types().items() %}
    case columns.place
        when 0 then cast(null as {{ engine_type(type) }})
        {%- for each in written if form in each.shown %}
        when {{ written.index(each) + 1 }} then counted.{{ form }}_{{ written.index(each) + 1 }}
        {%- endfor %}
    end as {{ form }}{{ ',' if not loop.last }}
    {%- endfor %}
from (
    select
    {%- for each in written %}
        {%- for form, expression in each.shown.items() %}
        {{ expression }} as {{ form }}_{{ written.index(each) + 1 }},
        {%- endfor %}
    {%- endfor %}
        count(*) as row_count
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


{# What is written down of the columns of a raw table, by their name in lower case; empty where nothing is. #}
{% macro written_forms(contract) %}
    {%- set name = written_forms_relation() -%}
    {%- set forms = {} -%}
    {%- if adapter.get_relation(database=name.database, schema=name.schema, identifier=name.identifier) is not none -%}
        {%- set types = written_form_types().keys() | list -%}
        {%- for row in run_query(
            "select column_name, " ~ types | join(', ') ~ " from " ~ name
            ~ " where source_name = '" ~ contract.source ~ "' and table_name = '" ~ contract.table ~ "'"
        ).rows -%}
            {%- set shown = {} -%}
            {%- for form in types -%}{%- do shown.update({form: row[loop.index]}) -%}{%- endfor -%}
            {%- do forms.update({row[0] | lower: shown}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(forms) }}
{% endmacro %}
