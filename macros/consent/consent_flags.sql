{#
    The opt-in and opt-out columns of the staging models: one declaration, read by `consent_signals_flags`.

    signal_source, signal   what the crosswalk (seed `consent_crosswalk`) is looked up with, together with the value
    value                   expression of the value; null means that the source says nothing
    identifier_type, identifier   the contact point the value is about
    changed_at              the column's own timestamp, where the source keeps one
    first_at, last_at       earliest and latest time the value can have been set, where it keeps none
    is_standing_value       true: a value that stays until it changes; false: one answer given once (a checkout box)
#}
{% macro consent_flags() %}
    {% set flags = [] %}

    {% do flags.append({
        'source': 'shopify', 'model': 'stg_shopify__customers', 'ref': 'record_id',
        'signal_source': 'shopify_customer', 'signal': 'accepts_marketing', 'value': 'accepts_marketing',
        'identifier_type': 'email', 'identifier': 'email',
        'changed_at': 'accepts_marketing_updated_at', 'first_at': 'created_at', 'last_at': 'updated_at',
    }) %}
    {% for model, key, signal_source, time in [
        ('stg_shopify__orders', 'order_id', 'shopify_order', 'ordered_at'),
        ('stg_shopify__abandoned_checkouts', 'checkout_id', 'shopify_checkout', 'created_at'),
    ] %}
        {% do flags.append({
            'source': 'shopify', 'model': model, 'ref': key,
            'signal_source': signal_source, 'signal': 'buyer_accepts_marketing', 'value': 'buyer_accepts_marketing',
            'identifier_type': 'email', 'identifier': 'email',
            'changed_at': time, 'first_at': time, 'last_at': time, 'is_standing_value': false,
        }) %}
    {% endfor %}
    {% for source, model, signal_source in [
        ('hubspot', 'stg_hubspot__contacts', 'hubspot_contact'),
        ('salesforce', 'stg_salesforce__contacts', 'salesforce_contact'),
        ('salesforce', 'stg_salesforce__leads', 'salesforce_lead'),
    ] %}
        {% do flags.append({
            'source': source, 'model': model, 'ref': 'record_id',
            'signal_source': signal_source, 'signal': 'is_email_opted_out', 'value': 'is_email_opted_out',
            'identifier_type': 'email', 'identifier': 'email',
            'changed_at': none, 'first_at': 'created_at', 'last_at': 'updated_at',
        }) %}
    {% endfor %}
    {# A list of agreed channels: a channel that is missing from a filled list was not agreed to. #}
    {% for token, identifier_type in [('email', 'email'), ('sms', 'phone'), ('directmail', 'email'), ('mobile', 'email'), ('web', 'email')] %}
        {% do flags.append({
            'source': 'klaviyo', 'model': 'stg_klaviyo__people', 'ref': 'record_id',
            'signal_source': 'klaviyo_person', 'signal': 'custom_consent.' ~ token,
            'value': "case when custom_consent is not null then lower(custom_consent) like '%" ~ token ~ "%' end",
            'identifier_type': identifier_type, 'identifier': identifier_type,
            'changed_at': 'consent_at', 'first_at': 'created_at', 'last_at': 'updated_at',
        }) %}
    {% endfor %}
    {% for column, identifier_type in [('accepts_marketing', 'email'), ('sms_consent', 'phone')] %}
        {% do flags.append({
            'source': 'klaviyo', 'model': 'stg_klaviyo__people', 'ref': 'record_id',
            'signal_source': 'klaviyo_person', 'signal': column, 'value': column,
            'identifier_type': identifier_type, 'identifier': identifier_type,
            'changed_at': none, 'first_at': 'created_at', 'last_at': 'updated_at',
        }) %}
    {% endfor %}
    {% for column, identifier_type in [('email_opt_in', 'email'), ('sms_opt_in', 'phone')] %}
        {% do flags.append({
            'source': 'pos', 'model': 'stg_pos__members', 'ref': 'record_id',
            'signal_source': 'pos_member', 'signal': column, 'value': column,
            'identifier_type': identifier_type, 'identifier': identifier_type,
            'changed_at': none, 'first_at': 'created_at', 'last_at': 'updated_at',
        }) %}
    {% endfor %}

    {% set enabled = [] %}
    {% for flag in flags if var(flag.source ~ '_enabled') %}
        {% do enabled.append(flag) %}
    {% endfor %}
    {{ return(enabled) }}
{% endmacro %}
