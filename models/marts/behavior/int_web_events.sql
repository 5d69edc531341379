{{ config(enabled=var('segment_enabled'), materialized='view', schema='intermediate') }}

{{ resolved_web_events() }}
