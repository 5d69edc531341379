{#
    A raw table that has lost most of its rows since the last build is a delivery that broke off far more often than it is the truth. Built on,
    it would retire the customers of the table, end their stays in segments and have destinations delete them. So the run stops before it
    builds anything, until the table is delivered again or somebody says that the rows are meant to be gone (var raw_loss_accepted).

    What the last build read is in raw_tables. Retention and erasure take off there what they delete.
#}
{% macro refuse_lost_rows() %}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return('') }}{%- endif -%}
    {%- set accepted = var('raw_loss_accepted') -%}
    {%- if accepted is string -%}{%- set accepted = [accepted] -%}{%- endif -%}
    {%- set tables = {'known': [], 'built': []} -%}
    {%- for staged in staged_tables(include_disabled=true) -%}{%- do tables.known.append(staged.source ~ '.' ~ staged.table) -%}{%- endfor -%}
    {%- for staged in staged_tables() -%}{%- do tables.built.append(staged.source ~ '.' ~ staged.table) -%}{%- endfor -%}
    {%- for name in accepted if name not in tables.known -%}
        {%- do exceptions.raise_compiler_error("var raw_loss_accepted: there is no raw table '" ~ name ~ "'. Name it as <source>.<table>, such as shopify.customer.") -%}
    {%- endfor -%}
    {%- set before = rows_of_the_last_build() -%}
    {%- set counted = raw_row_counts(tables.built | select('in', before) | reject('in', accepted) | list) -%}
    {%- set lost = [] -%}
    {%- for name, now in counted.items() -%}
        {%- if now < before[name] and before[name] - now >= var('raw_loss_fail') * before[name] -%}
            {%- do lost.append({'name': name, 'before': before[name], 'now': now}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if lost -%}
        {%- set lines = [] -%}
        {%- for table in lost -%}
            {%- do lines.append("{}: {:,} rows; the last build read {:,}.".format(table.name, table.now, table.before)) -%}
        {%- endfor -%}
        {%- set names = lost | map(attribute='name') | join(', ') -%}
        {%- do exceptions.raise_compiler_error(
            'Raw tables have lost most of their rows, which looks like a delivery that broke off. Nothing was built.\n' ~ lines | join('\n')
            ~ '\nDeliver them again. If the rows are meant to be gone: make run FEWER_ROWS="' ~ names ~ '" (dbt: --vars \'{raw_loss_accepted: [' ~ names ~ ']}\').'
        ) -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}


{# Rows of each raw table at the last build, by <source>.<table>; only of tables large enough to be watched. #}
{% macro rows_of_the_last_build() %}
    {%- set node = graph.nodes['model.kindred.raw_tables'] -%}
    {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- set found = {} -%}
    {%- if columns_by_relation([relation])[relation | string] -%}
        {%- for row in run_query(
            'select source_name, table_name, row_count from ' ~ relation ~ ' where row_count >= ' ~ var('raw_loss_minimum_rows') | int
        ).rows -%}
            {%- do found.update({row[0] ~ '.' ~ row[1]: row[2] | int}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{#  Rows of raw tables now, by <source>.<table>; 0 where there is no table. One question for all. Relations are looked up by columns_by_relation,
    as the adapter would begin a transaction for it, and what later hooks write would be taken back with it. #}
{% macro raw_row_counts(names) %}
    {%- set relations = {} -%}
    {%- for name in names -%}
        {%- set contract = raw_contract(name.split('.')[0], name.split('.')[1]) -%}
        {%- do relations.update({name: api.Relation.create(database=contract.database, schema=contract.schema, identifier=contract.identifier)}) -%}
    {%- endfor -%}
    {%- set columns = columns_by_relation(relations.values() | list) -%}
    {%- set counts, queries = {}, [] -%}
    {%- for name, relation in relations.items() -%}
        {%- do counts.update({name: 0}) -%}
        {%- if columns[relation | string] -%}
            {%- do queries.append("select '" ~ name ~ "' as name, count(*) as row_count from " ~ relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if queries -%}
        {%- for row in run_query(queries | join('\nunion all\n')).rows -%}{%- do counts.update({row[0]: row[1] | int}) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(counts) }}
{% endmacro %}
