-- depends_on: {{ ref('identity_run') }}
-- depends_on: {{ ref('identity_reclustered_records') }}
{# What clustering judges by: all pairs inside the groups of this run; what was not scored counts without frequencies. #}
with inside as (
    select left_key, right_key, pattern from {{ ref('identity_inside_pairs') }}
),

final as (
    select
        {%- for group in frequency_groups() %}
        coalesce(scored.{{ group.name }}_frequency_bits, cast(0.0 as float)) as {{ group.name }}_frequency_bits,
        {%- endfor %}
        inside.left_key,
        inside.right_key,
        inside.pattern
    from inside
    left join {{ ref('identity_blocked_pairs') }} as scored
        on inside.left_key = scored.left_key and inside.right_key = scored.right_key
    union all
    select
        {%- for group in frequency_groups() %}
        {{ group.name }}_frequency_bits,
        {%- endfor %}
        left_key,
        right_key,
        pattern
    from {{ ref('identity_closing_pairs') }}
    {% if identity_is_increment() %}
    where left_key in (select record_key from {{ ref('identity_reclustered_records') }})
    {% endif %}
)

select * from final
