"""Phone numbers to E.164 by the rules of each country's numbering plan (Google's libphonenumber metadata)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
import pyarrow as pa
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from python_udfs.normalize.batches import Junk
from python_udfs.normalize.text import clean, looks_hashed

SCHEMA = pa.schema(
    [
        ("raw_value", pa.string()),
        ("country", pa.string()),
        ("phone", pa.string()),
        ("phone_type", pa.string()),
        ("reason", pa.string()),
    ]
)

_NOT_DIGITS = re.compile(r"[^0-9]+")
_PLAIN = re.compile(r"\+?[0-9 ()/.\-]+")
_FLOAT = re.compile(r"([0-9]+)\.0+")
# What kind of number it is, written after it.
_REMARK = re.compile(r"\s*\([^()0-9]+\)$")
_LANDLINE = {PhoneNumberType.FIXED_LINE}
# North American numbers do not tell; they can receive texts, so they count as mobile.
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
# Calling codes of one to three digits, none a prefix of another.
_CALLING_CODES = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)

Result = tuple[str | None, str | None, str | None]


def compact(value: str) -> str:
    """A number written with the usual separators as digits with an optional plus; anything else is left as it is.

    `(0)` after an international prefix is dropped: +49 (0)170 is +49170.
    """
    text = clean(value).removeprefix("tel:").strip()
    if not text.isascii():
        # Digits of other scripts and widths are digits.
        text = "".join(str(unicodedata.decimal(letter, letter)) for letter in unicodedata.normalize("NFKC", text))
    text = _REMARK.sub("", text)
    as_float = _FLOAT.fullmatch(text)
    if as_float:
        return as_float.group(1)
    if not _PLAIN.fullmatch(text):
        return text
    if text.startswith("+"):
        return "+" + _NOT_DIGITS.sub("", text.replace("(0)", ""))
    return _NOT_DIGITS.sub("", text)


def is_filler(digits: str) -> bool:
    """True for digits nobody has as a number: none, one digit repeated, or counting up or down."""
    tail = digits[-7:]
    return len(set(tail)) <= 1 or digits in "01234567890123456789" or digits in "98765432109876543210"


def _described(number: PhoneNumber) -> Result | None:
    """E.164 and type of a number that exists in its country's plan, else None."""
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return None
    name = "landline" if kind in _LANDLINE else "mobile" if kind in _MOBILE else "other"
    zeros = "0" * (number.number_of_leading_zeros or 1) if number.italian_leading_zero else ""
    return f"+{number.country_code}{zeros}{number.national_number}", name, None


def _international(digits: str) -> Result | None:
    """Fast path for +<calling code><number> without a trunk zero: no need to try the parser's other readings."""
    for length in (1, 2, 3):
        code = int(digits[:length] or 0)
        if code in _CALLING_CODES:
            rest = digits[length:]
            if 4 <= len(rest) <= 13 and rest[0] != "0":
                return _described(PhoneNumber(country_code=code, national_number=int(rest)))
            return None
    return None


@lru_cache(maxsize=300)
def _plain_plan(country: str) -> tuple[int, str] | None:
    """(calling code, trunk prefix) of a country that needs no rewriting but dropping the prefix, else None."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    if plan is None or plan.country_code is None or plan.national_prefix_transform_rule:
        return None
    if plan.national_prefix_for_parsing != plan.national_prefix:
        return None
    return plan.country_code, str(plan.national_prefix or "")


def _national(digits: str, country: str) -> Result | None:
    """Fast path for a number written in its country's own way; None leaves the decision to the parser."""
    plan = _plain_plan(country)
    if plan is None:
        return None
    code, prefix = plan
    rest = digits[len(prefix) :] if prefix and digits.startswith(prefix) else digits
    if not 5 <= len(rest) <= 13 or rest[0] == "0":
        return None
    return _described(PhoneNumber(country_code=code, national_number=int(rest)))


def _parsed(text: str, country: str | None) -> Result | None:
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    return _described(number)


@lru_cache(maxsize=500_000)
def normalize_compact(text: str, country: str) -> Result:
    """Result for a compacted number. Tried in turn: as written, with 00 read as +, and as an international number whose
    plus a spreadsheet dropped."""
    if text.startswith("+") and text[1:].isdigit():
        result = _international(text[1:]) or _parsed(text, None)
    else:
        result = None
        own_code = str(phonenumbers.country_code_for_region(country))
        if text.isdigit() and len(text) >= 11 and text.startswith(own_code):
            # 49171... in Germany: a lost plus is far likelier than a lost trunk zero before an area code 0491.
            result = _parsed("+" + text, None)
        if text.isdigit():
            result = result or _national(text, country)
        result = result or _parsed(text, country)
        if result is None and text.isdigit():
            international = text[2:] if text.startswith("00") else text
            if len(international) >= 9 and not international.startswith("0"):
                result = _parsed("+" + international, None)
    return result or (None, None, "not a valid phone number")


def normalize_phone(value: str, country: str, junk: Junk) -> Result:
    """(E.164, 'mobile' | 'landline' | 'other', None) or (None, None, reason).

    `country` is the ISO alpha-2 country for numbers written without a calling code.
    Reasons: 'junk', 'hashed value', 'not a valid phone number'.
    """
    text = compact(value)
    if not text or text.lower() in junk["phone"]:
        return None, None, "junk"
    if looks_hashed(text):
        return None, None, "hashed value"
    digits = _NOT_DIGITS.sub("", text)
    if not digits or is_filler(digits):
        return None, None, "junk"
    return normalize_compact(text, country)


def normalize_phone_batch(batch: pa.RecordBatch, junk: Junk) -> pa.RecordBatch:
    """Columns raw_value, country (text, not null) -> SCHEMA, same number and order of rows."""
    values, countries = batch.column("raw_value"), batch.column("country")
    results = [
        normalize_phone(value, country, junk)
        for value, country in zip(values.to_pylist(), countries.to_pylist(), strict=True)
    ]
    columns = [
        pa.array(values, pa.string()),
        pa.array(countries, pa.string()),
        *(pa.array([result[place] for result in results], pa.string()) for place in range(3)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
