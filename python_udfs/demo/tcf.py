"""Encoder of the core segment of a TCF v2 consent string (IAB Transparency and Consent Framework).

Bit layout after the public specification "Consent string and vendor list formats v2": version, created,
last updated (deciseconds), CMP id and version, screen, language, vendor list version, policy version,
service-specific and other flags, special features, purpose consents, purpose legitimate interests,
one-treatment flag, publisher country, vendor consents and vendor legitimate interests as bit fields,
publisher restrictions (none). The bits are packed into base64url without padding.
"""

from __future__ import annotations

import base64
import functools

VENDORS = (1, 2, 10, 25, 52, 76, 91, 755)
_CMP, _LIST_VERSION, _POLICY = 42, 150, 4


def _letters(code: str) -> list[tuple[int, int]]:
    return [(ord(letter) - ord("A"), 6) for letter in code.upper()]


def _field(allowed: frozenset[int], length: int) -> list[tuple[int, int]]:
    return [(int(number in allowed), 1) for number in range(1, length + 1)]


@functools.lru_cache(maxsize=200_000)
def core_string(day: int, purposes: frozenset[int], language: str, country: str) -> str:
    """Consent string made on `day` (days since 1970) that agrees to `purposes` (1..11; empty: none)."""
    moment = day * 864_000
    vendors = frozenset(VENDORS) if purposes else frozenset()
    last = max(VENDORS) if vendors else 0
    interests = frozenset({2, 7, 8, 9, 10, 11} if len(purposes) == 11 else ())
    fields: list[tuple[int, int]] = [
        (2, 6), (moment, 36), (moment, 36), (_CMP, 12), (1, 12), (1, 6), *_letters(language[:2]), (_LIST_VERSION, 12), (_POLICY, 6),
        (1, 1), (0, 1), *_field(frozenset({1} if len(purposes) == 11 else ()), 12), *_field(purposes, 24), *_field(interests, 24), (0, 1), *_letters(country),
        (last, 16), (0, 1), *_field(vendors, last), (last if interests else 0, 16), (0, 1), *(_field(vendors, last) if interests else []), (0, 12),
    ]  # fmt: skip
    bits = "".join(f"{value:0{width}b}" for value, width in fields)
    bits += "0" * (-len(bits) % 8)
    return base64.urlsafe_b64encode(int(bits, 2).to_bytes(len(bits) // 8, "big")).rstrip(b"=").decode()
