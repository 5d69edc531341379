{#
    Customer ids over time. The truth is in two tables that no rebuild drops: `customer_id_events` (what happened to ids) and
    `customer_id_ledger` (which record has which id). Events are written first, the ledger last and in one statement, so the largest
    version in the ledger is the last run that was completed.
#}


{# The id that a text stands for: of the first record of a customer, or of that and a number where the id is in use. #}
{% macro customer_id_of(expression) -%}
    concat('c', substr(md5({{ expression }}), 1, 16))
{%- endmacro %}


{# When this run happened (UTC), and its id. Macros of their own, so that unit tests can say what they are. #}
{% macro this_run_at() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}

{% macro this_run_id() -%}
    '{{ invocation_id }}'
{%- endmacro %}


{#
    The rows that an earlier run left in a table of the identity schema; none before the first run. It is looked up (see
    identity_previous) because the table is built further down from what is read here. `columns` maps names to types.
#}
{% macro earlier_rows(name, columns) -%}
    {%- set relation = identity_previous(name) -%}
    {%- if not relation -%}
    {{ return(empty_rows(columns)) }}
    {%- endif -%}
    select {{ columns.keys() | join(', ') }} from {{ relation }}
{%- endmacro %}


{#
    A hook of `customer_id_events`: takes back the events of a run that ended before its ledger was written. They never took effect
    and this run writes its own. Only one run can be unfinished; anything else means that the ledger was lost.
#}
{% macro remove_unfinished_customer_id_events() -%}
    {%- set events = identity_previous('customer_id_events') -%}
    {%- set ledger = identity_previous('customer_id_ledger') -%}
    {%- set completed = 0 -%}
    {%- if ledger -%}
        {%- set completed = run_query("select coalesce(max(ledger_version), 0) from " ~ ledger).rows[0][0] | int -%}
    {%- endif -%}
    {%- if not events and completed -%}
        {%- do exceptions.raise_compiler_error(
            "customer_id_events is missing although customer_id_ledger holds " ~ completed ~ " runs. Restore " ~ this.schema
            ~ ".customer_id_events from a backup; or, to start over with new customer ids, drop the ledger too."
        ) -%}
    {%- endif -%}
    {%- if not events -%}{{ return('') }}{%- endif -%}
    {%- set written = run_query("select coalesce(max(ledger_version), 0) from " ~ events).rows[0][0] | int -%}
    {%- if written > completed + 1 -%}
        {%- do exceptions.raise_compiler_error(
            "customer_id_events holds " ~ written ~ " runs, customer_id_ledger only " ~ completed
            ~ ": the ledger was dropped or is an old copy. Restore " ~ this.schema ~ ".customer_id_ledger from a backup;"
            ~ " or, to start over with new customer ids, drop both tables."
        ) -%}
    {%- endif -%}
    {%- if written > completed -%}
    delete from {{ events }} where ledger_version > {{ completed }}
    {%- endif -%}
{%- endmacro %}


{#
    CTE `id_states`: what became of every id, from the CTE `history` (events): `since_version` and `created_at` of its first event,
    and `latest`, its last turn, with is_live, merged_into and happened_at. `wanted`: a CTE with the only customer_id to look at.
#}
{% macro customer_id_states(wanted=none) %}
id_turns as (
    select
        new_customer_id as customer_id,
        ledger_version,
        happened_at,
        true as is_live,
        cast(null as string) as merged_into
    from history
    where new_customer_id is not null
    union all
    select
        old_customer_id as customer_id,
        ledger_version,
        happened_at,
        false as is_live,
        new_customer_id as merged_into
    from history
    where event_type in ('merged', 'retired')
),

-- In one run an id is given or taken away, never both: the latest version decides.
id_states as (
    select
        customer_id,
        min(ledger_version) as since_version,
        min(happened_at) as created_at,
        max({{ record({
            'ledger_version': 'ledger_version', 'is_live': 'is_live', 'merged_into': 'merged_into', 'happened_at': 'happened_at',
        }) }}) as latest
    from id_turns
    {%- if wanted %}
    where customer_id in (select customer_id from {{ wanted }})
    {%- endif %}
    group by customer_id
)
{% endmacro %}


{#
    CTE `redirect_ends`: where the records of a merged id are now, from the CTE `id_states`, following merges of merged ids, up to 64.
#}
{% macro customer_id_redirect_ends() %}
hops_0 as (
    select
        customer_id,
        (latest).merged_into as current_customer_id
    from id_states
    where not (latest).is_live and (latest).merged_into is not null
),
{{ followed_hops('hops_0', 'redirect_ends', 'customer_id', 'current_customer_id') }}
{% endmacro %}
