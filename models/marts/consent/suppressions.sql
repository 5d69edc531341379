{#- Erasure requests keep their own list; var `suppressions_relation` names it. Until it does, there is nothing to suppress. -#}
{% set listed = var('suppressions_relation', '') %}

select
{% if listed -%}
    identifier_type,
    identifier,
    reason,
    suppressed_at
from {{ listed }}
    {%- else -%}
cast(null as {{ dbt.type_string() }}) as identifier_type,
cast(null as {{ dbt.type_string() }}) as identifier,
cast(null as {{ dbt.type_string() }}) as reason,
cast(null as {{ dbt.type_timestamp() }}) as suppressed_at
where false
{%- endif %}
