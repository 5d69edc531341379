"""Distinct time zones as sources write them -> zone of the IANA database. Grain: one row per raw zone."""

from python_udfs.insights.time_zones import zone_table


def model(dbt, session):
    """See python_udfs/insights/time_zones.py."""
    values = dbt.ref("int_customer_time_zone_values")
    return zone_table([row[0] for row in values.project("raw_zone").distinct().fetchall()])
