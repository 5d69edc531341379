{{ config(materialized='view') }}
{#
    Blocks over the cap are dropped before any pair is made: one default value must not cost the square of its records. In an increment
    only blocks with a touched record are looked at, and only its pairs are made.
#}
{%- set is_increment = identity_is_increment() -%}
-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_touched_records') }}

{% if is_increment %}
with touched_blocks as (
    select distinct keys.block_key
    from {{ ref('identity_blocking_keys') }} as keys
    semi join {{ ref('identity_touched_records') }} as touched on keys.record_key = touched.record_key
),

keys as (
    select keys.block_key, keys.record_key
    from {{ ref('identity_blocking_keys') }} as keys
    semi join touched_blocks on keys.block_key = touched_blocks.block_key
),
{% else %}
with keys as (
    select block_key, record_key from {{ ref('identity_blocking_keys') }}
),
{% endif %}

blocks as (
    select block_key
    from keys
    group by block_key
    having count(*) between 2 and {{ var('identity_block_cap') }}
),

members as (
    select
        keys.block_key,
        keys.record_key,
        touched.record_key is not null as is_touched
    from keys
    semi join blocks on keys.block_key = blocks.block_key
    left join {{ ref('identity_touched_records') }} as touched on keys.record_key = touched.record_key
)

select
    l.record_key as left_key,
    r.record_key as right_key,
    bit_or(cast(1 as bigint) << cast(l.block_key & 63 as integer)) as rules
from members as l
inner join members as r on l.block_key = r.block_key and l.record_key < r.record_key
{% if is_increment %}
where l.is_touched or r.is_touched
{% endif %}
group by l.record_key, r.record_key
