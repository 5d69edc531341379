"""Distinct raw e-mail addresses -> normalized value; the rules are in python_udfs/normalize/emails.py."""

from python_udfs.normalize.emails import SCHEMA, normalize_email_batch
from python_udfs.normalize.reuse import normalized_stream


def model(dbt, session):
    dbt.config(materialized="table")
    values = dbt.ref("stg_distinct_emails")
    junk = dbt.ref("junk_values")
    return normalized_stream(session, dbt.this, values, junk, SCHEMA, normalize_email_batch)
