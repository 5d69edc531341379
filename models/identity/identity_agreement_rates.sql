{{ config(materialized='trained') }}
{# The chance that two records share a value by accident, counted and not sampled: sum c (c - 1) / n (n - 1) over the values. #}
with features as (
    select * from {{ ref('identity_features') }}
),

known as (
    select
        {% for column in frequency_attributes() %}
        cast(count({{ column }}) as double) as {{ column }}_known,
        {% endfor %}
        cast(count(gender) as double) as gender_known,
        cast(count(case when given_key is not null and family_key is not null then 1 end) as double) as names_known
    from features
),

value_counts as (
    select attribute, sum(record_count * (record_count - 1.0)) as agreements
    from {{ ref('identity_value_counts') }}
    group by attribute
    union all
    {% for attribute, columns in {'gender': 'gender', 'given_key, family_key': 'given_key, family_key'}.items() %}
    select '{{ attribute }}' as attribute, sum(record_count * (record_count - 1.0)) as agreements
    from (
        select cast(count(*) as double) as record_count
        from features
        where {{ columns | replace(', ', ' is not null and ') }} is not null
        group by {{ columns }}
    ) as counts
    {{ "union all" if not loop.last }}
    {% endfor %}
),

denominators as (
    {% for column in frequency_attributes() %}
    select '{{ column }}' as attribute, {{ column }}_known as known_count from known
    union all
    {% endfor %}
    select 'gender' as attribute, gender_known as known_count from known
    union all
    select 'given_key, family_key' as attribute, names_known as known_count from known
),

-- One address is one street line in one place, by postal code or by town: both, less what is counted twice.
same_address as (
    {% for columns, sign in [('street_key, postal_key', 1), ('street_key, city_key', 1), ('street_key, postal_key, city_key', -1)] %}
    select {{ sign }} * sum(record_count * (record_count - 1.0) / 2) as pair_count
    from (
        select count(*) as record_count
        from features
        where {{ columns | replace(', ', ' is not null and ') }} is not null
        group by {{ columns }}
    ) as value_counts
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- Addresses can be compared where both records have a street, or both a postal code, or both a town.
filled as (
    select
        case when street_key is not null then 1 else 0 end
        + case when postal_key is not null then 2 else 0 end
        + case when city_key is not null then 4 else 0 end as parts,
        cast(count(*) as double) as record_count
    from features
    group by parts
),

comparable as (
    select sum(l.record_count * case when l.parts = r.parts then r.record_count - 1 else r.record_count end) / 2 as pair_count
    from filled as l
    inner join filled as r on l.parts & r.parts > 0
),

final as (
    select
        denominators.attribute,
        coalesce(value_counts.agreements, 0) / (denominators.known_count * (denominators.known_count - 1)) as agreement_rate
    from denominators
    left join value_counts on denominators.attribute = value_counts.attribute
    where denominators.known_count > 1
    union all
    select 'address' as attribute, addresses.pair_count / comparable.pair_count as agreement_rate
    from (select sum(pair_count) as pair_count from same_address) as addresses
    cross join comparable
    where addresses.pair_count is not null and comparable.pair_count > 0
)

select * from final
