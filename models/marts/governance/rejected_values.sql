with unusable_values as (

    {% for staged in staged_tables() %}
    {%- set relation = source(staged.source, staged.table) -%}
    {%- if execute -%}
    {%- set contract = raw_contract(staged.source, staged.table) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- for query in (rejected_values_of(contract, raw_columns, relation) if raw_columns is not none else []) %}
    {{ query | indent(4) }}
    union all
    {% endfor -%}
    {%- endif -%}
    {%- endfor %}
    select
        cast(null as string) as source_name,
        cast(null as string) as table_name,
        cast(null as string) as column_name,
        cast(null as string) as reason,
        cast(null as bigint) as value_count,
        cast(null as string) as sample_masked
    from {{ ref('stg_distinct_countries') }}
    where false

),

rejected_by_dictionaries as (

    {{ dictionary_rejections(ref('stg_distinct_emails'), ref('stg_normalized_emails'), ['raw_value']) | indent(4) }}
    union all
    {{ dictionary_rejections(ref('stg_distinct_phones'), ref('stg_normalized_phones'), ['raw_value', 'country']) | indent(4) }}
    union all
    {{ dictionary_rejections(ref('stg_distinct_names'), ref('stg_normalized_names'), ['raw_value', 'name_kind']) | indent(4) }}
    union all
    {{ dictionary_rejections(ref('stg_distinct_countries'), ref('stg_normalized_countries'), ['raw_value']) | indent(4) }}

),

final as (

    select
        source_name,
        table_name,
        column_name,
        reason,
        value_count,
        sample_masked
    from unusable_values
    union all
    select
        source_name,
        table_name,
        column_name,
        reason,
        value_count,
        sample_masked
    from rejected_by_dictionaries

)

select
    source_name,
    table_name,
    column_name,
    reason,
    value_count,
    sample_masked
from final
