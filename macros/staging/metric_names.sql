{#
    What names of Klaviyo's metrics the staged events rest on, as one text: nothing while every event says itself of what kind it is. Metrics are
    few, and one that comes or is renamed has its events staged anew.
#}
{% macro klaviyo_metric_names() %}
    {%- set columns = raw_table_columns(raw_contract('klaviyo', 'event')) or {} -%}
    {%- if not columns.metric_id -%}{{ return('') }}{%- endif -%}
    {%- if columns.type -%}
        {%- set kind = to_text(adapter.quote(columns.type.name), columns.type.data_type) -%}
        {%- set metric = to_text(adapter.quote(columns.metric_id.name), columns.metric_id.data_type) -%}
        {%- set unnamed = run_query(
            'select 1 from ' ~ source('klaviyo', 'event') ~ ' where ' ~ metric ~ " is not null and coalesce(trim(" ~ kind ~ "), '') in ('', trim(" ~ metric ~ ')) limit 1'
        ) -%}
        {%- if not unnamed.rows -%}{{ return('') }}{%- endif -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for row in run_query('select metric_id, metric_name from ' ~ ref('stg_klaviyo__metrics') ~ ' order by metric_id').rows -%}
        {%- do names.append(row[0] ~ '=' ~ row[1]) -%}
    {%- endfor -%}
    {{ return(names | join('|')) }}
{% endmacro %}
