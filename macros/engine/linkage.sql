{# Functions of the identity models whose spelling differs between engines. #}

{# A number from 0 up, whatever the engine's own hash: shifted by one bit, it fits the signed 64-bit type that every engine has. #}
{% macro hash_key(columns) %}{{ return(adapter.dispatch('hash_key')(columns)) }}{% endmacro %}
{% macro default__hash_key(columns) %}shiftrightunsigned(xxhash64({{ columns | join(', ') }}), 1){% endmacro %}
{% macro duckdb__hash_key(columns) %}cast(hash({{ columns | join(', ') }}) >> 1 as bigint){% endmacro %}

{% macro edit_distance(left, right) %}{{ return(adapter.dispatch('edit_distance')(left, right)) }}{% endmacro %}
{% macro default__edit_distance(left, right) %}levenshtein({{ left }}, {{ right }}){% endmacro %}
{# Counts a transposition as one edit. #}
{% macro duckdb__edit_distance(left, right) %}damerau_levenshtein({{ left }}, {{ right }}){% endmacro %}

{#
    True where one edit (an insertion, a deletion, a substitution or a swap of neighbours) leads from one text to the other, or none.
    The distance itself is dear, and nearly all pairs are further apart than the cheap questions before it allow.
#}
{% macro within_one_edit(left, right) %}{{ return(adapter.dispatch('within_one_edit')(left, right)) }}{% endmacro %}
{% macro default__within_one_edit(left, right) -%}
case
    when abs(length({{ left }}) - length({{ right }})) > 1 then false
    when levenshtein({{ left }}, {{ right }}) <= 1 then true
    -- Two substitutions are a swap where one place and the next have each other's letters.
    when length({{ left }}) = length({{ right }}) and levenshtein({{ left }}, {{ right }}) = 2 then exists(
        sequence(1, length({{ left }}) - 1),
        place -> substr({{ left }}, place, 2) = reverse(substr({{ right }}, place, 2))
            and left({{ left }}, place - 1) = left({{ right }}, place - 1)
            and substr({{ left }}, place + 2) = substr({{ right }}, place + 2)
    )
    else false
end
{%- endmacro %}
{% macro duckdb__within_one_edit(left, right) -%}
case
    when strlen({{ left }}) = strlen({{ right }}) then case
        when hamming({{ left }}, {{ right }}) <= 1 then true
        when hamming({{ left }}, {{ right }}) = 2 then damerau_levenshtein({{ left }}, {{ right }}) = 1
        else false
    end
    -- One letter more leaves the first or the second half as it is.
    when abs(strlen({{ left }}) - strlen({{ right }})) = 1 then case
        when left({{ left }}, least(length({{ left }}), length({{ right }})) // 2) = left({{ right }}, least(length({{ left }}), length({{ right }})) // 2)
            or right({{ left }}, least(length({{ left }}), length({{ right }})) // 2) = right({{ right }}, least(length({{ left }}), length({{ right }})) // 2)
            then levenshtein({{ left }}, {{ right }}) = 1
        else false
    end
    else false
end
{%- endmacro %}

{% macro arrays_overlap(left, right) %}{{ return(adapter.dispatch('arrays_overlap')(left, right)) }}{% endmacro %}
{% macro default__arrays_overlap(left, right) %}arrays_overlap({{ left }}, {{ right }}){% endmacro %}
{% macro duckdb__arrays_overlap(left, right) %}list_has_any({{ left }}, {{ right }}){% endmacro %}

{% macro sorted_array_agg(expression) %}{{ return(adapter.dispatch('sorted_array_agg')(expression)) }}{% endmacro %}
{% macro default__sorted_array_agg(expression) %}array_sort(collect_set({{ expression }})){% endmacro %}
{% macro duckdb__sorted_array_agg(expression) %}list_sort(list(distinct {{ expression }})){% endmacro %}

{% macro fold_accents(expression) %}{{ return(adapter.dispatch('fold_accents')(expression)) }}{% endmacro %}
{# Letters of a text in lower case without their accents and other marks, whether these are part of the letter or follow it. #}
{% macro default__fold_accents(expression) %}
translate(
    regexp_replace({{ expression }}, '\\p{M}', ''),
    'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǧǩǫǭǰǵǹǻȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ',
    'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaagkoojgnaaaeeiioorruusthaeooooyabbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooopprrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyaaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyy'
)
{% endmacro %}
{% macro duckdb__fold_accents(expression) %}strip_accents({{ expression }}){% endmacro %}

{% macro replace_pattern(expression, pattern, replacement) %}
{{- return(adapter.dispatch('replace_pattern')(expression, pattern, replacement)) -}}
{% endmacro %}
{# A backslash within a text has to be doubled on Spark. #}
{% macro default__replace_pattern(expression, pattern, replacement) %}
regexp_replace({{ expression }}, '{{ pattern | replace('\\', '\\\\') }}', '{{ replacement }}')
{% endmacro %}
{% macro duckdb__replace_pattern(expression, pattern, replacement) %}
regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{% endmacro %}

{% macro integer_series(count) %}{{ return(adapter.dispatch('integer_series')(count)) }}{% endmacro %}
{% macro default__integer_series(count) %}(select id as i from range({{ count }})){% endmacro %}
{% macro duckdb__integer_series(count) %}(select range as i from range({{ count }})){% endmacro %}

{% macro bit_field(expression, shift, width) %}{{ return(adapter.dispatch('bit_field')(expression, shift, width)) }}{% endmacro %}
{% macro default__bit_field(expression, shift, width) %}
(shiftright({{ expression }}, {{ shift }}) & {{ 2 ** width - 1 }})
{% endmacro %}
{% macro duckdb__bit_field(expression, shift, width) %}((({{ expression }}) >> {{ shift }}) & {{ 2 ** width - 1 }}){% endmacro %}

{% macro matches_pattern(expression, pattern) %}{{ return(adapter.dispatch('matches_pattern')(expression, pattern)) }}{% endmacro %}
{% macro default__matches_pattern(expression, pattern) %}({{ expression }} rlike '{{ pattern | replace('\\', '\\\\') }}'){% endmacro %}
{% macro duckdb__matches_pattern(expression, pattern) %}regexp_matches({{ expression }}, '{{ pattern }}'){% endmacro %}
