-- A pattern has five bits a comparison below bit 60: at most twelve comparisons, with levels 1 to n and n at most 31.
with comparisons as (
    select
        comparison_number,
        comparison,
        min(level) as smallest,
        max(level) as largest,
        count(*) as level_count
    from {{ ref('identity_comparison_levels') }}
    group by comparison_number, comparison
)

select * from comparisons
where comparison_number > 11 or smallest <> 1 or largest <> level_count or largest > 31
