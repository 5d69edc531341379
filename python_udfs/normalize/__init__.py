"""Normalization of distinct raw values: e-mail addresses, phone numbers, names, countries.

Every module has one pure function per value and one per batch; the dbt models in models/staging/normalized
only wire them.
"""
