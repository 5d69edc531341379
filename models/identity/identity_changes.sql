{# Which records are new, changed or gone since their keys were made. Every record is looked at, by one hash of all that linkage uses. #}
{%- set previous = identity_previous('identity_features') -%}

with records as (
    select records.record_id, {{ record_hash('records') }} as content_hash
    from {{ ref('identity_records') }} as records
    where records.is_identifiable
),

known as (
    {% if previous %}
    select record_id, record_key, content_hash from {{ previous }}
    {% else %}
    {{ empty_rows({'record_id': 'varchar', 'record_key': 'integer', 'content_hash': 'bigint'}) }}
    {% endif %}
),

counted as (
    select count(*) as known_count, coalesce(max(record_key), -1) as last_key from known
),

changes as (
    select
        coalesce(records.record_id, known.record_id) as record_id,
        known.record_key,
        case
            when known.record_id is null then 'new'
            when records.record_id is null then 'deleted'
            else 'changed'
        end as change
    from records
    full outer join known on records.record_id = known.record_id
    where records.content_hash is distinct from known.content_hash
),

-- A record keeps its number for as long as the linkage is not rebuilt whole; a new one gets the next.
final as (
    select
        changes.record_id,
        cast(coalesce(
            changes.record_key,
            counted.last_key + row_number() over (partition by changes.record_key is null order by changes.record_id)
        ) as integer) as record_key,
        changes.change
    from changes
    cross join counted
    where counted.known_count > 0
)

select * from final
