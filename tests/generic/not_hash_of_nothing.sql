{# Fails with each value that is the SHA-256 of the empty text, of a blank or of the word null, or no hash at all. #}
{% test not_hash_of_nothing(model, column_name) %}

select {{ column_name }}
from {{ model }}
where
    {{ column_name }} in ({{ sha256_hex("''") }}, {{ sha256_hex("' '") }}, {{ sha256_hex("'null'") }}, {{ sha256_hex("'+'") }})
    or length({{ column_name }}) <> 64

{% endtest %}
