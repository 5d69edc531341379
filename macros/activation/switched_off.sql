{# Whether a destination is used (var activation_destinations). #}
{% macro activation_is_on(destination) %}
    {{ return(destination in (var('activation_destinations') or [])) }}
{% endmacro %}


{# Before a run: a misspelt destination would be one that is switched off, and everybody would be taken out of it. #}
{% macro refuse_unknown_destinations() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set names = var('activation_destinations') or [] %}
    {% set known = activation_destinations() | list %}
    {% if names is string or names is mapping %}
        {{ exceptions.raise_compiler_error("'activation_destinations' in vars of dbt_project.yml must be a list, such as [email, sms].") }}
    {% endif %}
    {% for name in names if name not in known %}
        {{ exceptions.raise_compiler_error(
            "'activation_destinations' in vars of dbt_project.yml names '" ~ name ~ "', which is no destination."
            ~ did_you_mean(name, known) ~ ' Destinations are: ' ~ known | join(', ') ~ '.'
        ) }}
    {% endfor %}
{% endmacro %}


{#
  After a run: whoever was published to a destination that is not built any more, switched off or removed from the project, leaves it.
  Nobody tells its tables of a consent withdrawn from now on, and who reads them has to learn that there is nobody to be kept. `_current` is
  emptied and `_state` says that everybody is deleted; what they are found by is forgotten after activation_exit_days, as with every deletion.
  The view of those who might be sent goes.
#}
{% macro empty_destinations_switched_off() -%}
    {#- Named outside of any condition, so that dbt sees at parse time what is read. -#}
    {%- set now = as_of() -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') or flags.EMPTY -%}{{ return('') }}{%- endif -%}
    {%- set built = [] -%}
    {%- set places = [] -%}
    {#- The candidates are where the other intermediate models are. -#}
    {%- set below = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- do built.append(node.alias) -%}
        {%- if node.name == 'activation_monitoring' -%}{%- do places.append(api.Relation.create(database=node.database, schema=node.schema)) -%}{%- endif -%}
        {%- if node.name == 'int_segment_declarations' -%}{%- do below.append(api.Relation.create(database=node.database, schema=node.schema)) -%}{%- endif -%}
    {%- endfor -%}
    {%- set statements = [] -%}
    {%- for place in places -%}
        {%- for destination in published_destinations(place, activation_destinations() | list) if 'activation_' ~ destination ~ '_state' not in built -%}
            {%- do tell_of_leavers(destination, place.incorporate(path={'identifier': 'activation_' ~ destination ~ '_state'})) -%}
            {%- do statements.extend(farewell(
                destination,
                now,
                place.incorporate(path={'identifier': 'activation_' ~ destination ~ '_state'}),
                place.incorporate(path={'identifier': 'activation_' ~ destination ~ '_current'})
            )) -%}
            {%- for schema in below -%}
                {%- do statements.append('drop view if exists ' ~ schema.incorporate(path={'identifier': 'activation_' ~ destination ~ '_candidates'})) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(hook_statements(statements)) }}
{%- endmacro %}


{# Who leaves a destination for good is told once, before it happens: it may be switched off by mistake. #}
{% macro tell_of_leavers(destination, state) -%}
    {#- Outside a transaction, as in macros/engine/hooks.sql. -#}
    {%- call statement('leavers', fetch_result=true, auto_begin=false) -%}
        select count(*) as leavers from {{ state }} where not is_deleted
    {%- endcall -%}
    {%- set leavers = load_result('leavers').table.rows[0][0] -%}
    {%- if leavers > 0 -%}
        {%- do exceptions.warn(
            "the destination '" ~ destination ~ "' is not among activation_destinations: everybody leaves it, " ~ leavers
            ~ " rows of " ~ state.schema ~ "." ~ state.identifier ~ " are marked as deleted. Export once more, so that it is told."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# The statements that take everybody out of the two tables of a destination; what they have done already they do not do again. #}
{% macro farewell(destination, now, state, current) -%}
    {%- set columns = columns_by_relation([state])[state | string] -%}
    {%- set kept = ['activation_id', 'customer_id', 'is_deleted', 'exit_reason', 'row_hash', 'entered_at', 'exited_at', 'updated_at'] -%}
    {%- set content = columns | reject('in', kept) | list -%}
    {#- Of a destination that the project does not know any more nobody can say what it finds people by. -#}
    {%- set attributes = activation_destinations().get(destination, {}).get('attributes', {}) -%}
    {%- set forgotten = stable_key(['activation_id', "'forgotten'"]) -%}
    {%- set changed_at -%}
        cast((
            select greatest({{ now }}, {{ dbt.dateadd('second', 1, 'max(published.updated_at)') }})
            from {{ state }} as published
        ) as {{ dbt.type_timestamp() }})
    {%- endset -%}
    {%- set said = [
        'is_deleted = true', "exit_reason = 'no longer selected'", 'row_hash = ' ~ stable_key(['activation_id', "'deleted'", "'no longer selected'"]),
        'exited_at = ' ~ changed_at, 'updated_at = ' ~ changed_at,
    ] -%}
    {%- set emptied = ['row_hash = ' ~ forgotten, 'updated_at = ' ~ changed_at] -%}
    {%- for column in content -%}
        {%- do emptied.append(adapter.quote(column) ~ ' = null') -%}
        {%- if column in attributes -%}{%- do said.append(adapter.quote(column) ~ ' = null') -%}{%- endif -%}
    {%- endfor -%}
    {{ return([
        'delete from ' ~ current,
        'update ' ~ state ~ ' set ' ~ said | join(', ') ~ ' where not is_deleted',
        'update ' ~ state ~ ' set ' ~ emptied | join(', ') ~ ' where is_deleted and row_hash <> ' ~ forgotten
        ~ ' and ' ~ dbt.dateadd('day', var('activation_exit_days'), 'exited_at') ~ ' < ' ~ now,
    ]) }}
{%- endmacro %}
