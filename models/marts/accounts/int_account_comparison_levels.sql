{{ config(schema='intermediate', materialized='view') }}

{{ comparison_levels(account_comparisons()) }}
