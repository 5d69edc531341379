with raw_tables as (

    select * from {{ ref('raw_tables') }}

),

malformed_rows as (

    select
        source_name,
        table_name,
        'malformed line' as reason,
        malformed_row_count as row_count
    from raw_tables
    where malformed_row_count > 0

),

-- Rows of erased people that a source sent again; the raw view leaves them out.
suppressed_rows as (

    select
        source_name,
        table_name,
        'suppressed' as reason,
        suppressed_row_count as row_count
    from raw_tables
    where suppressed_row_count > 0

),

rejected_by_staging as (

    {% for staged in staged_tables() %}
    {%- set relation = source(staged.source, staged.table) -%}
    {%- if execute -%}
    {%- set contract = raw_contract(staged.source, staged.table) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- if raw_columns is not none and contract.key_columns %}
    {{ rejected_rows_of(contract, raw_columns, relation) | indent(4) }}
    union all
    {% endif -%}
    {%- endif -%}
    {%- endfor %}
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as string) as reason,
        cast(null as bigint) as row_count
    from raw_tables
    where false

),

final as (

    select
        source_name,
        table_name,
        reason,
        row_count
    from malformed_rows
    union all
    select
        source_name,
        table_name,
        reason,
        row_count
    from suppressed_rows
    union all
    select
        source_name,
        table_name,
        reason,
        row_count
    from rejected_by_staging

)

select
    source_name,
    table_name,
    reason,
    row_count
from final
