{#
    What the clusters of the last run rest on besides matches: must-links and what keeps records apart. The next run compares its own with
    these, so that a decision that was made, changed or has expired reaches the groups it concerns.
#}
-- depends_on: {{ ref('identity_clusters') }}
{{ constraints_sql() }}
