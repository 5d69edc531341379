{#
    How two company records are compared: in the manner of people (macros/identity/comparisons.sql), through the same model of match
    weights and the same clustering. `l` and `r` are rows of int_account_records. The household class of that model is a group of
    companies here: a parent and its subsidiaries share a web site, a switchboard or an address, and are several accounts all the same.
#}
{% macro account_comparisons() %}
    {{ return([
        {
            'name': 'company_name',
            'sql': "case when l.name_key is null or r.name_key is null then 0"
                ~ " when replace(l.name_key, ' ', '') = replace(r.name_key, ' ', '') then 5"
                ~ " when " ~ within_one_edit('l.name_key', 'r.name_key') ~ " then 4"
                ~ " when contains(concat(' ', l.name_key, ' '), concat(' ', r.name_key, ' '))"
                ~ " or contains(concat(' ', r.name_key, ' '), concat(' ', l.name_key, ' ')) then 3"
                ~ " when split_part(l.name_key, ' ', 1) = split_part(r.name_key, ' ', 1)"
                ~ " or jaro_winkler_similarity(l.name_key, r.name_key) >= 0.9 then 2 else 1 end",
            'labels': ['different', 'first word equal or similar', 'one is a part of the other', 'one letter differs', 'equal'],
            'exact': {5: 'name_key'},
            'person': true,
        },
        {
            'name': 'company_country',
            'sql': "case when l.country is null or r.country is null then 0 when l.country = r.country then 2 else 1 end",
            'labels': ['different', 'equal'],
            'person': true,
        },
        {
            'name': 'company_domain',
            'sql': "case when l.domain is null or r.domain is null then 0 when l.domain = r.domain then 3"
                ~ " when replace(l.domain_label, '-', '') = replace(r.domain_label, '-', '') then 2 else 1 end",
            'labels': ['different', 'equal but for hyphens and suffix', 'equal'],
            'exact': {3: 'domain'},
            'person': false,
            'several': true,
        },
        {
            'name': 'company_phone',
            'sql': "case when l.phone is null or r.phone is null then 0 when l.phone = r.phone then 3"
                ~ " when " ~ within_one_edit('l.phone', 'r.phone')
                ~ " or (length(l.phone) > 9 and left(l.phone, length(l.phone) - 2) = left(r.phone, length(r.phone) - 2)) then 2 else 1 end",
            'labels': ['different', 'one digit or the extension differs', 'equal'],
            'exact': {3: 'phone'},
            'person': false,
            'several': true,
        },
        {
            'name': 'address',
            'sql': address_level_sql(),
            'labels': ['different', 'same town or postal district', 'postal code nearly equal, or street in another spelling',
                'same postal code', 'same postal code and house number', 'same street, town unknown or different',
                'street in another spelling and same town', 'equal'],
            'exact': {8: 'address_key'},
            'person': false,
        },
    ]) }}
{% endmacro %}

{#
    What brings two company records together: rules (expressions over int_account_records that are equal for both), and the comparisons
    that a rule uses and so teaches nothing about. Rules of which `trains` is false find groups as often as companies.
#}
{% macro account_blocking_rules() %}
    {{ return([
        {'name': 'domain', 'sql': 'domain', 'comparisons': 'company_domain', 'trains': true},
        {'name': 'domain label', 'sql': "replace(domain_label, '-', '')", 'comparisons': 'company_domain', 'trains': true},
        {'name': 'name', 'sql': "replace(name_key, ' ', '')", 'comparisons': 'company_name', 'trains': true},
        {'name': 'phone', 'sql': 'phone', 'comparisons': 'company_phone', 'trains': true},
        {'name': 'switchboard', 'sql': "case when length(phone) > 9 then left(phone, length(phone) - 2) end", 'comparisons': 'company_phone',
            'trains': true},
        {'name': 'street', 'sql': "address_key", 'comparisons': 'address', 'trains': false},
        {'name': 'first word and town', 'sql': "split_part(name_key, ' ', 1) || '|' || city_key", 'comparisons': 'company_name,address',
            'trains': true},
        {'name': 'first letters and country', 'sql': "left(replace(name_key, ' ', ''), 8) || '|' || country",
            'comparisons': 'company_name,company_country', 'trains': true},
        {'name': 'last letters and town', 'sql': "right(replace(name_key, ' ', ''), 7) || '|' || city_key",
            'comparisons': 'company_name,address', 'trains': true},
    ]) }}
{% endmacro %}

{# Columns of int_account_records of which an exact agreement is judged by how frequent the value is, and the comparison it belongs to. #}
{% macro account_frequencies() %}
    {{ return([
        {'comparison': 'company_name', 'number': 0, 'level': 5, 'column': 'name_key', 'floor': 1.0},
        {'comparison': 'company_domain', 'number': 2, 'level': 3, 'column': 'domain', 'floor': 0.1},
        {'comparison': 'company_phone', 'number': 3, 'level': 3, 'column': 'phone', 'floor': 0.1},
        {'comparison': 'address', 'number': 4, 'level': 8, 'column': 'address_key', 'floor': 0.1},
    ]) }}
{% endmacro %}
