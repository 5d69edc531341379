{{ config(schema='intermediate') }}
with profiles as (

    {% for staged in staged_tables() %}
    {%- set relation = source(staged.source, staged.table) -%}
    {%- if execute -%}
    {%- set contract = raw_contract(staged.source, staged.table) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- if raw_columns is not none %}
    {{ column_profiles(contract, raw_columns, relation) | indent(4) }}
    union all
    {% endif -%}
    {%- endif -%}
    {%- endfor %}
    {{ empty_rows({
        'source_name': 'varchar', 'table_name': 'varchar', 'column_name': 'varchar', 'is_present': 'boolean', 'is_clock': 'boolean',
        'row_count': 'bigint', 'value_count': 'bigint', 'distinct_count': 'bigint', 'latest_value_at': 'timestamp', 'minimum_values': 'double',
        'completeness_warn': 'double', 'completeness_fail': 'double', 'validity_warn': 'double', 'validity_fail': 'double',
        'uniqueness_warn': 'double', 'uniqueness_fail': 'double', 'freshness_warn': 'double', 'freshness_fail': 'double',
        'drift_warn': 'double', 'drift_fail': 'double',
    }) }}

)

select * from profiles
