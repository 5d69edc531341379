"""E-mail addresses: one canonical form, without asking the network.

Rules: RFC 5321/5322 syntax as checked by the email-validator package, lower case, internationalized domains in their
Unicode form. Plus tags are kept: `ann+shop@x.org` and `ann@x.org` may be two mailboxes.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pyarrow as pa
from email_validator import EmailNotValidError, validate_email

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.text import clean, looks_hashed

SCHEMA = pa.schema([("raw_value", pa.string()), ("email", pa.string()), ("reason", pa.string())])

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_SEPARATORS = re.compile(r"[\s,;|/]+")
_IN_BRACKETS = re.compile(r"<([^<>]+@[^<>]+)>\s*$")


@lru_cache(maxsize=200_000)
def canonical_domain(domain: str) -> str | None:
    """The domain in its Unicode form, or None when it is not a valid domain of the public name space."""
    try:
        checked = validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.domain


def normalize_email(value: str, junk: Junk) -> tuple[str | None, str | None]:
    """(canonical address, None) or (None, reason).

    Reasons: 'junk', 'hashed value', 'several addresses', 'not an e-mail address'.
    """
    text = clean(value).lower()
    bracketed = _IN_BRACKETS.search(text)
    if bracketed:
        text = bracketed.group(1)
    text = text.removeprefix("mailto:").strip(" <>\"'").rstrip(".,;:")
    if not text or text in junk["email"]:
        return None, "junk"
    if looks_hashed(text):
        return None, "hashed value"
    if text.count("@") > 1:
        parts = [part for part in _SEPARATORS.split(text) if "@" in part]
        return None, "several addresses" if len(parts) > 1 else "not an e-mail address"
    local_part, at, domain = text.partition("@")
    if not at:
        return None, "not an e-mail address"
    if local_part in junk["email_local_part"] or domain in junk["email_domain"]:
        return None, "junk"
    canonical = canonical_domain(domain)
    if canonical is None:
        return None, "not an e-mail address"
    if len(local_part.encode()) > 64:
        return None, "not an e-mail address"
    if _PLAIN_LOCAL_PART.fullmatch(local_part):
        return f"{local_part}@{canonical}", None
    try:
        checked = validate_email(f"{local_part}@{canonical}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None, "not an e-mail address"
    return checked.normalized.lower(), None


def normalize_email_batch(batch: pa.RecordBatch, junk: Junk) -> pa.RecordBatch:
    """Column raw_value (text, not null) -> SCHEMA, same number and order of rows."""
    values = batch.column("raw_value")
    results = [normalize_email(value, junk) for value in values.to_pylist()]
    columns = [
        pa.array(values, pa.string()),
        pa.array([email for email, _ in results], pa.string()),
        pa.array([reason for _, reason in results], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
