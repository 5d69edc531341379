{#
  dbt run-operation segment_preview --target readonly --args '{segment: <name>}': what a declared segment would be if it were built
  now. Reads customer_features, segment_membership and consent_status as they are; writes nothing.
#}
{% macro segment_preview(segment) %}
    {% set declared = declared_segments() %}
    {% do check_declared_segments(declared) %}
    {% set found = declared | selectattr('name', 'equalto', segment) | list %}
    {% if not found %}
        {% set names = declared | map(attribute='name') | sort | list %}
        {{ raise_segment_error(
            segment, 'is not declared.' ~ did_you_mean(segment | string | lower, names) ~ ' Declared are: ' ~ names | join(', ') ~ '.'
        ) }}
    {% endif %}
    {% if load_relation(ref('customer_features')) is none %}
        {{ exceptions.raise_compiler_error('There are no customers in the database yet. Run `make run` first, then preview a segment.') }}
    {% endif %}
    {% set chosen = found[0] %}
    {% set members -%}
        (select customer_id from {{ ref('customer_features') }} where {{ resolve_references(chosen) }})
    {%- endset %}
    {% set size = run_query('select count(*) from ' ~ members ~ ' as members').rows[0][0] %}
    {% set total = run_query('select count(*) from ' ~ ref('customer_features')).rows[0][0] %}
    {% do print(chosen.label ~ ' (' ~ chosen.name ~ '), for ' ~ chosen.purpose ~ ' by ' ~ chosen.channels | join(', ')) %}
    {% do print('  ' ~ chosen.condition) %}
    {% do print('') %}
    {% do print('Size            ' ~ size ~ ' of ' ~ total ~ ' customers') %}
    {% if chosen.minimum_size and size < chosen.minimum_size %}
        {% do print('                fewer than minimum_size ' ~ chosen.minimum_size ~ ': it would not be activated') %}
    {% endif %}

    {% set reach %}
        select consent.channel, count(distinct members.customer_id)
        from {{ members }} as members
        inner join {{ ref('consent_status') }} as consent on members.customer_id = consent.customer_id
        where consent.is_permitted and consent.purpose_code = {{ sql_literal(chosen.purpose) }}
        group by consent.channel
        order by consent.channel
    {% endset %}
    {% set reached = run_query(reach).rows %}
    {% for row in reached %}
        {% do print(('Reach           ' if loop.first else '                ') ~ row[1] ~ ' permit ' ~ chosen.purpose ~ ' by ' ~ row[0]) %}
    {% else %}
        {% set asked = run_query('select count(*) from ' ~ ref('purposes_channels') ~ ' where has_status and purpose_code = ' ~ sql_literal(chosen.purpose)).rows[0][0] %}
        {% do print('Reach           ' ~ ('nobody permits ' ~ chosen.purpose if asked else 'no consent is asked for ' ~ chosen.purpose)) %}
    {% endfor %}

    {% set overlap %}
        select memberships.segment_name, count(*)
        from {{ members }} as members
        inner join {{ ref('segment_membership') }} as memberships on members.customer_id = memberships.customer_id
        where memberships.segment_name <> {{ sql_literal(chosen.name) }}
        group by memberships.segment_name
        order by count(*) desc, memberships.segment_name
        limit 10
    {% endset %}
    {% for row in run_query(overlap).rows %}
        {% do print(('Overlap         ' if loop.first else '                ') ~ row[1] ~ ' are in ' ~ row[0]) %}
    {% endfor %}

    {% set examples %}
        select
            customers.customer_id,
            {{ mask_value('customers.given_name') }},
            {{ mask_value('customers.email') }},
            customers.country,
            customers.lifecycle_stage,
            customers.order_count
        from {{ members }} as members
        inner join {{ ref('customers') }} as customers on members.customer_id = customers.customer_id
        order by customers.customer_id
        limit 10
    {% endset %}
    {% do print('') %}
    {% do print('Examples, masked') %}
    {% set lines = [['customer_id', 'given_name', 'email', 'country', 'lifecycle_stage', 'order_count']] %}
    {% for row in run_query(examples).rows %}
        {% set shown = [] %}
        {% for value in row %}{% do shown.append('-' if value is none else value | string) %}{% endfor %}
        {% do lines.append(shown) %}
    {% endfor %}
    {% set widths = [] %}
    {% for place in range(lines[0] | length) %}
        {% set lengths = [] %}
        {% for line in lines %}{% do lengths.append(line[place] | length) %}{% endfor %}
        {% do widths.append(lengths | max) %}
    {% endfor %}
    {% for line in lines if lines | length > 1 %}
        {% set cells = [] %}
        {% for value in line %}{% do cells.append(value.ljust(widths[loop.index0])) %}{% endfor %}
        {% do print(('  ' ~ cells | join('  ')).rstrip()) %}
    {% else %}
        {% do print('  nobody') %}
    {% endfor %}
{% endmacro %}
