{#-
    Whoever asked for it must not be used at all: those that `make restrict-subject` keeps in privacy.restrictions, and a list of your own
    that var `suppressions_relation` names. Without either there is nothing to suppress.
-#}
{%- set own_list = var('suppressions_relation', '') -%}
{%- set restrictions = adapter.get_relation(database=target.database, schema='privacy', identifier='restrictions') if execute else none -%}
{%- set listed = [] -%}
{%- if own_list -%}{%- do listed.append(own_list) -%}{%- endif -%}
{%- if restrictions -%}{%- do listed.append(restrictions) -%}{%- endif -%}

with listed as (
    {%- for relation in listed %}
    select
        identifier_type,
        identifier,
        reason,
        suppressed_at
    from {{ relation }}
    {{ "union all" if not loop.last }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as identifier_type,
        cast(null as {{ dbt.type_string() }}) as identifier,
        cast(null as {{ dbt.type_string() }}) as reason,
        cast(null as {{ dbt.type_timestamp() }}) as suppressed_at
    where false
    {%- endfor %}
),

-- Who is on both lists is suppressed since the earlier day.
final as (
    select
        identifier_type,
        identifier,
        reason,
        suppressed_at
    from listed
    qualify row_number() over (partition by identifier_type, identifier order by suppressed_at, reason) = 1
)

select * from final
