{#  Raw columns arrive in any type: Parquet brings its own, a CSV brings text, Excel brings floats. These macros turn an
    expression of a known raw type into the declared type and give null where that is impossible. #}

{# The family of a database type: what matters for choosing a conversion. #}
{% macro type_family(data_type) %}
    {%- set name = data_type | lower -%}
    {%- if '[' in name or name.startswith(('struct', 'map', 'array', 'list', 'json', 'union')) -%}{{ return('other') }}
    {%- elif name.startswith(('varchar', 'char', 'text', 'string', 'bpchar')) -%}{{ return('text') }}
    {%- elif name.startswith('bool') -%}{{ return('boolean') }}
    {%- elif name.startswith('timestamp with') or name in ['timestamptz', 'timestamp_tz', 'timestamp_ltz'] -%}{{ return('zoned') }}
    {%- elif name.startswith(('timestamp', 'datetime')) -%}{{ return('timestamp') }}
    {%- elif name == 'date' -%}{{ return('date') }}
    {%- elif name.startswith(('decimal', 'numeric')) -%}{{ return('decimal') }}
    {%- elif name.startswith(('double', 'float', 'real')) -%}{{ return('float') }}
    {%- elif 'int' in name or name in ['long', 'short', 'byte'] -%}{{ return('integer') }}
    {%- else -%}{{ return('other') }}
    {%- endif -%}
{% endmacro %}


{# Any type as text: trimmed, blank is null, a whole number stored as a float (Excel) loses its ".0". #}
{% macro to_text(expression, raw_type) -%}
    {%- set family = type_family(raw_type) -%}
    {%- if family == 'text' -%}
        {{ blank_to_null(expression) }}
    {%- elif family == 'float' -%}
        case
            when {{ expression }} = floor({{ expression }}) and abs({{ expression }}) < 1e18
                then cast(cast({{ expression }} as bigint) as string)
            else cast({{ expression }} as string)
        end
    {%- else -%}
        cast({{ expression }} as string)
    {%- endif -%}
{%- endmacro %}


{#  An id of Salesforce, which reports show with 15 characters and interfaces with 18: the longer form of either. The three characters more say of
    each five which are capitals: the first adds 1, the second 2, the third 4, the fourth 8, the fifth 16. They are looked up, as an expression
    that asks every character for itself takes the engine seconds to plan. #}
{% macro salesforce_id(text) -%}
    {%- set patterns, letters = [], [] -%}
    {%- for letter in 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345' -%}
        {%- set number = loop.index0 -%}
        {%- set pattern = [] -%}
        {%- for place in range(5) -%}{%- do pattern.append(number // 2 ** place % 2) -%}{%- endfor -%}
        {%- do patterns.append(pattern | join) -%}
        {%- do letters.append(letter ~ '    ') -%}
    {%- endfor -%}
    {%- set capitals = "translate(" ~ text ~ ", 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz123456789', '" ~ '1' * 26 ~ '0' * 35 ~ "')" -%}
    case
        when {{ text_matches(text, '^[0-9A-Za-z]{15}$') }} then concat(
            {{ text }}
            {%- for start in [1, 6, 11] %},
            substr('{{ letters | join(' ') }}', instr('{{ patterns | join(' ') }}', substr({{ capitals }}, {{ start }}, 5)), 1)
            {%- endfor %}
        )
        else {{ text }}
    end
{%- endmacro %}


{#  Any type as text to be read as something else. A conversion asks several times what the text looks like, so it is written as short as may
    be: a blank text needs no null, as no conversion reads anything in it. #}
{% macro to_readable_text(expression, raw_type) -%}
    {{ trimmed(expression) if type_family(raw_type) == 'text' else to_text(expression, raw_type) }}
{%- endmacro %}


{# Whole number. A fraction is not rounded: an id of 12.7 is no id. #}
{% macro to_integer(expression, raw_type, data_type='bigint') -%}
    {%- set family = type_family(raw_type) -%}
    {%- if family in ['integer', 'boolean'] -%}
        try_cast({{ expression }} as {{ data_type }})
    {%- else -%}
        {%- set text = to_readable_text(expression, raw_type) -%}
        case when {{ text_matches(text, '^[+-]?[0-9]+([.]0*)?$') }} then try_cast({{ text }} as {{ data_type }}) end
    {%- endif -%}
{%- endmacro %}


{# Spaces of several widths, as in a list of a pattern. #}
{% macro any_spaces() %}
    {{ return(" \u00a0\u2009\u202f") }}
{% endmacro %}

{# What parts thousands without being a decimal mark anywhere: spaces and apostrophes, as in a list of a pattern in quotes. #}
{% macro thousands_spaces() %}
    {{ return(any_spaces() ~ "\u2019" ~ "'" ~ "'") }}
{% endmacro %}

{#  A number as text without what its column writes around it (see macros/staging/written_forms.sql): the one mark of a currency, and parentheses
    in place of a minus. #}
{% macro bare_number(text, forms) -%}
    {%- set mark = forms.get('currency_mark') -%}
    {%- if mark -%}
        {%- set space = '[' ~ any_spaces() ~ ']*' -%}
        {%- set text = text_replace_all(text, space ~ (mark | replace('$', '[$]')) ~ space, '') -%}
    {%- endif -%}
    {{ "case when " ~ text ~ " like '(%)' then '-' || substr(" ~ text ~ ", 2, length(" ~ text ~ ") - 2) else " ~ text ~ " end" if forms.get('has_parentheses') else text }}
{%- endmacro %}

{#  Number with decimals: 1234.5, 1,234.50, 1.234,50, 1'234.50, 1 234,50 and 12,5 are all read. A lone mark before three digits parts decimals if it
    is the mark that the column has for them, else thousands (see macros/staging/written_forms.sql); after a 0 it never parts thousands. #}
{% macro to_number(expression, raw_type, data_type='decimal(18, 4)', forms={}) -%}
    {%- if type_family(raw_type) in ['integer', 'float', 'decimal', 'boolean'] -%}
        try_cast({{ expression }} as {{ data_type }})
    {%- else -%}
        {%- set has_decimal_comma = forms.get('has_decimal_comma') -%}
        {%- set text = bare_number(to_readable_text(expression, raw_type), forms) -%}
        {%- set after_comma = "replace(replace(" ~ text ~ ", '.', ''), ',', '.')" -%}
        {%- set spaces = '[' ~ thousands_spaces() ~ ']' -%}
        case
            {%- if has_decimal_comma %}
            when {{ text_matches(text, '^[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+$') }}
                then try_cast({{ after_comma }} as {{ data_type }})
            {%- endif %}
            when {{ text_matches(text, '^[+-]?[0-9]*[.]?[0-9]+([eE][+-]?[0-9]+)?$') }}
                then try_cast({{ text }} as {{ data_type }})
            when {{ text_matches(text, '^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})' ~ ('([.][0-9]+|(,[0-9]{3})+([.][0-9]+)?)' if has_decimal_comma else '+([.][0-9]+)?') ~ '$') }}
                then try_cast(replace({{ text }}, ',', '') as {{ data_type }})
            when {{ text_matches(text, '^[+-]?([0-9]*|[0-9]{1,3}([.][0-9]{3})+),[0-9]+$') }} or {{ text_matches(text, '^[+-]?[1-9][0-9]{0,2}([.][0-9]{3}){2,}$') }}
                then try_cast({{ after_comma }} as {{ data_type }})
            when {{ text_matches(text, '^[+-]?[0-9]{1,3}(' ~ spaces ~ '[0-9]{3})+([.,][0-9]+)?$') }}
                then try_cast(replace({{ text_replace_all(text, spaces, '') }}, ',', '.') as {{ data_type }})
        end
    {%- endif -%}
{%- endmacro %}


{# TRUE/FALSE, yes/no, 1/0 and what spreadsheets make of them. #}
{% macro to_boolean(expression, raw_type) -%}
    {%- set family = type_family(raw_type) -%}
    {%- if family == 'boolean' -%}
        {{ expression }}
    {%- elif family in ['integer', 'float', 'decimal'] -%}
        case when {{ expression }} = 1 then true when {{ expression }} = 0 then false end
    {%- else -%}
        case
            when lower({{ to_readable_text(expression, raw_type) }}) in ('true', 't', 'yes', 'y', '1', '1.0', 'on', 'wahr', 'ja', 'vrai', 'oui', 'verdadero', 'si', 'sí', 'vero', 'sì', 'verdadeiro', 'sim', 'waar', 'prawda', 'tak') then true
            when lower({{ to_readable_text(expression, raw_type) }}) in ('false', 'f', 'no', 'n', '0', '0.0', 'off', 'falsch', 'nein', 'faux', 'non', 'falso', 'não', 'nao', 'onwaar', 'nee', 'fałsz', 'nie') then false
        end
    {%- endif -%}
{%- endmacro %}


{#  UTC timestamp: ISO with or without zone and fraction, "2023-09-08 09:19:46 UTC", epoch seconds or milliseconds, and the written forms
    16.05.2021, 05/16/2021, 16-05-2021, 20210516203000, "May 16, 2021 8:30 PM" and 16-May-2021. `month_first` (a boolean expression) decides
    03/04/2021. A column of nothing but days as spreadsheets count them (see macros/staging/written_forms.sql) is read as such. #}
{% macro to_timestamp_utc(expression, raw_type, month_first=none, forms={}) -%}
    {%- set family = type_family(raw_type) -%}
    {%- if forms.get('is_day_count') and family in ['integer', 'float', 'decimal', 'text'] -%}
        {%- set days = "replace(" ~ to_readable_text(expression, raw_type) ~ ", ',', '.')" if family == 'text' else expression -%}
        {{ day_count_to_timestamp('try_cast(' ~ days ~ ' as double)') }}
    {%- elif family == 'timestamp' -%}
        cast({{ expression }} as timestamp)
    {%- elif family == 'zoned' -%}
        {{ zoned_to_utc(expression) }}
    {%- elif family == 'date' -%}
        cast({{ expression }} as timestamp)
    {%- elif family in ['integer', 'float', 'decimal'] -%}
        {{ number_to_timestamp('cast(' ~ expression ~ ' as double)') }}
    {%- else -%}
        {%- set text = to_readable_text(expression, raw_type) -%}
        {%- set slashed = "replace(replace(" ~ text ~ ", ',', ''), '-', '/')" -%}
        coalesce(
            {{ iso_text_to_timestamp(text) }},
            case
                when {{ text_matches(text, '^[0-9]{9,10}([.][0-9]+)?$') }} or {{ text_matches(text, '^[0-9]{12,13}$|^-[0-9]{11,13}$') }}
                    then {{ number_to_timestamp('try_cast(' ~ text ~ ' as double)') }}
                when {{ text_matches(text, '[.]') }} and {{ text_matches(text, '^[0-9]{1,2}[.]') }}
                    then {{ written_text_to_timestamp("replace(" ~ text ~ ", ',', '')", 'dmy_dots') }}
                when {{ text_matches(text, '^[0-9]{1,2}[/-][0-9]{1,2}[/-]') }}
                    then case
                        when {{ month_first if month_first is not none else month_first_country("'" ~ var('default_country') ~ "'") }}
                            then coalesce(
                                {{ written_text_to_timestamp(slashed, 'mdy') }},
                                {{ written_text_to_timestamp(slashed, 'dmy') }}
                            )
                        else coalesce(
                            {{ written_text_to_timestamp(slashed, 'dmy') }},
                            {{ written_text_to_timestamp(slashed, 'mdy') }}
                        )
                    end
                when {{ text_matches(text, '^[1-9][0-9]{3}/') }} or {{ text_matches(text, '^[1-9][0-9]{3}-.* [AaPp][Mm]$') }}
                    then {{ written_text_to_timestamp(slashed, 'ymd_slashes') }}
                when {{ text_matches(text, '^(19|20)[0-9]{6}([T ]?[0-9]{6}Z?)?$') }}
                    then {{ written_text_to_timestamp(text, 'ymd_plain') }}
                when {{ text_matches(text, '^([0-9]{1,2}[ -])?(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-zA-Z]*[ -]') }}
                    then {{ written_text_to_timestamp("replace(replace(" ~ text ~ ", ',', ''), '-', ' ')", 'named') }}
            end
        )
    {%- endif -%}
{%- endmacro %}


{# Seconds or milliseconds since 1970, told apart by size: 1973 to 2286, and, of birth dates in milliseconds, 1843 to 1969. Other numbers are no time. #}
{% macro number_to_timestamp(expression) -%}
    case
        when {{ expression }} between 1e8 and 9999999999 then {{ epoch_to_timestamp(expression) }}
        when {{ expression }} between 1e11 and 9999999999999 or {{ expression }} between -4e12 and -1e10 then {{ epoch_to_timestamp('(' ~ expression ~ ' / 1000.0)') }}
    end
{%- endmacro %}


{# Days since the last but one of 1899, with the time of day as a fraction: how spreadsheets store a date. To the second, as fractions are not exact. #}
{% macro day_count_to_timestamp(expression) -%}
    {{ epoch_to_timestamp('round((' ~ expression ~ ' - 25569) * 86400)') }}
{%- endmacro %}


{# Calendar date from the same forms as a timestamp; the time of day is dropped. #}
{% macro to_calendar_date(expression, raw_type, month_first=none, forms={}) -%}
    {%- if type_family(raw_type) == 'date' -%}
        {{ expression }}
    {%- elif type_family(raw_type) in ['text', 'other'] -%}
        {# A date has no zone: "1980-05-16T00:00:00+02:00" is the 16th, not the 15th in UTC. #}
        {%- set text = to_readable_text(expression, raw_type) -%}
        coalesce(
            case when {{ text_matches(text, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') }} then try_cast(left({{ text }}, 10) as date) end,
            cast({{ to_timestamp_utc(expression, raw_type, month_first, forms) }} as date)
        )
    {%- else -%}
        cast({{ to_timestamp_utc(expression, raw_type, month_first, forms) }} as date)
    {%- endif -%}
{%- endmacro %}


{# A date read from a text that cannot lie in the future: where its year has two digits, it is of the century before. #}
{% macro of_the_past(value, text) -%}
    case
        when {{ text_matches(text, '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}$') }} and {{ value }} > current_date
            then cast({{ value }} - interval 100 year as date)
        else {{ value }}
    end
{%- endmacro %}


{# Countries that write the month first. The expression is a country as it arrived: code or English name. #}
{% macro month_first_country(expression) -%}
    upper(coalesce({{ expression }}, '{{ var("default_country") }}')) in ('US', 'USA', 'UNITED STATES', 'UNITED STATES OF AMERICA', 'PH', 'PHL', 'PHILIPPINES', 'PR', 'GU', 'VI', 'AS', 'MP', 'FM', 'MH', 'PW')
{%- endmacro %}


{# The conversion for one column: nothing where the raw type is already the declared one. `forms`: how the column writes (see macros/staging/written_forms.sql). #}
{% macro to_declared_type(expression, raw_type, data_type, month_first=none, forms={}) -%}
    {%- set declared = type_family(data_type) -%}
    {%- if declared == 'text' -%}{{ to_text(expression, raw_type) }}
    {%- elif (raw_type | lower | replace(' ', '')) == (data_type | lower | replace(' ', '')) -%}{{ expression }}
    {%- elif declared == 'integer' -%}{{ to_integer(expression, raw_type, data_type) }}
    {%- elif declared in ['decimal', 'float'] -%}{{ to_number(expression, raw_type, data_type, forms) }}
    {%- elif declared == 'boolean' -%}{{ to_boolean(expression, raw_type) }}
    {%- elif declared in ['timestamp', 'zoned'] -%}{{ to_timestamp_utc(expression, raw_type, month_first, forms) }}
    {%- elif declared == 'date' -%}{{ to_calendar_date(expression, raw_type, month_first, forms) }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            "data_type '" ~ data_type ~ "' is not one a source column can be declared with. Use varchar, bigint, decimal(p, s), double, boolean, timestamp or date."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# True where converting could fail at all, so that failures are worth counting. #}
{% macro conversion_can_fail(raw_type, data_type) %}
    {%- set raw = type_family(raw_type) -%}
    {%- set declared = type_family(data_type) -%}
    {{ return(declared != 'text' and raw != declared and not (declared in ['timestamp', 'date'] and raw in ['timestamp', 'zoned', 'date'])) }}
{% endmacro %}
