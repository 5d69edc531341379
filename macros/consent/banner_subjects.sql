{#
    The common table expression `subjects`: an answer given in a banner holds for the browser and, once signed in, for the person, so there is
    one row for each subject that the row of `answers` names. An answer that names nobody is handed on all the same, to be counted as rejected.
#}
{% macro banner_subjects(answers) -%}
subject_types as (
    {% for subject_type in ['user_id', 'anonymous_id', 'device_id', 'nobody'] %}
    select '{{ subject_type }}' as subject_type
    {{ "union all" if not loop.last }}
    {% endfor %}
),

all_subjects as (
    select
        answers.*,
        nullif(subject_types.subject_type, 'nobody') as identifier_type,
        case subject_types.subject_type
            when 'user_id' then answers.user_id
            when 'anonymous_id' then answers.anonymous_id
            when 'device_id' then nullif(answers.device_id, answers.anonymous_id)
        end as identifier,
        subject_types.subject_type = 'nobody' and coalesce(answers.user_id, answers.anonymous_id, answers.device_id) is null as is_nobody
    from {{ answers }} as answers
    cross join subject_types
),

subjects as (
    select *
    from all_subjects
    where identifier is not null or is_nobody
)
{%- endmacro %}
