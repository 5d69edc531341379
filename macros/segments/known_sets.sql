{#
    The sets of segments as the history of stays tells them, for a build that finds a history and no table of sets: an older version wrote
    none, or it was dropped with what can be built again. Without them nobody would notice who left since, as only customers of today would
    be looked at. None where there is no history either.
#}
{% macro segment_sets_of_stays() %}
    {%- if not execute or graph.nodes is not defined -%}{{ return(none) }}{%- endif -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.name == 'segment_membership_history' and node.resource_type == 'model' -%}
        {%- do found.append(adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias)) -%}
    {%- endfor -%}
    {%- if not found or found[0] is none -%}{{ return(none) }}{%- endif -%}
    {%- set present = adapter.get_columns_in_relation(found[0]) | map(attribute='name') | list -%}
    {%- set is_in = 'is_current or is_spent' if 'is_spent' in present else 'is_current' -%}
    {%- set origin = "cast('1970-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ')' -%}
    {%- set query -%}
        (
            select
                customer_id,
                coalesce({{ sorted_list('case when ' ~ is_in ~ ' then segment_name end') }}, '') as segments,
                '' as signature,
                {{ 'coalesce(max(noticed_at), ' ~ origin ~ ')' if 'noticed_at' in present else origin }} as changed_at
            from {{ found[0] }}
            group by customer_id
        )
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}
