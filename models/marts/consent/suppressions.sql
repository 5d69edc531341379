with listed as (
    {%- for relation in suppression_lists() %}
    select
        identifier_type,
        identifier,
        reason,
        suppressed_at
    from {{ relation }}
    {{ "union all" if not loop.last }}
    {%- else %}
    {{ empty_rows({'identifier_type': 'varchar', 'identifier': 'varchar', 'reason': 'varchar', 'suppressed_at': 'timestamp'}) }}
    {%- endfor %}
),

-- People keep lists by hand: an address in capitals or a number with blanks must stop the same person.
written_alike as (
    select
        lower(trim(identifier_type)) as identifier_type,
        case
            when lower(trim(identifier_type)) = 'email' then lower({{ blank_to_null('identifier') }})
            when lower(trim(identifier_type)) = 'phone' and {{ text_matches('identifier', '^ *([+]|00)') }} then '+' || {{ meta_phone('identifier') }}
            else {{ blank_to_null('identifier') }}
        end as identifier,
        reason,
        suppressed_at
    from listed
),

-- Who is on both lists is suppressed since the earlier day.
final as (
    select
        identifier_type,
        identifier,
        reason,
        suppressed_at
    from written_alike
    qualify row_number() over (partition by identifier_type, identifier order by suppressed_at, reason) = 1
)

select * from final
