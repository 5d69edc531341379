with opportunities as (
    {% if var('salesforce_enabled') %}
    select * from {{ ref('stg_salesforce__opportunities') }}
    {% else %}
    {{ empty_rows({
        'opportunity_id': 'varchar', 'account_id': 'varchar', 'stage_name': 'varchar', 'amount': 'decimal(18, 2)', 'probability': 'double',
        'is_won': 'boolean', 'is_closed': 'boolean', 'opportunity_type': 'varchar', 'lead_source': 'varchar', 'created_at': 'timestamp',
        'close_date': 'date',
    }) }}
    {% endif %}
),

stages as (
    select
        opportunity_id,
        count(*) as stage_count,
        max(entered_at) as stage_entered_at
    from {{ ref('opportunity_stages') }}
    group by opportunity_id
),

final as (
    select
        opportunities.opportunity_id,
        account_ids.account_id,
        opportunities.stage_name,
        opportunities.opportunity_type,
        opportunities.lead_source,
        opportunities.amount,
        opportunities.probability / 100 as stated_probability,
        opportunities.is_closed,
        opportunities.is_won,
        opportunities.created_at,
        opportunities.close_date,
        stages.stage_count,
        stages.stage_entered_at
    from opportunities
    left join {{ ref('account_ids') }} as account_ids
        on 'salesforce:account:' || opportunities.account_id = account_ids.account_record_id
    left join stages on opportunities.opportunity_id = stages.opportunity_id
)

select
    opportunity_id,
    account_id,
    stage_name,
    opportunity_type,
    lead_source,
    amount,
    stated_probability,
    is_closed,
    is_won,
    created_at,
    close_date,
    cast(stage_count as bigint) as stage_count,
    stage_entered_at
from final
