{#  The distinct raw values of every column declared with one of the given normalizers, with how often each occurs: what the
    dictionaries in models/staging/normalized are built from. Counts cover all raw rows, also superseded versions.

    Output columns: source_name, table_name, column_name, raw_value, value_count, and
    - with `by_country` (phones): country, the row's ISO alpha-2 country or the default country
    - with `kind_of` (names): name_kind, looked up by normalizer #}
{% macro distinct_raw_values(normalizers, countries=none, kind_of=none, contact_point_type=none) %}
    {#- Named while parsing, for the lineage: any table may turn out to have such a column. -#}
    {%- for staged in staged_tables() -%}
        {%- set relation = source(staged.source, staged.table) -%}
        {%- if countries -%}{%- set owners = owner_countries(staged.source, staged.table) -%}{%- endif -%}
    {%- endfor -%}
    {%- if not execute -%}{{ return('select 1 as not_parsed') }}{%- endif -%}

    {%- set parts = [] -%}
    {%- for staged in staged_tables() -%}
        {%- set contract = raw_contract(staged.source, staged.table) -%}
        {%- set wanted = [] -%}
        {%- for column in contract.columns
            if column.normalizer in normalizers or (contact_point_type and column.normalizer == 'contact_point') -%}
            {%- do wanted.append(column) -%}
        {%- endfor -%}
        {%- set raw_columns = raw_table_columns(contract) if wanted else none -%}
        {%- for column in wanted if raw_columns is not none and column.name | lower in raw_columns -%}
            {%- do parts.append(distinct_values_of_column(
                contract, raw_columns, column, source(staged.source, staged.table), countries, kind_of, contact_point_type
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if parts -%}
        {{ return(parts | join('\n\nunion all\n\n')) }}
    {%- endif %}
select
    cast(null as string) as source_name,
    cast(null as string) as table_name,
    cast(null as string) as column_name,
    {%- if kind_of %}
    cast(null as string) as name_kind,
    {%- endif %}
    {%- if countries %}
    cast(null as string) as country,
    {%- endif %}
    cast(null as string) as raw_value,
    cast(null as bigint) as value_count
from (select 1 as nothing_declared) as nothing
where false
{% endmacro %}


{% macro distinct_values_of_column(contract, raw_columns, column, relation, countries, kind_of, contact_point_type) -%}
    {%- set value = declared_value(contract, raw_columns, column) -%}
    {%- set condition = value ~ ' is not null' -%}
    {%- if column.normalizer == 'contact_point' -%}
        {%- set type_value = declared_value(contract, raw_columns, contract.by_name[column.type_column]) -%}
        {%- set condition = condition ~ ' and lower(' ~ type_value ~ ") = '" ~ contact_point_type ~ "'" -%}
    {%- endif -%}
    {%- set candidates = [] -%}
    {%- set joins = [] -%}
    {%- set owners = owner_countries(contract.source, contract.table) if countries and column.country_of else none -%}
    {%- set has_owner = owners is not none and column.country_of | lower in raw_columns -%}
    {%- if countries -%}
        {%- for name in column.country_columns if name | lower in raw_columns -%}
            {%- do candidates.append('country_' ~ loop.index ~ '.country') -%}
            {%- do joins.append(
                'left join ' ~ countries ~ ' as country_' ~ loop.index ~ '\n    on raw_values.raw_country_' ~ loop.index
                ~ ' = country_' ~ loop.index ~ '.raw_value'
            ) -%}
        {%- endfor -%}
        {%- if has_owner -%}
            {%- do candidates.append('owners.country') -%}
            {%- do joins.append('left join ' ~ owners.relation ~ ' as owners\n    on raw_values.raw_owner = owners.' ~ owners.key) -%}
        {%- endif -%}
        {%- do candidates.append("'" ~ var('default_country') ~ "'") -%}
    {%- endif -%}
select
    '{{ contract.source }}' as source_name,
    '{{ contract.table }}' as table_name,
    '{{ column.name }}' as column_name,
    {%- if kind_of %}
    '{{ kind_of[column.normalizer] }}' as name_kind,
    {%- endif %}
    {%- if countries %}
    coalesce({{ candidates | join(', ') }}) as country,
    {%- endif %}
{%- if countries %}
    raw_values.raw_value,
    cast(sum(raw_values.value_count) as bigint) as value_count
from (
    select
        {{ value }} as raw_value,
        {%- for name in column.country_columns if name | lower in raw_columns %}
        {{ declared_value(contract, raw_columns, contract.by_name[name]) }} as raw_country_{{ loop.index }},
        {%- endfor %}
        {%- if has_owner %}
        cast({{ declared_value(contract, raw_columns, contract.by_name[column.country_of]) }} as string) as raw_owner,
        {%- endif %}
        count(*) as value_count
    from {{ relation }}
    where {{ condition }}
    group by all
) as raw_values
{% for join in joins -%}
{{ join }}
{% endfor -%}
    {%- else %}
    {{ value }} as raw_value,
    count(*) as value_count
from {{ relation }}
where {{ condition }}
    {%- endif %}
group by all
{%- endmacro %}
