"""What company names and web sites have in common in different spellings: match keys, not values for display."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import pyarrow as pa
from anyascii import anyascii
from cleanco.termdata import terms_by_country, terms_by_type  # type: ignore[import-untyped]  # ships no types
from tldextract import TLDExtract

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.text import clean

SCHEMA = pa.schema(
    [
        ("value_kind", pa.string()),
        ("raw_value", pa.string()),
        ("match_key", pa.string()),
        ("domain_label", pa.string()),
    ]
)

# Legal forms that cleanco's lists lack, and words in them that say more than a legal form does (Acme UK is not Acme).
_MORE_FORMS = (
    "e.K.", "KGaA", "UG", "UG haftungsbeschränkt", "mbH", "SE", "S.L.", "S.L.U.", "Sociedad Limitada", "Sociedad Anónima",
    "S.à r.l.", "Société Anonyme", "Società per Azioni", "SAS", "SpA", "BV", "B.V.B.A.", "sp. z o. o.", "sp zoo", "EOOD", "OOD",
    "EAD", "TOV", "PP", "Limited Liability Company", "Public Limited Company", "Aktiengesellschaft", "Pty", "Pvt", "Inc", "a.s.",
)  # fmt: skip
_NO_FORMS = frozenset(["uk", "nl", "private", "vat", "ok", "et"])
# Forms that stand before the name in some countries.
_LEADING = frozenset(["sarl", "sas", "ooo", "oao", "zao", "pao", "tov", "pt", "eood", "ood", "the"])
# Written without a blank before or after the name.
_EASTERN_FORMS = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|㈜|（株）")
_CONNECTORS = frozenset(["and", "und", "et", "e", "y", "i"])
_INNER_DOTS = re.compile(r"[.'’`´](?=\w)")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_SINGLES = re.compile(r"\b(?:[a-z] ){1,}[a-z]\b")
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?([^/:?#\s@]+)")
# Only the list that comes with the package: nothing is fetched.
_EXTRACT = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def folded(name: str) -> str:
    """Lower-case ASCII words: no accents, other scripts transliterated, initials together (S. A. and S.A. are sa)."""
    text = unicodedata.normalize("NFKD", clean(name).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _NO_LETTERS.sub(" ", _INNER_DOTS.sub("", anyascii(text).lower())).strip()
    return _SINGLES.sub(lambda run: run.group().replace(" ", ""), text)


@cache
def legal_forms() -> frozenset[tuple[str, ...]]:
    """Legal forms as words, folded as names are."""
    terms = {term for group in (terms_by_country, terms_by_type) for terms in group.values() for term in terms}
    forms = {folded(term) for term in (*terms, *_MORE_FORMS)} - _NO_FORMS
    return frozenset(tuple(form.split()) for form in forms if form)


@cache
def _longest_form() -> int:
    return max(map(len, legal_forms()))


def company_key(name: str, junk: Junk) -> str | None:
    """A company's name without legal forms, connectors and punctuation; None for a placeholder.

    A name that is nothing but a legal form stays as it is.
    """
    if clean(name).lower() in junk["name"]:
        return None
    name = _EASTERN_FORMS.sub(" ", name)
    words = [word for word in folded(name).split() if word not in _CONNECTORS] or folded(name).split()
    if len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    shorter = True
    while shorter:
        shorter = False
        for length in range(min(_longest_form(), len(words) - 1), 0, -1):
            if tuple(words[-length:]) in legal_forms():
                words, shorter = words[:-length], True
                break
    return " ".join(words) or None


def company_domain(website: str, junk: Junk) -> tuple[str | None, str | None]:
    """The registrable domain of a web address or bare domain and its label (acme.co.uk, acme); (None, None) for what is none."""
    host = _HOST.match(clean(website).lower())
    if host is None:
        return None, None
    found = _EXTRACT(host.group(1))
    domain = found.top_domain_under_public_suffix
    if not domain or domain in junk["email_domain"]:
        return None, None
    return domain, found.domain


def normalize_company_batch(batch: pa.RecordBatch, junk: Junk) -> pa.RecordBatch:
    """Columns value_kind ('name' or 'website') and raw_value (text, not null) -> SCHEMA, same number and order of rows."""
    keys: list[str | None] = []
    labels: list[str | None] = []
    for kind, value in zip(batch.column("value_kind").to_pylist(), batch.column("raw_value").to_pylist(), strict=True):
        key, label = (company_key(value, junk), None) if kind == "name" else company_domain(value, junk)
        keys.append(key)
        labels.append(label)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(batch.column("value_kind"), pa.string()),
            pa.array(batch.column("raw_value"), pa.string()),
            pa.array(keys, pa.string()),
            pa.array(labels, pa.string()),
        ],
        schema=SCHEMA,
    )
