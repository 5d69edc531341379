{#
    Which raw rows have changed since the last run: every row is hashed and compared with the hashes kept of the last run. No clock is
    trusted; what arrives late is found like anything else, and what is gone is missed. Hashing a row costs about a tenth of staging it.
#}

{# The rows of a raw table as (row_key, row_hash): its first key column as text, and one number for all declared columns. #}
{% macro raw_row_hashes(settings) %}
    {%- set contract = raw_contract(settings.raw[0], settings.raw[1]) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- set hashed = [] -%}
    {%- for column in contract.columns if column.name | lower in raw_columns -%}
        {%- do hashed.append(adapter.quote(raw_columns[column.name | lower].name)) -%}
    {%- endfor -%}
select {{ raw_row_key(contract, raw_columns) }} as row_key, {{ hash_key(hashed) }} as row_hash
from {{ source(settings.raw[0], settings.raw[1]) }}
{%- endmacro %}

{# The key by which staging knows a raw row. Versions of a row share it, so that they are looked at together. #}
{% macro raw_row_key(contract, raw_columns) %}
    {%- set key = contract.by_name[contract.key_columns[0]] -%}
    {{ return('cast(' ~ declared_value(contract, raw_columns, key) ~ ' as string)') }}
{% endmacro %}

{% macro touched_raw_keys(settings) %}
select distinct coalesce(found.row_key, kept.row_key) as {{ settings.touched_by }}
from ({{ raw_row_hashes(settings) }}) as found
full outer join {{ restated_companion(this.identifier, 'rows') }} as kept
    on found.row_key = kept.row_key and found.row_hash = kept.row_hash
where (found.row_hash is null or kept.row_hash is null) and coalesce(found.row_key, kept.row_key) is not null
{% endmacro %}

{# Writes down the hashes of the raw rows that the staged rows were made of: the statements for it. #}
{% macro keep_raw_hashes(settings, only_touched=false) %}
    {%- set kept = restated_companion(this.identifier, 'rows') -%}
    {%- if raw_table_columns(raw_contract(settings.raw[0], settings.raw[1])) is none -%}
        {{ return(remade_table(kept, '(row_key string, row_hash bigint)')) }}
    {%- endif -%}
    {%- set rows = 'select distinct row_key, row_hash\nfrom (' ~ raw_row_hashes(settings) ~ ') as found\nwhere row_key ' -%}
    {%- if only_touched -%}
        {%- set touched = 'in (select ' ~ settings.touched_by ~ ' from ' ~ restate_touched() ~ ')' -%}
        {{ return(['delete from ' ~ kept ~ ' where row_key ' ~ touched, 'insert into ' ~ kept ~ '\n' ~ rows ~ touched]) }}
    {%- endif -%}
    {{ return(remade_table(kept, 'as\n' ~ rows ~ 'is not null')) }}
{% endmacro %}

{# All that staging does with a raw table, as one text. #}
{% macro raw_rows_fingerprint(source_name, table_name) %}
    {%- set contract = raw_contract(source_name, table_name) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- set parts = [
        typed_rows(contract, raw_columns, 'raw'), current_version_ctes(contract, raw_columns), contract.deleted_column | string, contract.reject_when | tojson,
    ] -%}
    {%- for column in contract.columns -%}{%- do parts.append(locally_normalized(column, 'x', "'" ~ var('default_country') ~ "'")) -%}{%- endfor -%}
    {{ return(parts | join('|')) }}
{% endmacro %}
