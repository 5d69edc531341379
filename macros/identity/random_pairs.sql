{#
    Pairs drawn at random of records that are numbered from zero: left_key, right_key, which may be the same. The draw is a hash of a counter, so
    that it is the same in every run and on every engine thread.

    Each end has a number of its own to hash. Hashed together with a word that tells left from right, the counter would give both ends one
    hash but for a constant, since DuckDB combines hashes by exclusive or: of records whose number is a multiple of a power of two, whole
    groups would then meet no others.
#}
{% macro random_pairs(draws, records) %}
select
    {{ hash_key(['2 * series.i']) }} % totals.record_count as left_key,
    {{ hash_key(['2 * series.i + 1']) }} % totals.record_count as right_key
from {{ integer_series(draws) }} as series
cross join (select count(*) as record_count from {{ records }}) as totals
where totals.record_count > 1
{% endmacro %}
