{#  The rows of a raw table that count, in their declared types: the whole of what staging does to every table alike.

        select ... from {{ raw_rows('shopify', 'customer', normalized=true) }} as customers

    - each declared column is cast only where the raw type differs; blank text is null; a missing column is a typed null
    - rows without a key are left out, of several versions of a key the latest is kept, deleted rows are left out,
      rows that meet a declared `reject_when` condition are left out; models/marts/governance/rejected_rows counts them all
    - with `normalized`, columns declared with a normalizer carry the normalized value (see models/staging/normalized);
      a phone column x also gives x__type, a full_name column x also gives x__given_name, x__middle_name, x__family_name
    - with `with_extra_columns`, columns nobody declared are kept as text
    - with `only_touched`, increments are restricted to the keys in `restate_touched` (macros/incremental) #}
{% macro raw_rows(source_name, table_name, normalized=false, with_extra_columns=false, only_touched=false) %}
    {#- Named while parsing, so that dbt knows the lineage before it knows the declarations. -#}
    {%- set relation = source(source_name, table_name) -%}
    {%- set dictionaries = {} -%}
    {%- if normalized -%}
        {%- do dictionaries.update({
            'email': ref('stg_normalized_emails'), 'phone': ref('stg_normalized_phones'),
            'name': ref('stg_normalized_names'), 'country': ref('stg_normalized_countries'),
            'owners': owner_countries(source_name, table_name),
        }) -%}
    {%- endif -%}
    {%- if not execute -%}{{ return('(select 1 as not_parsed)') }}{%- endif -%}

    {%- set contract = raw_contract(source_name, table_name) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- set extra = [] -%}
    {%- if with_extra_columns and raw_columns is not none -%}
        {%- for name in undeclared_columns(source_name, table_name) -%}{%- do extra.append(raw_columns[name | lower]) -%}{%- endfor -%}
    {%- endif -%}
(
    with typed as (
        {{ typed_rows(contract, raw_columns, relation, extra) | indent(8) }}
        {%- if only_touched and raw_columns is not none and is_incremental() %}
        where {{ raw_row_key(contract, raw_columns) }} in (select {{ restate_settings().touched_by }} from {{ restate_touched() }})
        {%- endif %}
    ),

    {{ current_version_ctes(contract, raw_columns, extra) | indent(4) }},

    live as (

        select *
        from current_version
        where
            true
            {%- if contract.deleted_column %}
            and coalesce({{ contract.deleted_column }}, false) = false
            {%- endif %}
            {%- for rule in contract.reject_when %}
            and coalesce({{ rule.condition }}, false) = false
            {%- endfor %}

    )

    {% if normalized -%}
    {{ normalized_rows(contract, dictionaries, extra) | indent(4) }}
    {%- else -%}
    {%- for column in contract.columns if column.normalizer in ['email', 'phone', 'contact_point', 'given_name', 'family_name', 'full_name', 'country'] -%}
        {%- do exceptions.raise_compiler_error(
            source_name ~ "." ~ table_name ~ ": column '" ~ column.name ~ "' is declared with a normalizer; call raw_rows(..., normalized=true)."
        ) -%}
    {%- endfor -%}
    {%- set selected = [] -%}
    {%- for column in contract.columns -%}
        {%- do selected.append(locally_normalized(column, 'live', "'" ~ var('default_country') ~ "'") ~ ' as ' ~ adapter.quote(column.name)) -%}
    {%- endfor -%}
    {%- for raw in extra -%}{%- do selected.append(adapter.quote(raw.name)) -%}{%- endfor %}
    select
        {{ selected | join(',\n        ') }}
    from live
    {%- endif %}
)
{% endmacro %}


{# Every raw row in the declared types and with the place of its file, no row left out. An absent table gives no rows, not an error. #}
{% macro typed_rows(contract, raw_columns, relation, extra=[]) -%}
{%- set selected = [] -%}
{%- for column in contract.columns -%}
    {%- do selected.append(declared_value(contract, raw_columns or {}, column) ~ ' as ' ~ adapter.quote(column.name)) -%}
{%- endfor -%}
{%- for raw in extra -%}
    {%- do selected.append(to_text(adapter.quote(raw.name), raw.data_type) ~ ' as ' ~ adapter.quote(raw.name)) -%}
{%- endfor -%}
{%- if file_order_column() in (raw_columns or {}) -%}{%- do selected.append(file_order_column()) -%}{%- endif -%}
select
    {{ selected | join(',\n    ') }}
{%- if raw_columns is none %}
from (select 1 as absent_table) as absent
where false
{%- else %}
from {{ relation }}
{%- endif %}
{%- endmacro %}


{# Keys that occur more than once among the `typed` rows, with how often. #}
{% macro repeated_keys_cte(contract) -%}
{%- set keys = contract.key_columns -%}
repeated_keys as (

    select
        {%- for key in keys %}
        {{ adapter.quote(key) }} as repeated_key_{{ loop.index }},
        {%- endfor %}
        count(*) as version_count
    from typed
    where {% for key in keys %}{{ adapter.quote(key) }} is not null{{ ' and ' if not loop.last }}{% endfor %}
    group by {% for key in keys %}{{ adapter.quote(key) }}{{ ', ' if not loop.last }}{% endfor %}
    having count(*) > 1

)
{%- endmacro %}


{#  CTEs from `typed` to `current_version`. Only keys that occur more than once are ranked: a window over all rows would
    sort a whole event table to find the few repeated ones. Where no declared time tells which version is the latest, the later file does.
    Without a declared key every row is its own version.
    - asked: the columns that `current_version` is to have, of those declared
    - whole: where rows have all columns, which put versions in order, if `typed` has only those asked for and the keys #}
{% macro current_version_ctes(contract, raw_columns, extra=[], asked=none, whole='typed') -%}
{%- set asked = contract.columns if asked is none else asked -%}
{%- set keys = contract.key_columns -%}
{%- if keys | length == 0 -%}
current_version as (

    select *
    from typed

)
{%- else -%}
{%- set places = [file_order_column()] if file_order_column() in (raw_columns or {}) else [] -%}
{%- set names = asked | map(attribute='name') | list + extra | map(attribute='name') | list -%}
{%- set order_columns = contract.latest_by + places + (contract.columns | map(attribute='name') | reject('in', contract.latest_by) | list) -%}
{{ repeated_keys_cte(contract) }},

versions as (

    select
        typed.*,
        row_number() over (
            partition by {% for key in keys %}typed.{{ adapter.quote(key) }}{{ ', ' if not loop.last }}{% endfor %}
            order by {% for name in order_columns %}typed.{{ adapter.quote(name) }} desc nulls last{{ ', ' if not loop.last }}{% endfor %}
        ) as version_rank
    from {{ whole ~ (' as typed' if whole != 'typed' else '') }}
    inner join repeated_keys
        on {% for key in keys %}typed.{{ adapter.quote(key) }} = repeated_keys.repeated_key_{{ loop.index }}{{ ' and ' if not loop.last }}{% endfor %}

),

current_version as (

    select
        {%- for name in names %}
        typed.{{ adapter.quote(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from typed
    left join repeated_keys
        on {% for key in keys %}typed.{{ adapter.quote(key) }} = repeated_keys.repeated_key_{{ loop.index }}{{ ' and ' if not loop.last }}{% endfor %}
    where
        repeated_keys.repeated_key_1 is null
        {%- for key in keys %}
        and typed.{{ adapter.quote(key) }} is not null
        {%- endfor %}
    union all
    select
        {%- for name in names %}
        {{ adapter.quote(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from versions
    where version_rank = 1

)
{%- endif -%}
{%- endmacro %}


{# Normalizers that need no dictionary, on a column of `rows`. #}
{% macro locally_normalized(column, rows, country) -%}
    {%- set value = rows ~ '.' ~ adapter.quote(column.name) -%}
    {%- if column.normalizer == 'gender' -%}{{ normalize_gender(value) }}
    {%- elif column.normalizer == 'street' -%}{{ normalize_street(value) }}
    {%- elif column.normalizer == 'city' -%}{{ normalize_city(value) }}
    {%- elif column.normalizer == 'postal_code' -%}{{ normalize_postal_code(value, country) }}
    {%- elif column.normalizer == 'birth_date' -%}{{ normalize_birth_date(value) }}
    {%- elif column.normalizer == 'code' -%}{{ normalize_code(value) }}
    {%- elif column.normalizer == 'score' -%}{{ within_scale(value, rows ~ '.' ~ adapter.quote(column.scale_column), column.scales) }}
    {%- else -%}{{ value }}
    {%- endif -%}
{%- endmacro %}


{#  `live` rows joined to the dictionaries. The dictionaries hold every distinct raw value, so each join adds no row. #}
{% macro normalized_rows(contract, dictionaries, extra=[]) -%}
{%- set joins, selected = [], [] -%}
{%- for column in contract.columns if column.normalizer == 'country' -%}
    {%- set alias = column.name ~ '__dictionary' -%}
    {%- do joins.append('left join ' ~ dictionaries.country ~ ' as ' ~ alias ~ '\n    on live.' ~ adapter.quote(column.name) ~ ' = ' ~ alias ~ '.raw_value') -%}
{%- endfor -%}
{%- for key in contract.columns | map(attribute='country_of') | select | unique if dictionaries.owners is not none -%}
    {%- do joins.append('left join ' ~ dictionaries.owners.relation ~ ' as ' ~ key ~ '__owners\n    on cast(live.' ~ adapter.quote(key) ~ ' as string) = ' ~ key ~ '__owners.' ~ dictionaries.owners.key) -%}
{%- endfor -%}
{%- for column in contract.columns -%}
    {%- set alias = column.name ~ '__dictionary' -%}
    {%- set quoted = adapter.quote(column.name) -%}
    {%- set value = 'live.' ~ quoted -%}
    {%- set country = row_country(contract, column, dictionaries.owners is not none) -%}
    {%- if column.normalizer == 'email' -%}
        {%- do selected.append(alias ~ '.email as ' ~ quoted) -%}
        {%- do joins.append('left join ' ~ dictionaries.email ~ ' as ' ~ alias ~ '\n    on ' ~ value ~ ' = ' ~ alias ~ '.raw_value') -%}
    {%- elif column.normalizer == 'phone' -%}
        {%- do selected.extend([alias ~ '.phone as ' ~ quoted, alias ~ '.phone_type as ' ~ column.name ~ '__type']) -%}
        {%- do joins.append('left join ' ~ dictionaries.phone ~ ' as ' ~ alias ~ '\n    on ' ~ value ~ ' = ' ~ alias ~ '.raw_value\n    and ' ~ country ~ ' = ' ~ alias ~ '.country') -%}
    {%- elif column.normalizer == 'contact_point' -%}
        {%- do selected.append(
            'case lower(live.' ~ adapter.quote(column.type_column) ~ ") when 'email' then " ~ alias ~ "_email.email when 'phone' then " ~ alias
            ~ '_phone.phone else ' ~ value ~ ' end as ' ~ quoted
        ) -%}
        {%- do joins.append('left join ' ~ dictionaries.email ~ ' as ' ~ alias ~ '_email\n    on ' ~ value ~ ' = ' ~ alias ~ '_email.raw_value') -%}
        {%- do joins.append('left join ' ~ dictionaries.phone ~ ' as ' ~ alias ~ '_phone\n    on ' ~ value ~ ' = ' ~ alias ~ '_phone.raw_value\n    and ' ~ country ~ ' = ' ~ alias ~ '_phone.country') -%}
    {%- elif column.normalizer in ['given_name', 'family_name'] -%}
        {%- do selected.append(alias ~ '.name as ' ~ quoted) -%}
        {%- do joins.append('left join ' ~ dictionaries.name ~ ' as ' ~ alias ~ '\n    on ' ~ value ~ ' = ' ~ alias ~ ".raw_value\n    and " ~ alias ~ ".name_kind = 'part'") -%}
    {%- elif column.normalizer == 'full_name' -%}
        {%- do selected.append(alias ~ '.name as ' ~ quoted) -%}
        {%- for part in ['given_name', 'middle_name', 'family_name'] -%}
            {%- do selected.append(alias ~ '.' ~ part ~ ' as ' ~ column.name ~ '__' ~ part) -%}
        {%- endfor -%}
        {%- do joins.append('left join ' ~ dictionaries.name ~ ' as ' ~ alias ~ '\n    on ' ~ value ~ ' = ' ~ alias ~ ".raw_value\n    and " ~ alias ~ ".name_kind = 'full'") -%}
    {%- elif column.normalizer == 'country' -%}
        {%- do selected.append(alias ~ '.country as ' ~ quoted) -%}
    {%- else -%}
        {%- do selected.append(locally_normalized(column, 'live', country) ~ ' as ' ~ quoted) -%}
    {%- endif -%}
{%- endfor -%}
{%- for raw in extra -%}{%- do selected.append('live.' ~ adapter.quote(raw.name)) -%}{%- endfor -%}
select
    {{ selected | join(',\n    ') }}
from live
{% for join in joins -%}
{{ join }}
{% endfor -%}
{%- endmacro %}


{# The row's country (ISO alpha-2) for a column, from its declared country columns, else its owner's, else the default country. #}
{% macro row_country(contract, column, has_owners=false) -%}
    {%- set candidates = [] -%}
    {%- for name in column.country_columns -%}{%- do candidates.append(name ~ '__dictionary.country') -%}{%- endfor -%}
    {%- if column.country_of and has_owners -%}{%- do candidates.append(column.country_of ~ '__owners.country') -%}{%- endif -%}
    {%- do candidates.append("'" ~ var('default_country') ~ "'") -%}
    {{ return('coalesce(' ~ candidates | join(', ') ~ ')') }}
{%- endmacro %}


{# Names of the columns a raw table has beyond the declared ones. #}
{% macro undeclared_columns(source_name, table_name) %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set contract = raw_contract(source_name, table_name) -%}
        {%- for name, raw in (raw_table_columns(contract) or {}).items() if name not in contract.by_name and name != file_order_column() -%}
            {%- do names.append(raw.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}


{# Every row of a raw table in its declared types, superseded and deleted ones included: what was said at any time. #}
{% macro raw_versions(source_name, table_name) %}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute -%}{{ return('(select 1 as not_parsed)') }}{%- endif -%}
    {%- set contract = raw_contract(source_name, table_name) -%}
(
    {{ typed_rows(contract, raw_table_columns(contract), relation) | indent(4) }}
)
{% endmacro %}


{#  All values of one column of a raw table as text, deleted and superseded rows included: a select list and its from clause,
    to be put after the word select. #}
{% macro raw_values_of(source_name, table_name, column_name, name_as) %}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute -%}{{ return('(select 1 as not_parsed)') }}{%- endif -%}
    {%- set contract = raw_contract(source_name, table_name) -%}
    {%- set raw_columns = raw_table_columns(contract) -%}
    {%- set column = contract.by_name[column_name] -%}
(
    select distinct cast({{ declared_value(contract, raw_columns or {}, column) }} as string) as {{ name_as }}
    {%- if raw_columns is none %}
    from (select 1 as absent_table) as absent
    where false
    {%- else %}
    from {{ relation }}
    {%- endif %}
)
{% endmacro %}
