with candidates as (
    select * from {{ ref('activation_email_candidates') }}
),

changes as (
    select activation_id, changed_at
    from {{ ref('activation_email_changes') }}
    qualify row_number() over (partition by activation_id order by changed_at desc) = 1
),

final as (
    select
        candidates.activation_id,
        candidates.customer_id,
        candidates.email,
        candidates.email_sha256,
        candidates.country,
        candidates.language,
        candidates.segments,
        candidates.is_deliverable,
        candidates.row_hash,
        changes.changed_at as updated_at
    from candidates
    inner join changes on candidates.activation_id = changes.activation_id
)

select * from final
