"""Distinct raw names -> normalized value; the rules are in python_udfs/normalize/names.py."""

from python_udfs.normalize.names import SCHEMA, normalize_name_batch
from python_udfs.normalize.reuse import normalized_stream


def model(dbt, session):
    dbt.config(materialized="table")
    values = dbt.ref("stg_distinct_names")
    junk = dbt.ref("junk_values")
    return normalized_stream(session, dbt.this, values, junk, SCHEMA, normalize_name_batch)
