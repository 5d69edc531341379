{#  One view per public mart in schema `masked`, for everybody who needs no clear personal data. Runs at the end of every run, after the marts.

    How a column is masked follows from its metadata: `meta: {mask: <method>}` of the column, else the first rule of var masking that its name
    fits; a column labelled personal that no rule knows is null, so a new one is masked without further work. Columns that are not described
    are left out. Pseudonyms are hashes keyed with a random text in schema privacy, the same in all views, so that views can be joined. #}
{% macro publish_masked_views() -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return('') }}{%- endif -%}
    {%- set schema = api.Relation.create(database=target.get('database'), schema=var('masked_schema')) -%}
    {%- set marts = [] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('access', 'equalto', 'public') | sort(attribute='name') if var('masked_schema') -%}
        {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- if relation -%}{%- do marts.append({'relation': relation, 'columns': node.columns}) -%}{%- endif -%}
    {%- endfor -%}
    {%- set names = columns_by_relation(marts | map(attribute='relation') | list) -%}

    {%- set statements, views = [], [] -%}
    {%- if var('masked_schema') -%}
        {%- do statements.extend([
            'create schema if not exists ' ~ var('masked_schema'),
            'create schema if not exists privacy',
            'create table if not exists ' ~ masking_key() ~ ' as select ' ~ random_text() ~ ' as salt',
        ]) -%}
    {%- endif -%}
    {%- for mart in marts -%}
        {%- set view = schema.incorporate(path={'identifier': mart.relation.identifier}, type='view') -%}
        {%- do views.append(view | string) -%}
        {%- do statements.append(
            'create or replace view ' ~ view ~ ' as ' ~ masked_view_query(mart.relation, mart.columns, names[mart.relation | string])
        ) -%}
        {%- if engine_has_roles() and var('masked_roles') -%}
            {%- do statements.append(get_grant_sql(view, 'select', var('masked_roles'))) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for view in masked_views() if view | string not in views -%}{%- do statements.append('drop view if exists ' ~ view) -%}{%- endfor -%}
    {{ return(hook_statements(statements)) }}
{%- endmacro %}


{# The columns of a mart as its masked view has them: those of `names` that `columns`, the metadata of the model, describes. #}
{% macro masked_view_query(relation, columns, names) -%}
    {%- set selected = [] -%}
    {%- for name in names if name in columns -%}
        {%- set column = columns[name] -%}
        {%- set quoted = adapter.quote(name) -%}
        {%- set method = masking_method(column) -%}
        {%- do selected.append(quoted if method == 'keep' else masked_value(method, 'mart.' ~ quoted, column.data_type) ~ ' as ' ~ quoted) -%}
    {%- endfor -%}
    select {{ selected | join(', ') }} from {{ relation }} as mart cross join {{ masking_key() }} as masking_key
{%- endmacro %}


{# How a column is masked, from its metadata. #}
{% macro masking_method(column) -%}
    {%- set meta = column.get('config', {}).get('meta', {}) or column.get('meta', {}) -%}
    {%- if meta.mask -%}{{ return(meta.mask) }}{%- endif -%}
    {%- set is_personal = meta.pii not in (none, 'none') and 'pii' in meta -%}
    {#- Of what is no text, such as a flag that an address is there, no letters can be shown. -#}
    {%- set is_text = modules.re.match('varchar|text|string|char', (column.data_type or 'text') | lower) -%}
    {%- for rule in var('masking') -%}
        {%- if (
            (is_personal or rule.get('always')) and modules.re.search(rule.columns, column.name)
            and (is_text or rule.method in ('pseudonym', 'year', 'decade', 'keep', 'nothing'))
        ) -%}{{ return(rule.method) }}{%- endif -%}
    {%- endfor -%}
    {{ return('nothing' if is_personal else 'keep') }}
{%- endmacro %}


{# A value masked by a method; null stays null. #}
{% macro masked_value(method, value, data_type) -%}
    {%- if method == 'pseudonym' -%}
        left({{ sha256_hex('masking_key.salt || cast(' ~ value ~ ' as string)') }}, 20)
    {%- elif method == 'email' -%}
        left({{ value }}, 1) || '***@***.' || split_part({{ value }}, '.', -1)
    {%- elif method == 'phone' -%}
        '***' || right({{ value }}, 2)
    {%- elif method == 'initial' -%}
        upper(left({{ value }}, 1)) || '.'
    {%- elif method == 'beginning' -%}
        left({{ value }}, 2) || '***'
    {%- elif method == 'year' -%}
        cast(date_trunc('year', {{ value }}) as {{ engine_type(data_type) }})
    {%- elif method == 'decade' -%}
        cast(floor({{ value }} / 10) * 10 as {{ engine_type(data_type) }})
    {%- elif method == 'identifier' -%}
        case
            when {{ value }} like '%@%' then {{ masked_value('email', value, data_type) }}
            when {{ value }} like '+%' then {{ masked_value('phone', value, data_type) }}
            else {{ masked_value('pseudonym', value, data_type) }}
        end
    {%- elif method == 'nothing' -%}
        cast(null as {{ engine_type(data_type) }})
    {%- elif method == 'keep' -%}
        {{ value }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            "Masking method '" ~ method ~ "' is unknown. Use pseudonym, email, phone, initial, beginning, year, decade, identifier, nothing or keep."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# The table with the random text that pseudonyms are keyed with; not for those who may read masked data only. #}
{% macro masking_key() -%}
    {{ return('privacy.masking_key') }}
{%- endmacro %}
