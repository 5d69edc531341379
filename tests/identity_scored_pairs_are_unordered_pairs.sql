-- A pair is written once, with the smaller key to the left; otherwise its evidence would count twice or not at all.
select left_key, right_key from {{ ref('identity_scored_pairs') }}
where left_key >= right_key
