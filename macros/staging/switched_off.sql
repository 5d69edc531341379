{#
    What is left in the database of a source that is switched off. Nothing reads or erases it any more, so it goes with the first run without the
    source: the tables and views that this project makes of it, by their names, and the views on its raw files. What was concluded from it by
    then follows from the models that are built without it; the ledgers of customer ids, consents and destinations stay. Raw tables are the user's own.
#}

{# The models of each source beside those that stage its raw tables (staged_tables), by name, since dbt does not show macros a model that is
   disabled. A test compares them with the models' configs. #}
{% macro further_models_of_sources() %}
    {{ return({
        'shopify': [
            'stg_shopify__customer_countries', 'stg_shopify__guests', 'int_refund_events', 'int_shopify_orders', 'int_shopify_refunds', 'int_shopify_sales',
            'int_shopify_withdrawn_orders', 'int_unit_costs',
        ],
        'salesforce': ['stg_salesforce__merges'],
        'zendesk': ['int_customer_tickets', 'int_ticket_events'],
        'klaviyo': ['int_customer_email_activity'],
        'segment': ['stg_segment__users', 'int_customer_web_activity', 'int_web_events'],
        'pos': ['int_pos_orders'],
        'survey': ['stg_survey__respondents'],
    }) }}
{% endmacro %}


{# After a run: drops what is left, unless a view that was not built anew still reads it, and says so. #}
{% macro drop_switched_off_sources() -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') or flags.EMPTY -%}{{ return('') }}{%- endif -%}
    {%- set models = {} -%}
    {%- for staged in staged_tables(include_disabled=true) if not source_is_enabled(staged.source) -%}
        {%- do models.update({staged.model: staged.source}) -%}
    {%- endfor -%}
    {%- for source, names in further_models_of_sources().items() if not source_is_enabled(source) -%}
        {%- for name in names -%}{%- do models.update({name: source}) -%}{%- endfor -%}
    {%- endfor -%}
    {#- A model of that name which is built all the same is somebody's own. -#}
    {%- set built = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}{%- do built.append(node.alias) -%}{%- endfor -%}

    {%- set found = [] -%}
    {%- for name, source in models.items() if name not in built -%}
        {%- set home = generate_schema_name('staging' if name.startswith('stg_') else 'intermediate', none) -%}
        {%- set relation = adapter.get_relation(database=target.get('database'), schema=home, identifier=name) -%}
        {%- if relation -%}{%- do found.append({'name': name, 'source': source, 'relation': relation}) -%}{%- endif -%}
        {#- What increments of it have kept: hashes and keys of its rows. -#}
        {%- for kind in ['rows', 'changes', 'touched', 'found'] -%}
            {%- set kept = restated_companion(name, kind) -%}
            {%- set companion = adapter.get_relation(database=kept.database, schema=kept.schema, identifier=kept.identifier) -%}
            {%- if companion -%}{%- do found.append({'name': kept.identifier, 'source': source, 'relation': companion}) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}

    {%- set read = names_still_read(found | map(attribute='name') | list, models | list) if found else [] -%}
    {%- set statements, counts, waiting = [], {}, [] -%}
    {%- for left in found -%}
        {%- if left.name in read -%}
            {%- do waiting.append(left.relation | string) -%}
        {%- else -%}
            {%- do statements.append('drop ' ~ left.relation.type ~ ' if exists ' ~ left.relation) -%}
            {%- do counts.update({left.source: counts.get(left.source, 0) + 1}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for view in raw_views_left_over() -%}
        {%- do statements.append('drop view if exists ' ~ view.relation) -%}
        {%- do counts.update({view.source: counts.get(view.source, 0) + 1}) -%}
    {%- endfor -%}
    {%- for source, count in counts.items() -%}
        {%- do log("Source " ~ source ~ " is switched off: dropped " ~ count ~ " tables and views of it. Its raw data is left as it is.", info=true) -%}
    {%- endfor -%}
    {%- if waiting -%}
        {%- do log(
            "Of sources that are switched off these are still there, because something that this run did not build reads them: " ~ waiting | join(', ')
            ~ ". A build of the whole project drops them.", info=true
        ) -%}
    {%- endif -%}
    {{ return(hook_statements(statements)) }}
{%- endmacro %}
