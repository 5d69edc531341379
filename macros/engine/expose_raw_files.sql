{#  Makes the raw files (`<raw>/<source>/<table>.parquet|.csv`) visible as views in the schemas the connectors would write to.
    Runs once at the start of a command. Only the embedded engine has raw files; elsewhere the tables are already there. #}
{% macro expose_raw_files() -%}
    {{ return(adapter.dispatch('expose_raw_files', 'kindred')()) }}
{%- endmacro %}

{% macro default__expose_raw_files() -%}
{%- endmacro %}

{% macro duckdb__expose_raw_files() -%}
    {#- Documentation and questions render the hooks without running them: they need neither raw files nor the key that checks these. -#}
    {%- if not execute or flags.WHICH in ('generate', 'show', 'compile') -%}{{ return('') }}{%- endif -%}
    {%- set has_reader = run_query("select count(*) from duckdb_functions() where function_name = 'kindred_inspect_raw'") -%}
    {%- if has_reader.rows[0][0] == 0 -%}{{ return(store_raw_contracts()) }}{%- endif -%}

    {%- set tables = [] -%}
    {%- for staged in staged_tables() -%}
        {%- set contract = raw_contract(staged.source, staged.table) -%}
        {%- set columns = [] -%}
        {%- for column in contract.columns -%}
            {%- do columns.append({
                'name': column.name, 'data_type': column.data_type, 'required': column.required,
                'normalizer': column.normalizer, 'country_columns': column.country_columns, 'type_column': column.type_column,
            }) -%}
        {%- endfor -%}
        {%- do tables.append({
            'source': staged.source, 'table': staged.table, 'schema': contract.schema, 'identifier': contract.identifier,
            'columns': columns, 'default_country': var('default_country'),
        }) -%}
    {%- endfor -%}

    {%- set answer = run_query("select kindred_inspect_raw('" ~ (tojson(tables) | replace("'", "''")) ~ "')") -%}
    {%- set inspection = fromjson(answer.rows[0][0]) -%}
    {%- if not inspection.enabled -%}
        {{ return(([store_raw_contracts(), 'drop table if exists ' ~ target.schema ~ '.raw_files']) | join(';\n')) }}
    {%- endif -%}
    {%- if inspection.errors -%}
        {%- do exceptions.raise_compiler_error('The raw data cannot be used.\n' ~ inspection.errors | join('\n')) -%}
    {%- endif -%}

    {#- A table the user keeps in this database under a connector's name is left alone when no file claims the name. -#}
    {%- set kept_tables = [] -%}
    {%- for row in run_query(
        "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' and table_catalog = current_database()"
    ).rows -%}
        {%- do kept_tables.append(row[0] ~ '.' ~ row[1]) -%}
    {%- endfor -%}

    {%- set statements = [] -%}
    {%- set schemas = [] -%}
    {%- set inventory = [] -%}
    {%- for table in inspection.tables -%}
        {%- set name = adapter.quote(table.schema) ~ '.' ~ adapter.quote(table.identifier) -%}
        {%- set is_kept = (table.schema ~ '.' ~ table.identifier) in kept_tables -%}
        {%- if is_kept and table.files -%}
            {%- do exceptions.raise_compiler_error(
                "The table " ~ table.schema ~ "." ~ table.identifier ~ " is in the database and also in the file " ~ table.files[0]
                ~ ". Remove one of them: which one is right cannot be guessed."
            ) -%}
        {%- endif -%}
        {%- if table.schema not in schemas -%}
            {%- do schemas.append(table.schema) -%}
            {%- do statements.append('create schema if not exists ' ~ adapter.quote(table.schema)) -%}
        {%- endif -%}
        {%- if not is_kept -%}
            {%- do statements.append('create or replace view ' ~ name ~ ' as ' ~ raw_view_query(table)) -%}
            {%- do inventory.append(
                "('" ~ table.source ~ "', '" ~ table.table ~ "', '" ~ table.status ~ "', " ~ (table.files | length) ~ ", "
                ~ table.rows ~ ", " ~ table.malformed_rows ~ ", " ~ table.get('suppressed_rows', 0) ~ ", "
                ~ ("'" ~ (raw_view_query(table, is_numbered=true) | replace("'", "''")) ~ "'" if table.files else 'null') ~ ")"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do statements.append(store_raw_contracts()) -%}
    {%- do statements.append(
        'create or replace table ' ~ target.schema ~ '.raw_files '
        ~ '(source_name string, table_name string, status string, file_count bigint, row_count bigint, malformed_row_count bigint, '
        ~ 'suppressed_row_count bigint, numbered_query string)'
    ) -%}
    {%- if inventory -%}
        {%- do statements.append('insert into ' ~ target.schema ~ '.raw_files values ' ~ inventory | join(', ')) -%}
    {%- endif -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro %}


{# The column of a raw view that says which file a row is of: the later the file, the higher the number. #}
{% macro file_order_column() %}
    {{ return('_file_order') }}
{% endmacro %}

{# What a raw view selects: the files without the rows of erased people, or no rows with the declared columns when there is no file.
   Numbered, it says of each row where in its file it stands (file_row_number): so are single rows read without the rest of the file. #}
{% macro raw_view_query(table, is_numbered=false) -%}
    {%- if table.files -%}
        {%- set option = ', file_row_number = true' if is_numbered else '' -%}
        {%- set screened = {} -%}
        {%- for file, positions in table.get('suppressed', []) -%}{%- do screened.update({file: positions}) -%}{%- endfor -%}
        {%- set paths, places, parts = [], [], [] -%}
        {%- for file in table.files -%}
            {%- set path = "'" ~ (file | replace("'", "''")) ~ "'" -%}
            {%- if file in screened -%}
                {%- do parts.append(
                    'select * ' ~ ('' if is_numbered else 'exclude (file_row_number), ' ~ loop.index ~ ' as ' ~ file_order_column())
                    ~ ' from read_parquet(' ~ path ~ ', file_row_number = true) where file_row_number not in '
                    ~ "(select position from read_parquet('" ~ (screened[file] | replace("'", "''")) ~ "'))"
                ) -%}
            {%- else -%}
                {%- do paths.append(path) -%}
                {%- do places.append(loop.index) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if paths -%}
            {%- set order = '' if is_numbered else ', ([' ~ places | join(', ') ~ '])[cast(file_index as bigint) + 1] as ' ~ file_order_column() -%}
            {%- do parts.insert(0, 'select *' ~ order ~ ' from read_parquet([' ~ paths | join(', ') ~ '], union_by_name = true' ~ option ~ ')') -%}
        {%- endif -%}
        {{ return(parts | join(' union all by name ')) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in table.columns -%}
        {%- do columns.append('cast(null as ' ~ column.data_type ~ ') as ' ~ adapter.quote(column.name)) -%}
    {%- endfor -%}
    {{ return('select ' ~ columns | join(', ') ~ ' where false') }}
{%- endmacro %}


{# The relation in which the exposure wrote down what it found; none where tables do not come from files. #}
{% macro raw_files_relation() %}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {{ return(adapter.get_relation(database=target.get('database'), schema=target.schema, identifier='raw_files')) }}
{% endmacro %}


{# Writes the declarations of all raw tables where a unit test, which has no graph, can read them. #}
{% macro store_raw_contracts() -%}
    {%- set rows = [] -%}
    {%- for staged in staged_tables() -%}
        {%- set contract = tojson(raw_contract(staged.source, staged.table)) | replace("'", "''") -%}
        {%- do rows.append("('" ~ staged.source ~ "', '" ~ staged.table ~ "', '" ~ contract ~ "')") -%}
    {%- endfor -%}
    {%- set name = target.schema ~ '.raw_contracts' -%}
    {%- set statements = [
        'create schema if not exists ' ~ target.schema,
        'create or replace table ' ~ name ~ ' (source_name string, table_name string, declaration string)',
    ] -%}
    {%- if rows -%}{%- do statements.append('insert into ' ~ name ~ ' values ' ~ rows | join(', ')) -%}{%- endif -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro %}

{% macro stored_raw_contract(source_name, table_name) %}
    {%- set answer = run_query(
        "select declaration from " ~ target.schema ~ ".raw_contracts where source_name = '" ~ source_name ~ "' and table_name = '" ~ table_name ~ "'"
    ) -%}
    {{ return(fromjson(answer.rows[0][0])) }}
{% endmacro %}
