"""Match keys of company names and web sites; the rules are in python_udfs/normalize/companies.py. Grain: one row per kind and value."""

from python_udfs.normalize.batches import junk_by_kind, stream
from python_udfs.normalize.companies import SCHEMA, normalize_company_batch

BATCH_ROWS = 50_000


def model(dbt, session):
    """Columns: value_kind, raw_value, match_key, domain_label."""
    records = dbt.ref("int_account_source_records")
    junk = junk_by_kind(dbt.ref("junk_values").fetchall())
    names = records.filter("account_name is not null").project("'name' as value_kind, account_name as raw_value")
    sites = records.filter("website is not null").project("'website' as value_kind, website as raw_value")
    # A stream occupies its connection; the model's own writes the result.
    values = session.cursor().sql(f"select distinct * from ({names.union(sites).sql_query()}) as found")
    return stream(values.to_arrow_reader(BATCH_ROWS), SCHEMA, lambda batch: normalize_company_batch(batch, junk))
