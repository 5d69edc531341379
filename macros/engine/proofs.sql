{#  What a CTE by the name of `reached` selects: the records of `anchors` (customer_id, record_id), and those that are tied to them by shared
    values, directly or over others. `proofs`: customer_id, record_id, identifier_type, identifier_value; a value is of one customer. #}
{% macro records_reached_by_proof(reached, anchors, proofs) -%}
    {{ return(adapter.dispatch('records_reached_by_proof', 'kindred')(reached, anchors, proofs)) }}
{%- endmacro %}

{% macro default__records_reached_by_proof(reached, anchors, proofs) -%}
    select
        customer_id,
        record_id
    from {{ anchors }}
    union
    select
        partner_proofs.customer_id,
        partner_proofs.record_id
    from {{ reached }}
    inner join {{ proofs }} as own_proofs
        on {{ reached }}.record_id = own_proofs.record_id
    inner join {{ proofs }} as partner_proofs
        on
            own_proofs.identifier_type = partner_proofs.identifier_type
            and own_proofs.identifier_value = partner_proofs.identifier_value
{%- endmacro %}

{#  Spark's recursion cannot leave out what was reached before. So the values of a customer are gone through as often as there are values: each time
    one more at least is reached, or none ever will be. #}
{% macro spark__records_reached_by_proof(reached, anchors, proofs) -%}
    select
        anchored.customer_id,
        explode(aggregate(
            value_lists.tied_records,
            array(anchored.record_id),
            (found, turn) -> array_union(found, flatten(filter(value_lists.tied_records, tied -> arrays_overlap(tied, found))))
        )) as record_id
    from {{ anchors }} as anchored
    inner join (
        select
            customer_id,
            collect_list(tied) as tied_records
        from (
            select
                customer_id,
                collect_set(record_id) as tied
            from {{ proofs }}
            group by customer_id, identifier_type, identifier_value
        ) as shared_values
        group by customer_id
    ) as value_lists
        on anchored.customer_id = value_lists.customer_id
{%- endmacro %}
