{#- The used rows are counted in the staging model itself: a model that loses or repeats rows does not add up. -#}

with raw_tables as (

    select * from {{ ref('raw_tables') }}

),

rejected_rows as (

    select
        source_name,
        table_name,
        sum(row_count) as row_count
    from {{ ref('rejected_rows') }}
    group by source_name, table_name

),

staged_rows as (

    {% for staged in staged_tables() %}
    select
        '{{ staged.source }}' as source_name,
        '{{ staged.table }}' as table_name,
        count(*) as row_count
    from {{ ref(staged.model) }}
    union all
    {% endfor %}
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as bigint) as row_count
    from raw_tables
    where false

),

final as (

    select
        raw_tables.source_name,
        raw_tables.table_name,
        raw_tables.staging_model,
        raw_tables.row_count + raw_tables.malformed_row_count + raw_tables.suppressed_row_count as rows_in,
        coalesce(staged_rows.row_count, 0) as rows_used,
        cast(coalesce(rejected_rows.row_count, 0) as bigint) as rows_rejected
    from raw_tables
    left join staged_rows
        on
            raw_tables.source_name = staged_rows.source_name
            and raw_tables.table_name = staged_rows.table_name
    left join rejected_rows
        on
            raw_tables.source_name = rejected_rows.source_name
            and raw_tables.table_name = rejected_rows.table_name

)

select
    source_name,
    table_name,
    staging_model,
    rows_in,
    rows_used,
    rows_rejected
from final
