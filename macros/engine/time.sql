{# Time functions whose spelling differs between engines. Every timestamp in this project is UTC without a zone. #}

{# ISO text (with or without zone, also after a blank, fraction, T) to a UTC timestamp; null where it cannot be read. Years have four digits. #}
{% macro iso_text_to_timestamp(expression) -%}
    {{ return(adapter.dispatch('iso_text_to_timestamp', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__iso_text_to_timestamp(expression) -%}
    case
        when {{ text_matches(expression, '^[1-9][0-9]{3}-') }}
            then try_cast(replace(replace({{ expression }}, ' +', '+'), ' -', '-') as timestamp with time zone) at time zone 'UTC'
    end
{%- endmacro %}

{% macro spark__iso_text_to_timestamp(expression) -%}
    case
        when {{ text_matches(expression, '^[1-9][0-9]{3}-') }}
            then try_cast(replace(replace({{ expression }}, ' +', '+'), ' -', '-') as timestamp)
    end
{%- endmacro %}


{# A timestamp with zone to the UTC timestamp. #}
{% macro zoned_to_utc(expression) -%}
    {{ return(adapter.dispatch('zoned_to_utc', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__zoned_to_utc(expression) -%}
    ({{ expression }} at time zone 'UTC')
{%- endmacro %}

{% macro spark__zoned_to_utc(expression) -%}
    cast({{ expression }} as timestamp)
{%- endmacro %}


{# Seconds since 1970 (double) to a timestamp. #}
{% macro epoch_to_timestamp(expression) -%}
    {{ return(adapter.dispatch('epoch_to_timestamp', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__epoch_to_timestamp(expression) -%}
    make_timestamp(cast(round({{ expression }} * 1000000) as bigint))
{%- endmacro %}

{% macro spark__epoch_to_timestamp(expression) -%}
    timestamp_micros(cast(round({{ expression }} * 1000000) as bigint))
{%- endmacro %}


{#  Text in one of several written formats to a timestamp; the first format that fits wins.
    Formats are named by the order of their parts: 'mdy', 'dmy', 'dmy_dots', 'ymd_slashes', 'ymd_plain'; 'named' are months by their English name. #}
{% macro written_text_to_timestamp(expression, order) -%}
    {{ return(adapter.dispatch('written_text_to_timestamp', 'kindred')(expression, order)) }}
{%- endmacro %}

{% macro default__written_text_to_timestamp(expression, order) -%}
    {%- set days = {
        'mdy': ['%m/%d/%Y'], 'dmy': ['%d/%m/%Y'], 'dmy_dots': ['%d.%m.%Y'], 'ymd_slashes': ['%Y/%m/%d'], 'ymd_plain': ['%Y%m%d'],
        'named': ['%b %d %Y', '%B %d %Y', '%d %b %Y', '%d %B %Y'],
    }[order] -%}
    {#- A year of two digits would fit %Y, too: the first century. -#}
    {%- set formats = ["'%Y%m%d%H%M%S'", "'%Y%m%d %H%M%S'", "'%Y%m%dT%H%M%S'", "'%Y%m%dT%H%M%SZ'"] if order == 'ymd_plain' else [] -%}
    {%- for form in (days if order.startswith('ymd') else (days | map('replace', '%Y', '%y') | list) + days) -%}
        {%- for hour in ['', ' %H:%M', ' %H:%M:%S', ' %H:%M:%S.%f', ' %I:%M %p', ' %I:%M:%S %p'] -%}{%- do formats.append("'" ~ form ~ hour ~ "'") -%}{%- endfor -%}
    {%- endfor -%}
    try_strptime({{ expression }}, [{{ formats | join(', ') }}])
{%- endmacro %}

{% macro spark__written_text_to_timestamp(expression, order) -%}
    {%- set days = {
        'mdy': ['M/d/yyyy'], 'dmy': ['d/M/yyyy'], 'dmy_dots': ['d.M.yyyy'], 'ymd_slashes': ['yyyy/M/d'], 'ymd_plain': ['yyyyMMdd'],
        'named': ['MMM d yyyy', 'MMMM d yyyy', 'd MMM yyyy', 'd MMMM yyyy'],
    }[order] -%}
    {%- set formats = ['yyyyMMddHHmmss', 'yyyyMMdd HHmmss', "yyyyMMdd''T''HHmmss", "yyyyMMdd''T''HHmmss''Z''"] if order == 'ymd_plain' else [] -%}
    {%- for form in (days if order.startswith('ymd') else (days | map('replace', 'yyyy', 'yy') | list) + days) -%}
        {%- for hour in ['', ' H:mm', ' H:mm:ss', ' H:mm:ss.S', ' h:mm a', ' h:mm:ss a'] -%}{%- do formats.append(form ~ hour) -%}{%- endfor -%}
    {%- endfor -%}
    aggregate(
        array('{{ formats | join("', '") }}'),
        cast(null as timestamp),
        (found, form) -> coalesce(found, try_to_timestamp({{ expression }}, form))
    )
{%- endmacro %}


{# A UTC timestamp as clocks show it in a zone of the IANA database; an unknown zone is an error on every engine. #}
{% macro utc_to_local(expression, zone) -%}
    {{ return(adapter.dispatch('utc_to_local', 'kindred')(expression, zone)) }}
{%- endmacro %}

{% macro default__utc_to_local(expression, zone) -%}
    (({{ expression }} at time zone 'UTC') at time zone {{ zone }})
{%- endmacro %}

{% macro spark__utc_to_local(expression, zone) -%}
    from_utc_timestamp({{ expression }}, {{ zone }})
{%- endmacro %}


{# A timestamp as 26 characters that sort as it does, to the microsecond. #}
{% macro sortable_time(expression) -%}
    {{ return(adapter.dispatch('sortable_time', 'kindred')(expression)) }}
{%- endmacro %}

{% macro default__sortable_time(expression) -%}
    strftime({{ expression }}, '%Y-%m-%d %H:%M:%S.%f')
{%- endmacro %}

{% macro spark__sortable_time(expression) -%}
    date_format({{ expression }}, 'yyyy-MM-dd HH:mm:ss.SSSSSS')
{%- endmacro %}
