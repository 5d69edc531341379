{#-
    The segments that each customer qualifies for, as one value a customer, so that a day costs a comparison of customers, not of
    customers and segments. What was true before cannot be built again, so a full refresh leaves this table alone.
-#}
{{ config(
    schema='intermediate',
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='customer_id',
    full_refresh=false,
    on_schema_change='fail',
) }}

{#- Compiled from vars: segments. A wrong declaration stops the build here with the name of the segment. -#}
{%- set declared = declared_segments() -%}
{%- if execute %}{% do check_segment_columns(declared, segment_feature_columns()) %}{% endif -%}
{%- set origin = "cast('1970-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ')' %}

with features as (
    select * from {{ ref('customer_features') }}
),

as_of as (
    select coalesce({{ as_of() }}, {{ origin }}) as as_of_at
),

-- All conditions in one pass.
qualified as (
    select
        customer_id,
        concat_ws(
            ', ',
            {%- for segment in declared | sort(attribute='name') %}
            case when {{ resolve_references(segment) }} then '{{ segment.name }}' end{{ ',' if not loop.last }}
            {%- else %}
            ''
            {%- endfor %}
        ) as segments
    from features
),

known as (
    {% if is_incremental() %}
    select
        customer_id,
        segments,
        changed_at
    from {{ this }}
    {% else %}
    {{ empty_rows({'customer_id': 'varchar', 'segments': 'varchar', 'changed_at': 'timestamp'}) }}
    {% endif %}
),

-- Later than every change before, even when someone sets the as-of time back, so that "changed since" misses nothing.
clock as (
    select greatest(as_of.as_of_at, coalesce({{ dbt.dateadd('second', 1, 'latest.changed_at') }}, {{ origin }})) as changed_at
    from as_of
    cross join (select max(changed_at) as changed_at from known) as latest
),

compared as (
    select
        coalesce(qualified.customer_id, known.customer_id) as customer_id,
        coalesce(qualified.segments, '') as segments,
        coalesce(known.segments, '') as known_segments
    from qualified
    full join known on qualified.customer_id = known.customer_id
),

final as (
    select
        compared.customer_id,
        compared.segments,
        cast(clock.changed_at as {{ dbt.type_timestamp() }}) as changed_at
    from compared
    cross join clock
    where compared.segments <> compared.known_segments
)

select
    customer_id,
    segments,
    changed_at
from final
{#- A dry run (dbt build --empty) sees no customers; it must not write that everybody left. #}
{% if flags.EMPTY %}where false{% endif %}
