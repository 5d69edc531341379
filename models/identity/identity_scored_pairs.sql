{{ config(materialized='view') }}
{# All pairs with a match weight: those that blocking found, and those that close a triangle of matches. #}
select * from {{ ref('identity_blocked_pairs') }}
union all
select * from {{ ref('identity_closing_pairs') }}
