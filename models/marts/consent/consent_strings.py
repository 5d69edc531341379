"""What the TC and GPP strings of banner events say. Grain: one row per string."""

from python_udfs.consent.strings import decode_batches


def model(dbt, session):
    """Streams the distinct strings through the decoder."""
    values = dbt.ref("consent_string_values")
    return decode_batches(values)
