{# What a line costs after its own discount, in the currency of its document. #}
{% macro line_amount(lines) -%}
    {{ lines }}.quantity * {{ lines }}.unit_price - coalesce({{ lines }}.discount_amount, 0)
{%- endmacro %}

{#  The share of its lines that was paid for a document after discounts on the whole of it: all of it where the document does not tell what its
    goods cost. Nothing makes a line dearer. #}
{% macro paid_share(goods_amount, lines_amount) -%}
    case when {{ lines_amount }} > 0 and {{ goods_amount }} >= 0 then least(1, cast({{ goods_amount }} as double) / {{ lines_amount }}) else 1 end
{%- endmacro %}
