"""Phone normalization."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from python_udfs.normalize.batches import junk_by_kind
from python_udfs.normalize.phones import _national, _parsed, normalize_phone

JUNK = junk_by_kind([("any", "unknown"), ("phone", "0123456789")])


@pytest.mark.parametrize(
    ("raw", "country", "expected", "kind"),
    [
        ("0171 1234567", "DE", "+491711234567", "mobile"),
        ("+49 (0)171 / 123 45-67", "US", "+491711234567", "mobile"),
        ("0049 171 1234567", "DE", "+491711234567", "mobile"),
        ("０１７１ １２３４５６７", "DE", "+491711234567", "mobile"),
        ("＋４９ １７１ １２３４５６７", "US", "+491711234567", "mobile"),
        ("+٤٩١٧١١٢٣٤٥٦٧", "US", "+491711234567", "mobile"),
        ("+49 171 1234567 (privat)", "US", "+491711234567", "mobile"),
        ("(202) 555-0143", "US", "+12025550143", "mobile"),
        ("0049 171 1234567", "US", "+491711234567", "mobile"),
        ("491711234567", "DE", "+491711234567", "mobile"),
        ("491711234567.0", "DE", "+491711234567", "mobile"),
        ("1711234567.0", "DE", "+491711234567", "mobile"),
        ("030 901820", "DE", "+4930901820", "landline"),
        ("06 6982 0000", "IT", "+390669820000", "landline"),
        ("+39 06 6982 0000", "DE", "+390669820000", "landline"),
        ("(212) 736-5000", "US", "+12127365000", "mobile"),
        ("tel:+44 7400 123456", "US", "+447400123456", "mobile"),
        ("(212) 736-5000 ext. 12", "US", "+12127365000", "mobile"),
        ("0800 1234567", "DE", "+498001234567", "other"),
    ],
)
def test_e164_and_type(raw: str, country: str, expected: str, kind: str) -> None:
    assert normalize_phone(raw, country, JUNK) == (expected, kind, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("unknown", "junk"),
        ("0000000", "junk"),
        ("+49 111 1111111", "junk"),
        ("123456789", "junk"),
        ("0123456789", "junk"),
        ("d41d8cd98f00b204e9800998ecf8427e", "hashed value"),
        ("12", "junk"),
        ("4711", "not a valid phone number"),
        ("4.917E+11", "not a valid phone number"),
        ("call me", "junk"),
    ],
)
def test_rejected_with_reason(raw: str, reason: str) -> None:
    assert normalize_phone(raw, "DE", JUNK) == (None, None, reason)


def test_fast_path_agrees_with_the_full_parser() -> None:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            result = normalize_phone(e164, "US", junk_by_kind([]))
            assert result[0] == e164 or result[2] == "junk", (region, e164, result)


def test_national_fast_path_agrees_with_the_full_parser() -> None:
    digits = random.Random(3)
    compared = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
            stem = "".join(char for char in written if char.isdigit())
            for _ in range(20):
                text = stem[:-4] + "".join(digits.choices("0123456789", k=4))
                fast = _national(text, region)
                if fast is not None:
                    assert fast == _parsed(text, region), (region, text)
                    compared += 1
    assert compared > 1000
