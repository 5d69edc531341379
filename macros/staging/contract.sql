{#  What is declared about the raw tables (models/staging/<source>/_<source>__sources.yml) and what is really there. #}

{#  Every raw table and the model that stages it, of the enabled sources. This is the one list to loop over:

        {% for staged in staged_tables() %}
            select ... from {{ ref(staged.model) }}
            {{ "union all" if not loop.last }}
        {% endfor %}

    It is written here, not read from the graph, because dbt must know every ref and source while it parses. #}
{% macro staged_tables(include_disabled=false) %}
    {%- set all_tables = [
        ('shopify', 'customer', 'stg_shopify__customers'),
        ('shopify', 'customer_address', 'stg_shopify__customer_addresses'),
        ('shopify', 'order', 'stg_shopify__orders'),
        ('shopify', 'order_line', 'stg_shopify__order_lines'),
        ('shopify', 'refund', 'stg_shopify__refunds'),
        ('shopify', 'order_line_refund', 'stg_shopify__order_line_refunds'),
        ('shopify', 'order_adjustment', 'stg_shopify__order_adjustments'),
        ('shopify', 'product', 'stg_shopify__products'),
        ('shopify', 'product_variant', 'stg_shopify__product_variants'),
        ('shopify', 'product_option', 'stg_shopify__product_options'),
        ('shopify', 'inventory_item', 'stg_shopify__inventory_items'),
        ('shopify', 'abandoned_checkout', 'stg_shopify__abandoned_checkouts'),
        ('hubspot', 'contact', 'stg_hubspot__contacts'),
        ('hubspot', 'company', 'stg_hubspot__companies'),
        ('hubspot', 'contact_merge_audit', 'stg_hubspot__contact_merges'),
        ('salesforce', 'contact', 'stg_salesforce__contacts'),
        ('salesforce', 'lead', 'stg_salesforce__leads'),
        ('salesforce', 'account', 'stg_salesforce__accounts'),
        ('salesforce', 'opportunity', 'stg_salesforce__opportunities'),
        ('salesforce', 'opportunity_history', 'stg_salesforce__opportunity_versions'),
        ('salesforce', 'task', 'stg_salesforce__tasks'),
        ('zendesk', 'user', 'stg_zendesk__users'),
        ('zendesk', 'ticket', 'stg_zendesk__tickets'),
        ('zendesk', 'satisfaction_rating', 'stg_zendesk__satisfaction_ratings'),
        ('zendesk', 'organization', 'stg_zendesk__organizations'),
        ('klaviyo', 'person', 'stg_klaviyo__people'),
        ('klaviyo', 'event', 'stg_klaviyo__events'),
        ('klaviyo', 'campaign', 'stg_klaviyo__campaigns'),
        ('klaviyo', 'metric', 'stg_klaviyo__metrics'),
        ('segment', 'identifies', 'stg_segment__identifies'),
        ('segment', 'tracks', 'stg_segment__tracks'),
        ('segment', 'pages', 'stg_segment__pages'),
        ('pos', 'member', 'stg_pos__members'),
        ('pos', 'store', 'stg_pos__stores'),
        ('pos', 'receipt', 'stg_pos__receipts'),
        ('pos', 'receipt_line', 'stg_pos__receipt_lines'),
        ('survey', 'response', 'stg_survey__responses'),
        ('reviews', 'review', 'stg_reviews__reviews'),
        ('reviews', 'social_comment', 'stg_reviews__social_comments'),
        ('consent', 'banner_event', 'stg_consent__banner_events'),
        ('consent', 'preference_event', 'stg_consent__preference_events'),
        ('thirdparty', 'device_segment', 'stg_thirdparty__device_segments'),
        ('enrichment', 'company', 'stg_enrichment__companies'),
        ('people', 'person', 'stg_people__records'),
        ('truth', 'person_record', 'stg_truth__person_records'),
        ('truth', 'person', 'stg_truth__people'),
        ('truth', 'device', 'stg_truth__devices'),
        ('truth', 'account_record', 'stg_truth__account_records'),
    ] -%}
    {%- set enabled = [] -%}
    {%- for source_name, table_name, model in all_tables if include_disabled or source_is_enabled(source_name) -%}
        {%- do enabled.append({'source': source_name, 'table': table_name, 'model': model}) -%}
    {%- endfor -%}
    {{ return(enabled) }}
{% endmacro %}


{# The switch of a source. #}
{% macro source_is_enabled(source_name) %}
    {{ return(var(source_name ~ '_enabled') | string | lower == 'true') }}
{% endmacro %}


{#  The declaration of one raw table as a plain dictionary; only at run time, when the graph is complete.
    Keys: relation, columns (list), by_name, key_columns, latest_by, deleted_column, reject_when. #}
{% macro raw_contract(source_name, table_name) %}
    {#- A unit test is compiled without the graph; it finds the declaration where the exposure of raw files left it. -#}
    {%- if graph.sources is undefined -%}
        {{ return(stored_raw_contract(source_name, table_name)) }}
    {%- endif -%}
    {%- set node = graph.sources.get('source.kindred.' ~ source_name ~ '.' ~ table_name) -%}
    {%- if node is none -%}
        {%- do exceptions.raise_compiler_error(
            "No raw table '" ~ source_name ~ "." ~ table_name ~ "' is declared. Add it to models/staging/" ~ source_name ~ "/_" ~ source_name ~ "__sources.yml."
        ) -%}
    {%- endif -%}
    {%- set table_meta = node.config.get('meta') or {} -%}
    {%- set contract = {
        'source': source_name, 'table': table_name,
        'database': node.database, 'schema': node.schema, 'identifier': node.identifier,
        'columns': [], 'by_name': {}, 'key_columns': [], 'deleted_column': none,
        'latest_by': table_meta.get('latest_by', []),
        'reject_when': table_meta.get('reject_when', []),
    } -%}
    {%- for column in node.columns.values() -%}
        {%- set meta = (column.get('config') or {}).get('meta') or column.get('meta') or {} -%}
        {%- set declared = {
            'name': column.name, 'data_type': column.data_type or 'varchar',
            'required': meta.get('required', false), 'key': meta.get('key', false), 'deleted': meta.get('deleted', false), 'default': meta.get('default'),
            'normalizer': meta.get('normalizer'), 'country_columns': meta.get('country_columns', []), 'country_of': meta.get('country_of'),
            'type_column': meta.get('type_column'), 'scale_column': meta.get('scale_column'), 'scales': meta.get('scales', {}),
        } -%}
        {%- do contract.columns.append(declared) -%}
        {%- do contract.by_name.update({declared.name: declared}) -%}
        {%- if declared.key -%}{%- do contract.key_columns.append(declared.name) -%}{%- endif -%}
        {%- if declared.deleted -%}{%- do contract.update({'deleted_column': declared.name}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(contract) }}
{% endmacro %}


{#  The columns the raw table really has: lower-case name -> {name, data_type and what is known of how it writes}; none when the table does not exist.
    A unit test puts fixtures in the table's place, but they have the real table's columns. #}
{% macro raw_table_columns(contract) %}
    {%- set relation = api.Relation.create(database=contract.database, schema=contract.schema, identifier=contract.identifier) -%}
    {%- set existing = adapter.get_relation(database=contract.database, schema=contract.schema, identifier=contract.identifier) -%}
    {%- if existing is none -%}{{ return(none) }}{%- endif -%}
    {%- set forms = written_forms(contract) -%}
    {%- set columns = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- set name = column.name | lower -%}
        {%- do columns.update({name: dict(forms.get(name, {}), name=column.name, data_type=column.data_type)}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}


{# A raw column by name in its declared type. Where it says nothing, or the raw table does not have it: the declared default, else a typed null. #}
{% macro declared_value(contract, raw_columns, column) -%}
    {%- set raw = raw_columns.get(column.name | lower) -%}
    {%- set value = 'cast(null as ' ~ engine_type(column.data_type) ~ ')' if raw is none else to_declared_type(
        adapter.quote(raw.name), raw.data_type, column.data_type, month_first_of(contract, raw_columns, column), raw
    ) -%}
    {%- if raw is not none and column.normalizer == 'birth_date' and type_family(raw.data_type) == 'text' -%}
        {%- set value = of_the_past(value, to_readable_text(adapter.quote(raw.name), raw.data_type)) -%}
    {%- elif raw is not none and column.normalizer == 'salesforce_id' -%}
        {#- Here and not after the current versions are found: both forms are one key. -#}
        {%- set value = salesforce_id(value) -%}
    {%- endif -%}
    {{ value if not column.default else 'coalesce(' ~ value ~ ", '" ~ column.default ~ "')" }}
{%- endmacro %}


{# Whether the month stands first, as an expression: as the column shows, else as the row's own country writes, else as the default country does. #}
{% macro month_first_of(contract, raw_columns, column) -%}
    {%- set shown = raw_columns.get(column.name | lower, {}).get('is_month_first') -%}
    {%- set candidates = [] -%}
    {%- for name in column.country_columns if name | lower in raw_columns -%}
        {%- do candidates.append('nullif(' ~ to_readable_text(adapter.quote(raw_columns[name | lower].name), raw_columns[name | lower].data_type) ~ ", '')") -%}
    {%- endfor -%}
    {%- do candidates.append("'" ~ var('default_country') ~ "'") -%}
    {{ return(month_first_country('coalesce(' ~ candidates | join(', ') ~ ')') if shown is none else shown | string | lower) }}
{%- endmacro %}


{#  Where the country of a row's owner is, for tables that name none themselves: a staged model with the owner's id in its first column and
    country. A column declared with `country_of: <column of the id>` looks there after its own country columns. #}
{% macro owner_countries(source_name, table_name) %}
    {%- if source_name == 'shopify' and table_name in ['customer', 'abandoned_checkout'] and source_is_enabled('shopify') -%}
        {{ return({'relation': ref('stg_shopify__customer_countries'), 'key': 'shopify_customer_id'}) }}
    {%- endif -%}
    {{ return(none) }}
{% endmacro %}
