{#
    A raw table that has lost most of its rows since the last build is a delivery that broke off far more often than it is the truth. Built on,
    it would retire the customers of the table, end their stays in segments and have destinations delete them. So the run stops before it
    builds anything, until the table is delivered again or somebody says that the rows are meant to be gone (var raw_loss_accepted).

    What the last build read is in raw_tables. Retention takes off there what it deletes.
#}
{% macro refuse_lost_rows() %}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return('') }}{%- endif -%}
    {%- set accepted = var('raw_loss_accepted') -%}
    {%- if accepted is string -%}{%- set accepted = [accepted] -%}{%- endif -%}
    {%- set names = [] -%}
    {%- for staged in staged_tables(include_disabled=true) -%}{%- do names.append(staged.source ~ '.' ~ staged.table) -%}{%- endfor -%}
    {%- for name in accepted if name not in names -%}
        {%- do exceptions.raise_compiler_error("var raw_loss_accepted: there is no raw table '" ~ name ~ "'. Name it as <source>.<table>, such as shopify.customer.") -%}
    {%- endfor -%}
    {%- set node = graph.nodes['model.kindred.raw_tables'] -%}
    {%- set counted = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- if counted is none -%}{{ return('') }}{%- endif -%}

    {%- set before = {} -%}
    {%- for row in run_query(
        'select source_name, table_name, row_count from ' ~ counted ~ ' where row_count >= ' ~ var('raw_loss_minimum_rows') | int
    ).rows -%}
        {%- do before.update({row[0] ~ '.' ~ row[1]: row[2] | int}) -%}
    {%- endfor -%}
    {%- set lost = [] -%}
    {%- for staged in staged_tables() if staged.source ~ '.' ~ staged.table in before and staged.source ~ '.' ~ staged.table not in accepted -%}
        {%- set name = staged.source ~ '.' ~ staged.table -%}
        {%- set contract = raw_contract(staged.source, staged.table) -%}
        {%- set relation = adapter.get_relation(database=contract.database, schema=contract.schema, identifier=contract.identifier) -%}
        {%- set now = 0 if relation is none else run_query('select count(*) from ' ~ relation).rows[0][0] | int -%}
        {%- if now < before[name] and before[name] - now >= var('raw_loss_fail') * before[name] -%}
            {%- do lost.append({'name': name, 'before': before[name], 'now': now}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if lost -%}
        {%- set lines = [] -%}
        {%- for table in lost -%}
            {%- do lines.append("{}: {:,} rows; the last build read {:,}.".format(table.name, table.now, table.before)) -%}
        {%- endfor -%}
        {%- set tables = lost | map(attribute='name') | join(', ') -%}
        {%- do exceptions.raise_compiler_error(
            'Raw tables have lost most of their rows, which looks like a delivery that broke off. Nothing was built.\n' ~ lines | join('\n')
            ~ '\nDeliver them again. If the rows are meant to be gone: make run FEWER_ROWS="' ~ tables ~ '" (dbt: --vars \'{raw_loss_accepted: [' ~ tables ~ ']}\').'
        ) -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}
