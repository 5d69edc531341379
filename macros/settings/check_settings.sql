{#
    Numbers among the vars of dbt_project.yml, by what they may be. A wrong one would fail as SQL somewhere within a build, or build
    something nobody meant: with a negative age nobody is a minor.
#}
{% macro number_settings() %}
    {{ return({
        'a number': ['account_threshold', 'identity_scored_pair_floor', 'identity_threshold', 'identity_unseen_pair_weight'],
        'a number from 0 to 1': [
            'category_affinity_share', 'churn_alive_below', 'identity_increment_share', 'identity_least_yield',
            'lifetime_value_annual_discount_rate', 'lookalike_seed_share', 'preference_minimum_share', 'product_affinity_max_share', 'raw_loss_fail',
            'sales_forecast_interval', 'segment_drift_maximum', 'segment_reach_minimum', 'segment_turnover_maximum', 'vip_top_share',
        ],
        'a number from 0 up': [
            'account_block_cap', 'account_random_pairs', 'activation_exit_days', 'activation_sla_hours', 'anonymous_audience_minimum_size',
            'attribution_lookback_days', 'attribution_position_first', 'attribution_position_last', 'b2b_minimum_employees',
            'best_hour_min_events', 'birth_date_oldest_years', 'cart_abandoned_after_hours', 'cart_abandoned_within_days',
            'category_affinity_minimum_orders', 'channel_preference_prior', 'consent_minor_age', 'data_quality_chance',
            'data_quality_history', 'device_lookback_days', 'email_engaged_minimum', 'email_engagement_days',
            'favourite_store_minimum_sales', 'freshness_error_days', 'freshness_warn_days', 'identity_alike_records', 'identity_block_cap',
            'identity_closing_cap', 'identity_frequency_prior', 'identity_junk_minimum_names', 'identity_max_cluster_records',
            'identity_pair_budget', 'identity_random_pairs', 'identity_relationship_max_customers', 'identity_retrain_growth',
            'identity_sample_records', 'insights_holdout_days', 'interest_minimum_orders', 'interest_top', 'lifecycle_at_risk_multiple',
            'lifecycle_default_gap_days', 'lifecycle_lapsed_multiple', 'lifecycle_minimum_gap_days', 'lifecycle_new_days',
            'lifetime_value_horizon_days', 'lifetime_value_minimum_repeat_customers', 'nearby_store_km', 'next_product_count',
            'nps_detractor_maximum', 'nps_promoter_minimum', 'nps_valid_days', 'preference_minimum_orders', 'product_affinity_max_products',
            'product_affinity_min_customers', 'product_affinity_top', 'product_sold_within_days', 'raw_loss_minimum_rows', 'reactivated_valid_days',
            'sales_forecast_backtests', 'sales_forecast_days', 'sales_forecast_weeks', 'segment_drift_days', 'session_gap_minutes',
            'web_activity_days', 'win_back_minimum_revenue',
        ],
    }) }}
{% endmacro %}

{% macro refuse_wrong_settings() %}
    {% if execute %}
        {#- dbt takes any name, and a misspelt one would change nothing. -#}
        {% set given = invocation_args_dict.get('vars') %}
        {% set problem = unknown_variable(given | list) if given is mapping and given else '' %}
        {% if problem %}{% do exceptions.raise_compiler_error("--vars: " ~ problem) %}{% endif %}
        {% for wanted, names in number_settings().items() %}
            {% for name in names %}
                {% set value = var(name) %}
                {% if (
                    value is not number or value is boolean or (wanted != 'a number' and value < 0)
                    or (wanted == 'a number from 0 to 1' and value > 1)
                ) %}
                    {% do exceptions.raise_compiler_error(
                        "'" ~ name ~ "' (vars of dbt_project.yml) is '" ~ value ~ "', which makes no sense: give " ~ wanted ~ "."
                    ) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% for name, pattern, wanted in [
            ('default_country', '[A-Z]{2}$', "two capital letters, such as DE"),
            ('reporting_currency', '[A-Z]{3}$', "three capital letters, such as EUR"),
        ] %}
            {% if not modules.re.match(pattern, var(name) | string) %}
                {% do exceptions.raise_compiler_error(
                    "'" ~ name ~ "' (vars of dbt_project.yml) is '" ~ var(name) ~ "', which makes no sense: give " ~ wanted ~ "."
                ) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}
