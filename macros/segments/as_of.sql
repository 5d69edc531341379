{#
  The moment "now" stands for in every "last N days": var `as_of` when set, else the latest event in the data.
  Never the wall clock, so that rebuilding from the same input gives the same tables.
  A scalar subquery: use it in a CTE of its own and cross join that.
#}
{% macro as_of() -%}
    (select as_of_at from {{ ref('as_of_time') }})
{%- endmacro %}


{# A day from now by the clock, UTC: what is dated later has not happened, whatever the zone it was written in. #}
{% macro tomorrow() -%}
    {{ dbt.dateadd('day', 1, zoned_to_utc(dbt.current_timestamp())) }}
{%- endmacro %}
