"""Distinct raw phone numbers -> normalized value; the rules are in python_udfs/normalize/phones.py."""

from python_udfs.normalize.phones import SCHEMA, normalize_phone_batch
from python_udfs.normalize.reuse import normalized_stream


def model(dbt, session):
    dbt.config(materialized="table")
    values = dbt.ref("stg_distinct_phones")
    junk = dbt.ref("junk_values")
    return normalized_stream(session, dbt.this, values, junk, SCHEMA, normalize_phone_batch)
