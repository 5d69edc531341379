"""Latin spellings of the distinct names and places that are written in another script. Grain: one row per value."""

from python_udfs.identity.transliterate import transliterate_batches


def model(dbt, session):
    """Streams the distinct non-Latin values through the transliterator; one row (value, latin) each."""
    values = dbt.ref("identity_foreign_script_values")
    return transliterate_batches(values)
