{# Whether the prices of an order's lines contain the tax. Where the source does not say: they do if it is not on top of the subtotal. #}
{% macro prices_contain_tax(orders) -%}
    coalesce({{ orders }}.is_tax_included, {{ orders }}.total_amount - {{ orders }}.subtotal_amount < {{ orders }}.tax_amount)
{%- endmacro %}
