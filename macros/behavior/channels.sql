{# How a visit came about, in the words that marketing uses. The declared campaign counts before the page the visitor came from. #}
{% macro marketing_channel(medium, campaign_source, referrer_domain) -%}
    case
        when lower({{ medium }}) in ('cpc', 'ppc', 'paid', 'paidsearch', 'paid_search', 'sem') then 'paid search'
        when lower({{ medium }}) in ('email', 'e-mail', 'newsletter') then 'email'
        when lower({{ medium }}) in ('sms', 'text') then 'sms'
        when lower({{ medium }}) in ('social', 'social-media', 'paid_social', 'paid-social') then 'social'
        when lower({{ medium }}) in ('display', 'banner', 'cpm') then 'display'
        when lower({{ medium }}) in ('affiliate', 'affiliates', 'partner') then 'affiliate'
        when lower({{ medium }}) = 'organic' then 'organic search'
        when lower({{ medium }}) = 'referral' then 'referral'
        when coalesce({{ medium }}, {{ campaign_source }}) is not null then 'other campaign'
        when {{ text_matches(referrer_domain, '(^|[.])(google|bing|yahoo|duckduckgo|ecosia|baidu|yandex|qwant)[.]') }} then 'organic search'
        when {{ text_matches(referrer_domain, '(^|[.])(facebook|instagram|linkedin|pinterest|tiktok|youtube|reddit|twitter|x)[.]com$') }} then 'social'
        when {{ referrer_domain }} is not null then 'referral'
        else 'direct'
    end
{%- endmacro %}

{# Host of an address in lower case, without port and leading www; null for what is no address. #}
{% macro url_domain(expression) -%}
    nullif(regexp_extract(lower({{ expression }}), '^[a-z]+://(www[.])?([^/:?#]+)', 2), '')
{%- endmacro %}

{# A name as the tracking plan writes it: lower case, underscores. #}
{% macro event_word(expression) -%}
    replace(replace(lower(trim({{ expression }})), ' ', '_'), '-', '_')
{%- endmacro %}
