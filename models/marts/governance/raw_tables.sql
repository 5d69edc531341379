{#- Tables of a source that is switched off are listed too: "disabled" is an answer to "why is nothing there?". -#}
{%- set raw_files = raw_files_relation() -%}

with raw_tables as (

    {% for staged in staged_tables(include_disabled=true) -%}
    {%- set is_enabled = source_is_enabled(staged.source) -%}
    {%- set relation = source(staged.source, staged.table) if is_enabled else none -%}
    {%- set exists = execute and is_enabled and raw_table_columns(raw_contract(staged.source, staged.table)) is not none -%}
    select
        '{{ staged.source }}' as source_name,
        '{{ staged.table }}' as table_name,
        '{{ staged.model }}' as staging_model,
        {{ 'true' if is_enabled else 'false' }} as is_enabled,
        {{ 'true' if exists else 'false' }} as does_exist,
        {% if exists -%}
        (select count(*) from {{ relation }}) as row_count
        {%- else -%}
        cast(0 as bigint) as row_count
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

raw_files as (

    {% if raw_files -%}
    select
        source_name,
        table_name,
        status,
        file_count,
        malformed_row_count,
        suppressed_row_count
    from {{ raw_files }}
    {%- else -%}
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as string) as status,
        cast(null as bigint) as file_count,
        cast(null as bigint) as malformed_row_count,
        cast(null as bigint) as suppressed_row_count
    from raw_tables
    where false
    {%- endif %}

),

final as (

    select
        raw_tables.source_name,
        raw_tables.table_name,
        raw_tables.staging_model,
        case
            when not raw_tables.is_enabled then 'disabled'
            when raw_files.status is not null then raw_files.status
            when not raw_tables.does_exist then 'missing'
            when raw_tables.row_count = 0 then 'empty'
            else 'ok'
        end as status,
        coalesce(raw_files.file_count, 0) as file_count,
        raw_tables.row_count,
        coalesce(raw_files.malformed_row_count, 0) as malformed_row_count,
        coalesce(raw_files.suppressed_row_count, 0) as suppressed_row_count
    from raw_tables
    left join raw_files
        on
            raw_tables.source_name = raw_files.source_name
            and raw_tables.table_name = raw_files.table_name
            and raw_tables.is_enabled

)

select
    source_name,
    table_name,
    staging_model,
    status,
    file_count,
    row_count,
    malformed_row_count,
    suppressed_row_count
from final
