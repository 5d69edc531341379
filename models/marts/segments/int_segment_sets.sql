{#-
    The segments that each customer qualifies for, as one value a customer, so that a day costs a comparison of customers, not of
    customers and segments. What was true before cannot be built again, so a full refresh leaves this table alone.
-#}
{{ config(
    schema='intermediate',
    cluster_by='customer_id',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

{#- Compiled from vars: segments. A wrong declaration stops the build here with the name of the segment. -#}
{%- set declared = declared_segments() | sort(attribute='name') -%}
{%- if execute %}{% do check_segment_columns(declared, segment_feature_columns()) %}{% endif -%}
{%- set origin = "cast('1970-01-01 00:00:00' as " ~ dbt.type_timestamp() ~ ')' -%}
{#- Numbers compare faster than names: a bit for each segment, so many to a whole number. The names are written out only where bits differ. -#}
{%- set words = declared | batch(segments_per_number()) | list -%}
{%- set edition = local_md5(declared | map(attribute='name') | join(', '))[:8] -%}
{%- set nothing = [edition] + [0] * (words | length) -%}
{#- Read where it is needed, and not as one expression, which would be copied. A table from before signatures existed is read as if all had changed. -#}
{%- set known_columns = adapter.get_columns_in_relation(this) | map(attribute='name') | list if execute and this is not string and is_incremental() else [] -%}
{%- set known = this if is_incremental() else segment_sets_of_stays() or '(' ~ empty_rows({
    'customer_id': 'varchar', 'segments': 'varchar', 'signature': 'varchar', 'changed_at': 'timestamp',
}) ~ ')' -%}
{%- if known_columns and 'signature' not in known_columns %}{% set known = "(select *, '' as signature from " ~ this ~ ')' %}{% endif %}

with features as (
    select * from {{ ref('customer_features') }}
),

as_of as (
    select coalesce({{ as_of() }}, {{ origin }}) as as_of_at
),

-- All conditions in one pass.
qualified as (
    select
        {%- for word in words %}
        cast(0 as bigint)
        {%- for segment in word %}
        + case when {{ resolve_references(segment) }} then {{ 2 ** loop.index0 }} else 0 end
        {%- endfor %} as word_{{ loop.index }},
        {%- endfor %}
        customer_id
    from features
),

signed as (
    select
        {%- for word in words %}
        word_{{ loop.index }},
        {%- endfor %}
        customer_id,
        '{{ edition }}'{% for word in words %} || ' ' || word_{{ loop.index }}{% endfor %} as signature
    from qualified
),

latest as (
    select max(known.changed_at) as changed_at
    from {{ known }} as known
),

-- Later than every change before, even when someone sets the as-of time back, so that "changed since" misses nothing.
clock as (
    select greatest(as_of.as_of_at, coalesce({{ dbt.dateadd('second', 1, 'latest.changed_at') }}, {{ origin }})) as changed_at
    from as_of
    cross join latest
),

different as (
    select
        coalesce(signed.customer_id, known.customer_id) as customer_id,
        {%- for word in words %}
        coalesce(signed.word_{{ loop.index }}, 0) as word_{{ loop.index }},
        {%- endfor %}
        coalesce(signed.signature, '{{ nothing | join(' ') }}') as signature
    from signed
    full outer join {{ known }} as known on signed.customer_id = known.customer_id
    where coalesce(signed.signature, '{{ nothing | join(' ') }}') <> coalesce(known.signature, '{{ nothing | join(' ') }}')
),

named as (
    select
        customer_id,
        concat_ws(
            ', ',
            {%- for word in words %}
            {%- set number = loop.index %}{% set is_last = loop.last %}
            {%- for segment in word %}
            case when word_{{ number }} & {{ 2 ** loop.index0 }} <> 0 then '{{ segment.name }}' end{{ ',' if not (loop.last and is_last) }}
            {%- endfor %}
            {%- else %}
            ''
            {%- endfor %}
        ) as segments,
        signature
    from different
),

-- Where only the declarations have changed, the customer has not.
final as (
    select
        named.customer_id,
        named.segments,
        named.signature,
        cast(case when named.segments = known.segments then known.changed_at else clock.changed_at end as {{ dbt.type_timestamp() }}) as changed_at
    from named
    cross join clock
    left join {{ known }} as known on named.customer_id = known.customer_id
    where named.segments <> '' or known.customer_id is not null
)

select
    customer_id,
    segments,
    signature,
    changed_at
from final
{#- A dry run (dbt build --empty) sees no customers; it must not write that everybody left. #}
{% if flags.EMPTY %}where false{% endif %}
