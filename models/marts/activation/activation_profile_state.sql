{#- When rows came and went cannot be rebuilt from the present, so a full refresh leaves this table alone. -#}
{{ config(
    enabled=activation_is_on('profile'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='activation_id',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

{{ activation_state('profile') }}
