"""Distinct raw countries -> normalized value; the rules are in python_udfs/normalize/countries.py."""

from python_udfs.normalize.countries import SCHEMA, normalize_country_batch
from python_udfs.normalize.reuse import normalized_stream


def model(dbt, session):
    dbt.config(materialized="table")
    values = dbt.ref("stg_distinct_countries")
    junk = dbt.ref("junk_values")
    return normalized_stream(session, dbt.this, values, junk, SCHEMA, normalize_country_batch)
