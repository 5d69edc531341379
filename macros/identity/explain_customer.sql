{# dbt run-operation explain_customer: how the records of a customer hold together, and where they would come apart. #}
{% macro explain_customer(customer, as_json=false) %}
    {% if execute %}
        {% set found = customer_explanation(customer | string) %}
        {% do print(tojson(found) if as_json else customer_text(found) | join('\n')) %}
    {% endif %}
{% endmacro %}

{# The customer that a customer id, a former customer id or a record id stands for. #}
{% macro explained_customer(given) %}
    {% set ids = ref('customer_ids') %}
    {% set queries = [
        "select customer_id from " ~ ids ~ " where customer_id = " ~ quoted(given) ~ " limit 1",
        "select customer_id from " ~ ids ~ " where record_id = " ~ quoted(given),
    ] %}
    {% set redirects = built_relation('customer_id_redirects') %}
    {% if redirects is not none %}
        {% do queries.append("select current_customer_id as customer_id from " ~ redirects ~ " where old_customer_id = " ~ quoted(given)) %}
    {% endif %}
    {% for query in queries %}
        {% set rows = fetched(query) %}
        {% if rows %}{{ return(rows[0].customer_id) }}{% endif %}
    {% endfor %}
    {{ exceptions.raise_compiler_error("explain_customer: there is no customer and no record '" ~ given ~ "'. Give a customer_id of " ~ ids
        ~ ", or a record_id such as 'shopify:customer:<id>'.") }}
{% endmacro %}

{# Scored pairs and strong links inside a cluster, the strongest first: left, right, bits (none for a strong link), how. #}
{% macro cluster_links(cluster_key) %}
    {% set clusters = ref('identity_clusters') %}
    {% set inside = " inner join " ~ clusters ~ " as l on l.cluster_key = " ~ cluster_key ~ " and {0} = l.{1}"
        ~ " inner join " ~ clusters ~ " as r on r.cluster_key = " ~ cluster_key ~ " and {2} = r.{1}" %}
    {% set strong = fetched(
        "select l.record_id as left_id, r.record_id as right_id, links.identifier_type, links.is_manual"
        ~ " from " ~ ref('identity_strong_links') ~ " as links" ~ inside.format('links.left_key', 'record_key', 'links.right_key')
        ~ " where not links.is_over_limit order by 1, 2, 3"
    ) %}
    {% set scored = fetched(
        "select edges.left_record_id as left_id, edges.right_record_id as right_id, edges.match_weight, edges.blocking_rules"
        ~ " from " ~ ref('identity_edges') ~ " as edges" ~ inside.format('edges.left_record_id', 'record_id', 'edges.right_record_id')
        ~ " order by 3 desc, 1, 2"
    ) %}
    {% set links = [] %}
    {% for row in strong %}
        {% do links.append({'left': row.left_id, 'right': row.right_id, 'bits': none, 'how': ('' if row.is_manual else 'strong identifier ') ~ row.identifier_type}) %}
    {% endfor %}
    {% for row in scored %}
        {% do links.append({'left': row.left_id, 'right': row.right_id, 'bits': row.match_weight, 'how': row.blocking_rules or 'no rule: both match a third record'}) %}
    {% endfor %}
    {{ return(links) }}
{% endmacro %}

{#
    The strongest links that hold all records together: a maximum spanning tree (Kruskal 1956) over `links`, which come strongest first. Of
    all ways to cut the group in two, the weakest of them is the one that costs least.
#}
{% macro spanning_links(records, links) %}
    {% set group_of, members, tree = {}, {}, [] %}
    {% for record in records %}{% do group_of.update({record: record}) %}{% do members.update({record: [record]}) %}{% endfor %}
    {% for link in links %}
        {% set keep, gone = group_of[link.left], group_of[link.right] %}
        {% if keep != gone %}
            {% if members[keep] | length < members[gone] | length %}{% set keep, gone = gone, keep %}{% endif %}
            {% for record in members[gone] %}{% do group_of.update({record: keep}) %}{% endfor %}
            {% do members[keep].extend(members[gone]) %}
            {% do members.pop(gone) %}
            {% do tree.append(link) %}
        {% endif %}
    {% endfor %}
    {{ return(tree) }}
{% endmacro %}

{# The records that `links` connect with `start`, each with the link it was reached by. #}
{% macro reached_from(start, links) %}
    {% set reached = {start: none} %}
    {% set front = [start] %}
    {% set neighbours = {} %}
    {% for link in links %}
        {% do neighbours.setdefault(link.left, []).append([link.right, link]) %}
        {% do neighbours.setdefault(link.right, []).append([link.left, link]) %}
    {% endfor %}
    {# The list grows while it is read, so that this walks breadth first. #}
    {% for record in front %}
        {% for other, link in neighbours.get(record, []) if other not in reached %}
            {% do reached.update({other: {'from': record, 'link': link}}) %}
            {% do front.append(other) %}
        {% endfor %}
    {% endfor %}
    {{ return(reached) }}
{% endmacro %}

{# The strongest chain of links between two records of one cluster. #}
{% macro link_chain(left, right) %}
    {% set links = cluster_links(left.cluster_key) %}
    {% set records = links | map(attribute='left') | list + links | map(attribute='right') | list + [left.record_id, right.record_id] %}
    {% set reached = reached_from(left.record_id, spanning_links(records | unique | list, links)) %}
    {% set chain = [] %}
    {% set at = namespace(record=right.record_id) %}
    {% for _ in reached if reached.get(at.record) %}
        {% set step = reached[at.record] %}
        {% do chain.insert(0, {'from': step['from'], 'to': at.record, 'bits': step.link.bits, 'how': link_text(step.link)}) %}
        {% set at.record = step['from'] %}
    {% endfor %}
    {{ return(chain) }}
{% endmacro %}

{% macro link_text(link) %}
    {{ return(link.how if link.bits is none else in_bits(link.bits) ~ ' bits (' ~ first_names(link.how.split(', '), 3) ~ ')') }}
{% endmacro %}

{# What the records of a customer are held together by, as data. #}
{% macro customer_explanation(given) %}
    {% do check_explainable() %}
    {% set customer_id = explained_customer(given) %}
    {% set records = fetched(
        "select ids.record_id, records.source_name, cast(records.created_at as string) as created_at, clusters.cluster_key"
        ~ " from " ~ ref('customer_ids') ~ " as ids"
        ~ " inner join " ~ ref('identity_records') ~ " as records on ids.record_id = records.record_id"
        ~ " inner join " ~ ref('identity_clusters') ~ " as clusters on ids.record_id = clusters.record_id"
        ~ " where ids.customer_id = " ~ quoted(customer_id) ~ " order by records.created_at, ids.record_id"
    ) %}
    {% set names = records | map(attribute='record_id') | list %}
    {% set links = cluster_links(records[0].cluster_key) %}
    {% set tree = spanning_links(names, links) %}
    {% for record in records %}
        {% set own = [] %}
        {% for link in links if record.record_id in [link.left, link.right] %}{% do own.append(link) %}{% endfor %}
        {% set strongest = own[0] if own else none %}
        {% do record.update({
            'linked_to': none if strongest is none else strongest.right if strongest.left == record.record_id else strongest.left,
            'bits': strongest.bits if strongest else none,
            'how': strongest.how if strongest else none,
        }) %}
        {% do record.pop('cluster_key') %}
    {% endfor %}
    {% set splits = [] %}
    {% for link in (tree | reverse | list)[:5] %}
        {% do splits.append(split_at(link, names, tree, links)) %}
    {% endfor %}
    {{ return({
        'customer': customer_id,
        'records': records,
        'weakest_link': splits[0] if splits else none,
        'splits': splits,
        'holding_records': holding_records(names, links, tree),
        'nearby': nearby_pairs(customer_id),
    }) }}
{% endmacro %}

{# What cutting one link of the tree means: the records of the smaller side, and all that ties both sides. #}
{% macro split_at(link, names, tree, links) %}
    {% set rest = [] %}
    {% for other in tree if other != link %}{% do rest.append(other) %}{% endfor %}
    {% set side = reached_from(link.left, rest).keys() | list %}
    {% set across, weights, proofs = [], [], [] %}
    {% for other in links if (other.left in side) != (other.right in side) %}
        {% if other.bits is none %}{% do proofs.append(other) %}{% else %}{% do weights.append(other.bits) %}{% endif %}
        {% if other.bits is none or other.bits >= var('identity_threshold') %}{% do across.append(other) %}{% endif %}
    {% endfor %}
    {% set far = names | reject('in', side) | list %}
    {% set smaller = side if side | length < far | length or (side | length == far | length and names[0] not in side) else far %}
    {{ return({
        'left': link.left,
        'right': link.right,
        'bits': link.bits,
        'how': link.how,
        'records': names | select('in', smaller) | list,
        'links_to_remove': across | length,
        'strong_identifiers': proofs | map(attribute='how') | unique | list,
        'scored_pairs': weights | length,
        'possible_pairs': side | length * far | length,
        'mean_bits': weights | sum / weights | length if weights else none,
    }) }}
{% endmacro %}

{# Records without which the others would fall apart, for groups small enough to try each: all links that match count, and the tree. #}
{% macro holding_records(names, links, tree) %}
    {% set holding = [] %}
    {% if names | length <= 60 %}
        {% set firm = tree | list %}
        {% for link in links if link.bits is none or link.bits >= var('identity_threshold') %}{% do firm.append(link) %}{% endfor %}
        {% for name in names if names | length > 2 %}
            {% set others = [] %}
            {% for link in firm if name not in [link.left, link.right] %}{% do others.append(link) %}{% endfor %}
            {% set start = names[1] if loop.first else names[0] %}
            {% set reached = reached_from(start, others) %}
            {% if reached | length < names | length - 1 %}{% do holding.append(name) %}{% endif %}
        {% endfor %}
        {{ return(holding) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}

{# The customers nearest by: the strongest pair with each of them, and why it was not linked. #}
{% macro nearby_pairs(customer_id) %}
    {{ return(fetched(
        "with members as (select record_id from " ~ ref('customer_ids') ~ " where customer_id = " ~ quoted(customer_id) ~ "),"
        ~ " pairs as ("
        ~ " select edges.left_record_id as record_id, edges.right_record_id as other_id, edges.match_weight, edges.verdict"
        ~ " from " ~ ref('identity_edges') ~ " as edges inner join members on edges.left_record_id = members.record_id where not edges.is_linked"
        ~ " union all"
        ~ " select edges.right_record_id as record_id, edges.left_record_id as other_id, edges.match_weight, edges.verdict"
        ~ " from " ~ ref('identity_edges') ~ " as edges inner join members on edges.right_record_id = members.record_id where not edges.is_linked"
        ~ ")"
        ~ " select pairs.record_id, pairs.other_id, others.customer_id as other_customer, pairs.match_weight, pairs.verdict,"
        ~ " count(*) over (partition by others.customer_id) as pair_count"
        ~ " from pairs left join " ~ ref('customer_ids') ~ " as others on pairs.other_id = others.record_id"
        ~ " qualify row_number() over (partition by others.customer_id order by pairs.match_weight desc, pairs.record_id, pairs.other_id) = 1"
        ~ " order by pairs.match_weight desc, pairs.record_id, pairs.other_id limit 10"
    )) }}
{% endmacro %}

{# The explanation as lines of text. #}
{% macro customer_text(found) %}
    {% set records = found.records %}
    {% set lines = ['', 'Customer ' ~ found.customer ~ ': ' ~ records | length ~ (' record' if records | length == 1 else ' records'), ''] %}
    {% set rows = [] %}
    {% for record in records %}
        {% do rows.append([record.record_id, (record.created_at or '')[:10], record.linked_to or '', in_bits(record.bits) or ('proof' if record.how else ''), first_names((record.how or '').split(', '), 3)]) %}
    {% endfor %}
    {% do lines.extend(text_table(['record', 'since', 'strongest link to', 'bits', 'by'], rows, right=[3])) %}
    {% if found.weakest_link is none %}
        {% do lines.extend(['', '  ' ~ ('One record: nothing to hold together.' if records | length == 1 else 'No kept pair links these records.')]) %}
    {% else %}
        {% set weakest = found.weakest_link %}
        {% do lines.extend(['', '  Weakest link: ' ~ weakest.left ~ '  --  ' ~ weakest.right ~ '   ' ~ link_text(weakest), '', '  What would split the customer']) %}
        {% set rows = [] %}
        {% for split in found.splits %}
            {% do rows.append([
                first_names(split.records, 3),
                in_bits(split.bits) or 'proof', split.links_to_remove, split.scored_pairs ~ ' of ' ~ split.possible_pairs,
                in_bits(split.mean_bits), split.strong_identifiers | join(', '),
            ]) %}
        {% endfor %}
        {% do lines.extend(text_table(
            ['these records would leave', 'strongest link', 'links to remove', 'pairs scored', 'their mean bits', 'proofs'], rows, right=[1, 2, 3, 4]
        )) %}
        {% if found.holding_records is none %}
            {% do lines.append('  Too many records to try each one for what it holds together.') %}
        {% elif found.holding_records %}
            {% do lines.append('  Without one of these records the others would fall apart: ' ~ found.holding_records | join(', ') ~ '.') %}
        {% elif records | length > 2 %}
            {% do lines.append('  No single record holds the others together.') %}
        {% endif %}
    {% endif %}
    {% do lines.extend(['', '  Nearest other customers']) %}
    {% set rows = [] %}
    {% for pair in found.nearby %}
        {% do rows.append([pair.other_customer or '', pair.pair_count, pair.other_id, pair.record_id, in_bits(pair.match_weight), pair.verdict]) %}
    {% endfor %}
    {% do lines.extend(text_table(
        ['customer', 'pairs kept', 'strongest with', 'of this customer', 'bits', 'why not linked'], rows, right=[1, 4]
    ) if rows else ['  none: no pair with them was kept.']) %}
    {{ return(lines) }}
{% endmacro %}
