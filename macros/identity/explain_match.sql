{# dbt run-operation explain_match: from the prior to the verdict, for any two records. #}
{% macro explain_match(left, right, show_values=false, as_json=false) %}
    {% if execute %}
        {#- What is printed goes into dbt's log file, too, and personal values would stay there. -#}
        {% if show_values and invocation_args_dict.log_level_file != 'none' %}
            {{ exceptions.raise_compiler_error("explain_match: with show_values, personal values would stay in dbt's log file. "
                ~ "Use `make explain-match LEFT=... RIGHT=... VALUES=1`, or `dbt --log-level-file none run-operation ...`.") }}
        {% endif %}
        {% set found = match_explanation(left | string, right | string) %}
        {% if not show_values %}{% do found.pop('values') %}{% endif %}
        {% do print(tojson(found) if as_json else match_text(found) | join('\n')) %}
    {% endif %}
{% endmacro %}

{# The two records with key, cluster and customer; stops with one sentence when one of them cannot be compared. #}
{% macro explained_records(left, right) %}
    {% if left == right %}
        {{ exceptions.raise_compiler_error("explain_match: left and right are the same record, '" ~ left ~ "'. Give two different record ids.") }}
    {% endif %}
    {% set rows = fetched(
        "select records.record_id, features.record_key, clusters.cluster_key, ids.customer_id"
        ~ " from " ~ ref('identity_records') ~ " as records"
        ~ " left join " ~ ref('identity_features') ~ " as features on records.record_id = features.record_id"
        ~ " left join " ~ ref('identity_clusters') ~ " as clusters on records.record_id = clusters.record_id"
        ~ " left join " ~ ref('customer_ids') ~ " as ids on records.record_id = ids.record_id"
        ~ " where records.record_id in (" ~ quoted(left) ~ ", " ~ quoted(right) ~ ")"
    ) %}
    {% set records = {} %}
    {% for row in rows %}{% do records.update({row.record_id: row}) %}{% endfor %}
    {% for record_id in [left, right] %}
        {% if record_id not in records %}
            {{ exceptions.raise_compiler_error("explain_match: there is no record '" ~ record_id ~ "'. Give a record_id of "
                ~ ref('identity_records') ~ ", such as 'shopify:customer:<id>'.") }}
        {% elif records[record_id].record_key is none %}
            {{ exceptions.raise_compiler_error("explain_match: record '" ~ record_id ~ "' says nothing about a person, so it is compared with no other.") }}
        {% endif %}
    {% endfor %}
    {{ return([records[left], records[right]] if records[left].record_key < records[right].record_key else [records[right], records[left]]) }}
{% endmacro %}

{# Everything there is to say about a pair, as data; `steps` are the bits that add up to the match weight. #}
{% macro match_explanation(left_id, right_id) %}
    {% do check_explainable() %}
    {% set records = explained_records(left_id, right_id) %}
    {% set left, right = records[0], records[1] %}
    {% set weighed = fetched(pair_evidence_sql(left.record_key, right.record_key))[0] %}
    {% set steps = evidence_steps(weighed, left.record_key, right.record_key) %}
    {% set keys = "left_key = " ~ left.record_key ~ " and right_key = " ~ right.record_key %}
    {% set edges = fetched("select match_weight, blocking_rules, verdict from " ~ ref('identity_edges')
        ~ " where left_record_id in (" ~ quoted(left.record_id) ~ ", " ~ quoted(right.record_id) ~ ")"
        ~ " and right_record_id in (" ~ quoted(left.record_id) ~ ", " ~ quoted(right.record_id) ~ ")") %}
    {% set manual_link = fetched("select identifier_type from " ~ ref('identity_strong_links') ~ " where is_manual and " ~ keys) %}
    {% set cannot_links = pair_cannot_links(keys, left.record_key, right.record_key) %}
    {% set identifiers = shared_strong_identifiers(left.record_id, right.record_id, cannot_links) %}
    {% set found = {
        'left': left.record_id,
        'right': right.record_id,
        'left_customer': left.customer_id,
        'right_customer': right.customer_id,
        'steps': steps,
        'match_weight': weighed.match_weight,
        'match_probability': weighed.match_probability,
        'stored_weight': edges[0].match_weight if edges else none,
        'threshold': var('identity_threshold') | float,
        'rules': pair_rules(weighed.shared_rules, keys),
        'strong_identifiers': identifiers,
        'cannot_links': cannot_links,
        'manual_link': manual_link[0].identifier_type if manual_link else none,
        'is_linked': left.cluster_key == right.cluster_key,
        'values': compared_values(left.record_key, right.record_key),
    } %}
    {% do found.update({'chain': link_chain(left, right) if found.is_linked else []}) %}
    {% do found.update({'verdict': match_verdict(found, edges)}) %}
    {{ return(found) }}
{% endmacro %}

{# Level pattern, weight and frequencies of the pair, by the macros that score all pairs; and which blocking rules it satisfies. #}
{% macro pair_evidence_sql(left_key, right_key) %}
with comparisons as (
    select left_key, right_key, pattern, {{ shared_rules_sql() }} as rules
    from (
        select
            {{ shared_parts_sql() }},
            l.record_key as left_key,
            r.record_key as right_key,
            {{ pattern_sql() }} as pattern
        from {{ ref('identity_features') }} as l
        inner join {{ ref('identity_features') }} as r on l.record_key = {{ left_key }} and r.record_key = {{ right_key }}
    ) as parts
),

{{ score_pairs() }}

select
    cast(scored.pattern as string) as pattern,
    cast(scored.rules as string) as shared_rules,
    {%- for group in frequency_groups() %}
    scored.{{ group.name }}_frequency_bits,
    {%- endfor %}
    scored.match_weight,
    1.0 / (1.0 + power(2, -greatest(least(scored.match_weight, 500), -500))) as match_probability,
    case when {{ bit_field('scored.pattern', 60, 1) }} = 1 then 1 else 0 end as prior_level,
    -- Two people of one household, beside two strangers, as the other explanation of the pair.
    -log2(1 + power(2, greatest(least(classes.household_total - classes.stranger_total, 500), -500))) as household_bits,
    scored.is_household_likely
from scored
inner join classes on scored.left_key = classes.left_key and scored.right_key = classes.right_key
{% endmacro %}

{# The steps from the prior to the match weight: each with its bits and the sum so far. #}
{% macro evidence_steps(weighed, left_key, right_key) %}
    {% set levels = fetched(
        "select weights.comparison, weights.level, weights.label, weights.m, weights.u,"
        ~ " case when weights.comparison_number < 0 then log2(weights.m) else log2(weights.m) - log2(weights.u) end as bits"
        ~ " from " ~ ref('identity_match_weights') ~ " as weights"
        ~ " cross join (select cast(" ~ weighed.pattern ~ " as bigint) as pattern) as pair"
        ~ " where (weights.comparison_number = -1 and weights.level = " ~ weighed.prior_level ~ ")"
        ~ " or (weights.comparison_number >= 0 and weights.level = (pair.pattern >> (5 * greatest(weights.comparison_number, 0))) & 31)"
    ) %}
    {% set level_of = {} %}
    {% for row in levels %}{% do level_of.update({row.comparison: row}) %}{% endfor %}
    {% set sharing = value_record_counts(left_key, right_key) %}
    {% set steps = [{'step': 'prior', 'label': level_of['prior'].label, 'm': level_of['prior'].m, 'u': none, 'bits': level_of['prior'].bits}] %}
    {% for comparison in identity_comparisons() %}
        {% set level = level_of.get(comparison.name, none) %}
        {% do steps.append({
            'step': comparison.name, 'label': level.label if level else 'nothing to compare',
            'm': level.m if level else none, 'u': level.u if level else none, 'bits': level.bits if level else 0.0, 'is_known': level is not none,
        }) %}
        {% for group in frequency_groups() if group.adjustments[0].comparison == comparison.name and weighed[group.name ~ '_frequency_bits'] != 0 %}
            {# Which value it was: a name has one adjustment a part, the others one a level. #}
            {% set at_level = group.adjustments if comparison.name == 'name'
                else group.adjustments | selectattr('name', 'equalto', comparison.name ~ '_' ~ level.level) | list %}
            {% do steps.append({
                'step': 'rarity of the ' ~ group.name | replace('_', ' '),
                'label': 'on ' ~ sharing[at_level[0].attribute ~ '_records'] ~ ' of ' ~ sharing.all_records ~ ' records',
                'm': none, 'u': none, 'bits': weighed[group.name ~ '_frequency_bits'],
            }) %}
        {% endfor %}
    {% endfor %}
    {% do steps.append({
        'step': 'household', 'm': none, 'u': none, 'bits': weighed.household_bits,
        'label': 'more likely two people of one household than two strangers' if weighed.is_household_likely else 'more likely two strangers than one household',
    }) %}
    {% set running = namespace(sum=0.0) %}
    {% for step in steps %}
        {% set running.sum = running.sum + step.bits %}
        {% do step.update({'sum': running.sum}) %}
    {% endfor %}
    {{ return(steps) }}
{% endmacro %}

{# How many records have the value on which both agree, per attribute whose frequency counts; null where they do not agree. #}
{% macro value_record_counts(left_key, right_key) %}
    {% set query %}
    select
        {%- for attribute in frequency_attributes() %}
        nullif(count(case when features.{{ attribute }} = pair.{{ attribute }} then 1 end), 0) as {{ attribute }}_records,
        {%- endfor %}
        count(*) as all_records
    from {{ ref('identity_features') }} as features
    cross join (
        select
            {%- for attribute in frequency_attributes() %}
            case when l.{{ attribute }} = r.{{ attribute }} then l.{{ attribute }} end as {{ attribute }}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ ref('identity_features') }} as l
        inner join {{ ref('identity_features') }} as r on l.record_key = {{ left_key }} and r.record_key = {{ right_key }}
    ) as pair
    {% endset %}
    {{ return(fetched(query)[0]) }}
{% endmacro %}

{# The blocking rules on whose parts both records agree, and whether each found the pair. #}
{% macro pair_rules(shared_rules, keys) %}
    {% set rows = fetched(
        "select rules.blocking_rule, rules.is_selected, stored.is_compared, (stored.rules >> rules.rule_number) & 1 = 1 as is_finding,"
        ~ " (cast(" ~ shared_rules ~ " as bigint) >> rules.rule_number) & 1 = 1 as is_shared"
        ~ " from " ~ ref('identity_blocking_rules') ~ " as rules"
        ~ " cross join (select coalesce(max(rules), 0) as rules, count(*) > 0 as is_compared from " ~ ref('identity_comparisons') ~ " where " ~ keys ~ ") as stored"
        ~ " order by rules.rule_number"
    ) %}
    {% set found = {'is_compared': rows[0].is_compared if rows else false, 'finding': [], 'over_cap': [], 'not_in_use': []} %}
    {% for row in rows if row.is_shared or row.is_finding %}
        {% do found['finding' if row.is_finding else 'over_cap' if row.is_selected else 'not_in_use'].append(row.blocking_rule) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# Strong identifiers that both records carry, on how many records each value is, and what it proves. #}
{% macro shared_strong_identifiers(left_id, right_id, cannot_links) %}
    {% set identifiers = ref('identity_record_identifiers') %}
    {% set rows = fetched(
        "select l.identifier_type, count(*) as record_count, count(junk.identifier_value) > 0 as is_junk"
        ~ " from " ~ identifiers ~ " as l"
        ~ " inner join " ~ identifiers ~ " as r on l.identifier_type = r.identifier_type and l.identifier_value = r.identifier_value"
        ~ " inner join " ~ identifiers ~ " as others on l.identifier_type = others.identifier_type and l.identifier_value = others.identifier_value"
        ~ " inner join " ~ ref('identity_features') ~ " as features on others.record_id = features.record_id"
        ~ " left join " ~ ref('identity_junk_identifiers') ~ " as junk on l.identifier_type = junk.identifier_type and l.identifier_value = junk.identifier_value"
        ~ " where l.is_strong and l.record_id = " ~ quoted(left_id) ~ " and r.record_id = " ~ quoted(right_id)
        ~ " group by l.identifier_type, l.identifier_value order by 1, 2"
    ) %}
    {% for row in rows %}
        {% set limit = var('identity_identifier_types')[row.identifier_type].max_records %}
        {% do row.update({'outcome':
            'a junk value, which proves nothing' if row.is_junk
            else 'more than the ' ~ limit ~ ' records that may share one, so it proves nothing' if row.record_count > limit
            else 'not believed, since the records plainly disagree as persons' if 'plain disagreement' in cannot_links
            else 'a must-link'}) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}

{# Why the pair may not be one customer, whatever its evidence. #}
{% macro pair_cannot_links(keys, left_key, right_key) %}
    {{ return(fetched(
        "select reason from " ~ ref('identity_cannot_links') ~ " where " ~ keys
        ~ " union all select 'the source, which has checked who they are' as reason from " ~ ref('identity_kept_apart') ~ " as l"
        ~ " inner join " ~ ref('identity_kept_apart') ~ " as r on l.feed_number = r.feed_number"
        ~ " where l.record_key = " ~ left_key ~ " and r.record_key = " ~ right_key
        ~ " order by reason"
    ) | map(attribute='reason') | list) }}
{% endmacro %}

{# The normalized values that each comparison looked at. #}
{% macro compared_values(left_key, right_key) %}
    {% set columns_of = {
        'name': ['given_key', 'family_key'], 'birth_date': ['birth_day'], 'phone': ['phone', 'secondary_phone'],
        'address': ['street_key', 'postal_key', 'city_key'],
    } %}
    {% set wanted = [] %}
    {% for comparison in identity_comparisons() %}{% do wanted.extend(columns_of.get(comparison.name, [comparison.name])) %}{% endfor %}
    {% set rows = fetched("select record_key, " ~ wanted | join(', ') ~ " from " ~ ref('identity_features')
        ~ " where record_key in (" ~ left_key ~ ", " ~ right_key ~ ") order by record_key") %}
    {% set values = {} %}
    {% for comparison in identity_comparisons() %}
        {% set sides = [] %}
        {% for row in rows %}
            {% set said = [] %}
            {% for column in columns_of.get(comparison.name, [comparison.name]) if row[column] is not none %}{% do said.append(row[column]) %}{% endfor %}
            {% do sides.append(said | join(', ')) %}
        {% endfor %}
        {% do values.update({comparison.name: sides}) %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}

{# The verdict in one sentence. #}
{% macro match_verdict(found, edges) %}
    {% set kept = edges[0].verdict if edges else none %}
    {% set proofs = found.strong_identifiers | selectattr('outcome', 'equalto', 'a must-link') | map(attribute='identifier_type') | list %}
    {% if found.is_linked %}
        {% if 'manual decision' in [kept, found.manual_link] %}{{ return('One customer: a manual decision joins both records.') }}
        {% elif kept == 'match' %}{{ return('One customer: the evidence of this pair alone is enough.') }}
        {% elif proofs %}{{ return('One customer: the strong identifier ' ~ proofs | unique | join(', ') ~ ' ties both records, whatever else they say.') }}
        {% elif kept == 'strong identifier' %}{{ return('One customer: strong identifiers tie both to the same record.') }}
        {% elif kept in [none, 'linked through other records'] %}{{ return('One customer through other records, not by this pair.') }}
        {% endif %}
        {{ return('One customer: ' ~ kept ~ '.') }}
    {% elif found.cannot_links %}
        {{ return('Two customers: kept apart by ' ~ found.cannot_links | join(' and ') ~ '.') }}
    {% elif kept is none and not found.rules.is_compared %}
        {{ return('Two customers: never compared, because no blocking rule in use finds the pair; its evidence would '
            ~ ('be enough.' if found.match_weight >= found.threshold else 'not be enough either.')) }}
    {% elif kept is none %}
        {{ return('Two customers: so little evidence that the pair was not even kept.') }}
    {% elif kept.startswith('cut') %}
        {{ return('Two customers: this pair alone would match, but it was cut, since ' ~ {
            'the clusters as a whole do not match': 'the pairs between both groups of records together do not match',
            'too many records for one person': 'both groups together have too many records for one person',
        }.get(kept[5:], kept[5:]) ~ '.') }}
    {% elif kept == 'household rather than person' %}
        {{ return('Two customers: two people of one household explain the pair better than one person does.') }}
    {% endif %}
    {{ return('Two customers: ' ~ kept ~ '.') }}
{% endmacro %}

{# The explanation as lines of text. #}
{% macro match_text(found) %}
    {% set lines = ['', 'Are these two records one person?', '  left   ' ~ found.left, '  right  ' ~ found.right, ''] %}
    {% set scale = found.steps | map(attribute='bits') | map('abs') | max %}
    {% set rows = [] %}
    {% for step in found.steps %}
        {% do rows.append([
            step.step, step.label, in_share(step.m), in_share(step.u), in_bits(step.bits) if step.get('is_known', true) else '',
            in_bits(step.sum), signed_bar(step.bits, scale),
        ]) %}
        {% if found.get('values', {}).get(step.step) %}
            {% do rows.append(['', found['values'][step.step] | map('default', '-', true) | join('  |  '), '', '', '', '', '']) %}
        {% endif %}
    {% endfor %}
    {% do lines.extend(text_table(['evidence', 'level', 'm', 'u', 'bits', 'sum', ''], rows, right=[2, 3, 4, 5])) %}
    {% do lines.extend([
        '',
        '  match weight ' ~ in_bits(found.match_weight) ~ ' bits, probability ' ~ '%.6f' | format(found.match_probability)
            ~ '; a match needs ' ~ in_bits(found.threshold) ~ ' bits.',
    ]) %}
    {% if found.stored_weight is not none and (found.stored_weight - found.match_weight) | abs > 0.01 %}
        {% do lines.append('  The last run has kept ' ~ in_bits(found.stored_weight) ~ ' bits for this pair: its data or the weights have changed since.') %}
    {% endif %}
    {% set rules = found.rules %}
    {% do lines.append('  Blocking rules that found the pair: ' ~ (first_names(rules.finding, 8) or 'none') ~ '.') %}
    {% if rules.over_cap %}{% do lines.append('  Rules in use whose block of these records is over the cap of ' ~ var('identity_block_cap') ~ ' records: ' ~ first_names(rules.over_cap, 8) ~ '.') %}{% endif %}
    {% if rules.not_in_use %}{% do lines.append('  Rules that would find it and are not in use: ' ~ first_names(rules.not_in_use, 8) ~ '.') %}{% endif %}
    {% for row in found.strong_identifiers %}
        {% do lines.append('  Shared strong identifier: ' ~ row.identifier_type ~ ', on ' ~ row.record_count ~ ' records: ' ~ row.outcome ~ '.') %}
    {% endfor %}
    {% if not found.strong_identifiers %}{% do lines.append('  Shared strong identifiers: none.') %}{% endif %}
    {% do lines.append('  Cannot-links: ' ~ (found.cannot_links | join(', ') or 'none') ~ '.') %}
    {% do lines.extend(['', '  ' ~ found.verdict]) %}
    {% if found.chain | length > 1 %}
        {% for step in found.chain %}{% do lines.append('    ' ~ step['from'] ~ '  --  ' ~ step.to ~ '   ' ~ step.how) %}{% endfor %}
    {% endif %}
    {% do lines.append('  Customers: ' ~ [found.left_customer, found.right_customer] | unique | join(' and ') ~ '.') %}
    {{ return(lines) }}
{% endmacro %}
