{{ config(materialized='trained') }}
-- depends_on: {{ ref('identity_run') }}

{{ comparison_levels(identity_comparisons()) }}
