{#
    Records that are gone because their source merged them into another, with the record that stands for them now. A merge of which the
    source tells a day before or after it deletes the record is the same merge: whether a record is gone is asked of the records themselves.
#}

with source_merges as (
    {% if source_is_enabled('hubspot') %}
    select
        'hubspot:contact:' || merged_contact_id as record_id,
        'hubspot:contact:' || hubspot_contact_id as successor_record_id,
        merged_at
    from {{ ref('stg_hubspot__contact_merges') }}
    union all
    -- What remained lists what was merged into it, each with a time after a colon, also where the audit is not delivered.
    select
        'hubspot:contact:' || {{ dbt.split_part('merged_contact', "':'", 1) }} as record_id,
        record_id as successor_record_id,
        cast(null as timestamp) as merged_at
    from (
        select record_id, {{ text_parts('merged_contact_ids', ';') }} as merged_contact
        from {{ ref('stg_hubspot__contacts') }}
        where merged_contact_ids is not null
    ) as listed
    union all
    {% endif %}
    {% if source_is_enabled('salesforce') %}
    select record_id, successor_record_id, merged_at from {{ ref('stg_salesforce__merges') }}
    union all
    {% endif %}
    select
        cast(null as string) as record_id,
        cast(null as string) as successor_record_id,
        cast(null as timestamp) as merged_at
    where false
),

clusters as (
    select record_id, cluster_key from {{ ref('identity_clusters') }}
),

-- Of several successors one that is there, else the latest. A record that is there stands for itself: merges are followed no further.
hops as (
    select
        source_merges.record_id,
        source_merges.successor_record_id
    from source_merges
    left join clusters as own on source_merges.record_id = own.record_id
    left join clusters as other on source_merges.successor_record_id = other.record_id
    where own.record_id is null and source_merges.record_id <> source_merges.successor_record_id
    qualify row_number() over (
        partition by source_merges.record_id
        order by
            case when other.record_id is null then 1 else 0 end,
            source_merges.merged_at desc nulls last,
            source_merges.successor_record_id
    ) = 1
),

-- A circle of records that are all gone ends nowhere.
{{ followed_hops('hops', 'ends', 'record_id', 'successor_record_id') }},

final as (
    select
        ends.record_id,
        ends.successor_record_id,
        clusters.cluster_key
    from ends
    inner join clusters on ends.successor_record_id = clusters.record_id
)

select * from final
