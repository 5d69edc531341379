{#
    How large tables keep up with the data: an increment looks for what has changed, works out those rows anew, and writes the ones that
    differ. Everything else stays where it is, and the table is the one that a full build would give.

    Such a table is an incremental model of strategy `restate`, with `restate_begin` as pre-hook, `restate_end` as post-hook and, in its meta:

        restates:
          touched_by: visitor_id               # rows are restated together that share this column; none: all rows are compared
          inputs: [events]                     # restated models that the touched rows are found in
          logged: {customer_id: customer_id}   # what the models that read this one have to know of a row that came or went
          raw: [segment, tracks]               # staging only: the raw table
          typed_as: [[pos, receipt]]           # staging that compares all rows: the raw tables whose declared types it has
          macros: [resolved_web_events]        # macros without arguments that the SQL is made of, which dbt does not show

    What is touched: in staging, the keys of raw rows that are new, different or gone, whatever their times say (macros/incremental/raw.sql);
    else what macro `touched_<model>` selects from the changes of the inputs. Within the model, restrict to it where `is_incremental()`.

    The changes of a run lie in intermediate.<model>__changes: the key, the logged values and `side`, 'before' or 'after'. Each run is a row
    of intermediate.restated_runs: the version that it left the table at, the version that its changes start from, and the versions of the
    inputs it saw. A table that missed changes of an input, because a run broke off or left it out, is built whole; so it is when its SQL, its
    declarations or the columns of its contract change, after an erasure, and with --full-refresh.
#}

{% macro restated_runs() %}
    {{ return(api.Relation.create(
        database=target.get('database'), schema=generate_schema_name('intermediate', none), identifier='restated_runs', type='table'
    )) }}
{% endmacro %}

{# Before every run: the table must be there before two models want to write to it at once. #}
{% macro prepare_restated_runs() %}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return('') }}{%- endif -%}
    {%- set runs = restated_runs() -%}
    {{ return(hook_statements([
        'create schema if not exists ' ~ runs.include(identifier=false),
        'create table if not exists ' ~ runs ~ ' (model_name string, recorded_at timestamp, run_id string, mode string, full_reason string, '
        ~ 'version string, base_version string, fingerprint string, inputs string, rows_removed bigint, rows_added bigint)',
    ])) }}
{% endmacro %}

{# A table that belongs to a restated model: `changes`, `touched` or `rows`. #}
{% macro restated_companion(name, kind) %}
    {{ return(restated_runs().incorporate(path={'identifier': name ~ '__' ~ kind})) }}
{% endmacro %}

{# Where an increment of this model finds what it has to restate: one column, named as `touched_by`. #}
{% macro restate_touched() %}
    {{ return(restated_companion(this.identifier, 'touched')) }}
{% endmacro %}

{% macro restate_settings() %}
    {{ return((config.get('meta') or {}).get('restates')) }}
{% endmacro %}

{# Where a model stands: the row of its last run as a dictionary, none if there was none. #}
{% macro restate_state(name) %}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- set runs = restated_runs() -%}
    {%- set rows = run_query(
        "select run_id, version, base_version, fingerprint, inputs from " ~ runs ~ " where model_name = '" ~ name ~ "' order by recorded_at desc limit 1"
    ).rows -%}
    {%- if not rows -%}{{ return(none) }}{%- endif -%}
    {%- set row = rows[0] -%}
    {{ return({'run_id': row[0], 'version': row[1], 'base_version': row[2], 'fingerprint': row[3], 'inputs': fromjson(row[4])}) }}
{% endmacro %}

{#
    What this run of the model does: {'full_reason': none for an increment, 'inputs': versions of the inputs now, 'changed': inputs with
    changes that the model has not seen}.
#}
{% macro restate_plan() %}
    {%- set settings = restate_settings() -%}
    {%- set state = restate_state(this.identifier) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set plan = {'full_reason': none, 'inputs': {}, 'changed': []} -%}
    {%- for input in settings.get('inputs', []) if restated_is_enabled(input) -%}
        {%- set now = restate_state(input) -%}
        {%- do plan.inputs.update({input: now.version if now else none}) -%}
        {%- set seen = state.inputs.get(input) if state else none -%}
        {%- if now is none or seen is none -%}
            {%- do plan.update({'full_reason': input ~ ' is new'}) -%}
        {%- elif now.version != seen -%}
            {%- do plan.changed.append(input) -%}
            {%- if now.base_version != seen -%}
                {%- do plan.update({'full_reason': 'the changes of ' ~ input ~ ' are not known'}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if existing is none or existing.type != 'table' or state is none -%}
        {%- do plan.update({'full_reason': 'not built before'}) -%}
    {%- elif flags.FULL_REFRESH -%}
        {%- do plan.update({'full_reason': 'full refresh'}) -%}
    {%- elif state.fingerprint != restate_fingerprint() -%}
        {%- do plan.update({'full_reason': 'SQL, declarations or columns have changed, or people were erased'}) -%}
    {%- endif -%}
    {{ return(plan) }}
{% endmacro %}

{% macro restated_is_enabled(name) %}
    {{ return(graph.nodes.get('model.kindred.' ~ name) is not none) }}
{% endmacro %}

{# What the rows rest on besides the data. When it changes, no row that was kept is of use any more. #}
{% macro restate_fingerprint() %}
    {%- set parts = [model.raw_code, model.columns | tojson, event_word('x'), url_domain('x'), marketing_channel('x', 'y', 'z')] -%}
    {%- for name in [
        'session_gap_minutes', 'attribution_lookback_days', 'attribution_position_first', 'attribution_position_last', 'device_lookback_days',
        'identity_identifier_types',
    ] -%}
        {%- do parts.append(tojson(var(name))) -%}
    {%- endfor -%}
    {%- for source in ['shopify', 'zendesk', 'klaviyo', 'segment', 'pos'] -%}{%- do parts.append(var(source ~ '_enabled') | string) -%}{%- endfor -%}
    {%- for name in restate_settings().get('macros', []) -%}{%- do parts.append(context[name]()) -%}{%- endfor -%}
    {%- set raw = restate_settings().get('raw') -%}
    {%- if raw -%}{%- do parts.append(raw_rows_fingerprint(raw[0], raw[1])) -%}{%- endif -%}
    {#- A table cannot take rows of other types than it has. -#}
    {%- for table in restate_settings().get('typed_as', []) -%}
        {%- do parts.append(raw_contract(table[0], table[1]).columns | map(attribute='data_type') | join(',')) -%}
    {%- endfor -%}
    {%- do parts.append(last_erasure()) -%}
    {{ return(local_md5(parts | join('|'))) }}
{% endmacro %}

{# Erasing deletes rows beneath a run; what rests on the rows that stay is then made anew. Operations that delete nothing do not count. #}
{% macro last_erasure() %}
    {%- set log = adapter.get_relation(database=target.get('database'), schema='privacy', identifier='operations_log') -%}
    {%- if log is none -%}{{ return('') }}{%- endif -%}
    {{ return(run_query("select count(*) from " ~ log ~ " where not is_dry_run and operation not in ('export-subject', 'backup', 'rectify-subject', 'readmit-subject', 'restrict-subject')").rows[0][0] | string) }}
{% endmacro %}

{# The unseen changes of an input, for the macros `touched_<model>`; no rows where there are none. #}
{% macro restated_changes(input) %}
    {%- set changes = restated_companion(input, 'changes') -%}
    {%- if input in restate_plan().changed -%}{{ return(changes) }}{%- endif -%}
    {%- set log = graph.nodes['model.kindred.' ~ input].config.meta.restates.logged -%}
    {%- set columns = [] -%}
    {%- for name in log -%}{%- do columns.append('cast(null as string) as ' ~ name) -%}{%- endfor -%}
    {{ return('(select ' ~ columns | join(', ') ~ ' where false)') }}
{% endmacro %}

{# Pre-hook: finds what an increment has to restate. #}
{% macro restate_begin() %}
    {%- set settings = restate_settings() -%}
    {%- if not execute or not settings.get('touched_by') or not is_incremental() -%}{{ return('') }}{%- endif -%}
    {%- set query = touched_raw_keys(settings) if settings.get('raw') else context['touched_' ~ this.identifier]() -%}
    {{ return(hook_statements(remade_table(restate_touched(), 'as\n' ~ query))) }}
{% endmacro %}

{# Incremental strategy `restate`: of the touched rows, those go that are no more or differ, and those come that are new or differ. #}
{% macro get_incremental_restate_sql(arg_dict) %}
    {%- set settings = restate_settings() -%}
    {%- set target_relation = arg_dict['target_relation'] -%}
    {%- set keys = config.get('unique_key') -%}
    {%- if keys is string -%}{%- set keys = [keys] -%}{%- endif -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set row_hash = hash_key(arg_dict['dest_columns'] | map(attribute='quoted') | list) -%}
    {%- set before = target_relation -%}
    {%- if settings.get('touched_by') -%}
        {%- set before = '(select * from ' ~ target_relation ~ ' where ' ~ settings.touched_by ~ ' in (select ' ~ settings.touched_by ~ ' from ' ~ restate_touched() ~ '))' -%}
    {%- endif -%}
    {%- set on_keys = [] -%}
    {%- for key in keys -%}{%- do on_keys.append('before_rows.' ~ key ~ ' = after_rows.' ~ key) -%}{%- endfor -%}
    {%- set found = restated_companion(this.identifier, 'found') -%}
    {%- set find_changes -%}
        create or replace table {{ found }} as
        with before_rows as (select {{ keys | join(', ') }}, {{ row_hash }} as row_hash from {{ before }} as stored),
        after_rows as (select {{ keys | join(', ') }}, {{ row_hash }} as row_hash from {{ arg_dict['temp_relation'] }}),
        different as (
            select {% for key in keys %}coalesce(before_rows.{{ key }}, after_rows.{{ key }}) as {{ key }}{{ ', ' if not loop.last }}{% endfor %}
            from before_rows full outer join after_rows on {{ on_keys | join(' and ') }}
            where before_rows.row_hash is distinct from after_rows.row_hash
        )
        {% for side, relation in [('before', before), ('after', arg_dict['temp_relation'])] %}
        select
            {%- for key in keys %} rows_of_side.{{ key }} as key_{{ loop.index }},{% endfor %}
            {%- for name, value in settings.get('logged', {}).items() %} {{ value }} as {{ name }},{% endfor %}
            '{{ side }}' as side
        from {{ relation }} as rows_of_side
        where {{ restated_key_is_in(keys, keys, 'different', 'rows_of_side') }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    {%- endset -%}
    {%- do run_query(find_changes) -%}
    {%- set counts = run_query("select count(*) filter (where side = 'before'), count(*) filter (where side = 'after') from " ~ found).rows[0] -%}
    {%- set plan = restate_plan() -%}
    {%- set state = restate_state(this.identifier) -%}
    {#- Nothing changed: the version stays, so that models downstream have nothing to do. -#}
    {%- if counts[0] + counts[1] == 0 %}
        drop table {{ found }};
        {{ restate_record('increment', none, state.version, state.base_version, plan.inputs, 0, 0) }}
    {%- else -%}
        {%- set key_columns = [] -%}
        {%- for key in keys -%}{%- do key_columns.append('key_' ~ loop.index) -%}{%- endfor %}
        delete from {{ target_relation }} as stored
        where {{ restated_key_is_in(keys, key_columns, '(select * from ' ~ found ~ " where side = 'before')", 'stored') }};
        insert into {{ target_relation }} ({{ columns }})
        select {{ columns }} from {{ arg_dict['temp_relation'] }} as made
        where {{ restated_key_is_in(keys, key_columns, '(select * from ' ~ found ~ " where side = 'after')", 'made') }};
        drop table if exists {{ restated_companion(this.identifier, 'changes') }};
        alter table {{ found }} rename to {{ restated_companion(this.identifier, 'changes').identifier }};
        {{ restate_record('increment', none, invocation_id, state.version, plan.inputs, counts[0], counts[1]) }}
    {%- endif -%}
    {%- if settings.get('raw') -%};
        {{ keep_raw_hashes(settings, only_touched=true) | join(';\n') }}
    {%- endif -%}
{% endmacro %}

{# True for the rows of `alias` whose key is among those of a relation. #}
{% macro restated_key_is_in(keys, names, relation, alias) -%}
    {%- if keys | length == 1 -%}
        {{ alias }}.{{ keys[0] }} in (select {{ names[0] }} from {{ relation }} as listed)
    {%- else -%}
        exists (
            select 1 from {{ relation }} as listed
            where {% for key in keys %}listed.{{ names[loop.index0] }} = {{ alias }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{% macro restate_record(mode, full_reason, version, base_version, inputs, rows_removed, rows_added) %}
insert into {{ restated_runs() }} values (
    '{{ this.identifier }}', cast({{ dbt.current_timestamp() }} as timestamp), '{{ invocation_id }}', '{{ mode }}', {{ "'" ~ full_reason ~ "'" if full_reason else 'null' }},
    '{{ version }}', {{ "'" ~ base_version ~ "'" if base_version else 'null' }}, '{{ restate_fingerprint() }}', '{{ tojson(inputs) }}', {{ rows_removed }}, {{ rows_added }}
)
{%- endmacro %}

{# Post-hook: writes down that the table was built whole, which an increment has done already. #}
{% macro restate_end() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set settings = restate_settings() -%}
    {%- set state = restate_state(this.identifier) -%}
    {%- set companions = [restate_touched()] -%}
    {%- set statements = [] -%}
    {%- if not (state and state.run_id == invocation_id) -%}
        {%- set plan = restate_plan() -%}
        {%- do companions.append(restated_companion(this.identifier, 'changes')) -%}
        {%- do statements.append(restate_record(
            'full', plan.full_reason, invocation_id, none, plan.inputs, 0, run_query('select count(*) from ' ~ this).rows[0][0]
        )) -%}
        {%- if settings.get('raw') -%}{%- do statements.extend(keep_raw_hashes(settings)) -%}{%- endif -%}
    {%- endif -%}
    {%- for companion in companions -%}{%- do statements.append('drop table if exists ' ~ companion) -%}{%- endfor -%}
    {{ return(hook_statements(statements)) }}
{% endmacro %}
