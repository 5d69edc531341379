{% if not var('consent_enabled') %}
select cast(null as string) as consent_string
where false
{% else %}
select tc_string as consent_string
from {{ ref('stg_consent__banner_events') }}
where tc_string is not null
union
select gpp_string as consent_string
from {{ ref('stg_consent__banner_events') }}
where gpp_string is not null
{% endif %}
