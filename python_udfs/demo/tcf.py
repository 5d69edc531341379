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

VENDORS = frozenset({1, 2, 10, 25, 52, 76, 91})
EVERYTHING = frozenset(range(1, 12))  # purposes 1 to 11
INTERESTS = frozenset({2, 7, 8, 9, 10, 11})  # purposes that may rest on legitimate interest
_CMP, _CMP_VERSION, _SCREEN, _LIST_VERSION, _POLICY = 42, 1, 1, 150, 4


def _number(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def _letters(code: str) -> str:
    return "".join(_number(ord(letter) - ord("A"), 6) for letter in code.upper())


def _flags(members: frozenset[int], length: int) -> str:
    return "".join("1" if number in members else "0" for number in range(1, length + 1))


def _vendors(members: frozenset[int]) -> str:
    """A vendor section as a bit field: largest id, no range encoding, one bit a vendor."""
    last = max(members, default=0)
    return _number(last, 16) + "0" + _flags(members, last)


@functools.cache
def _after_times(purposes: frozenset[int], language: str, country: str) -> str:
    """All bits after the two times."""
    full = purposes == EVERYTHING
    settings = _number(_CMP, 12) + _number(_CMP_VERSION, 12) + _number(_SCREEN, 6) + _letters(language[:2])
    policy = _number(_LIST_VERSION, 12) + _number(_POLICY, 6) + "10"
    choices = _flags(frozenset({1}) if full else frozenset(), 12) + _flags(purposes, 24)
    interests = _flags(INTERESTS if full else frozenset(), 24) + "0" + _letters(country)
    vendors = _vendors(VENDORS if purposes else frozenset()) + _vendors(VENDORS if full else frozenset())
    return settings + policy + choices + interests + vendors + _number(0, 12)


def core_string(day: int, purposes: frozenset[int], language: str, country: str) -> str:
    """Consent string made on `day` (days since 1970) that agrees to `purposes` (1 to 11; empty: none).

    `language` is an ISO 639-1 code, `country` an ISO 3166-1 alpha-2 code.
    """
    moment = _number(day * 864_000, 36)
    bits = _number(2, 6) + moment + moment + _after_times(purposes, language, country)
    bits += "0" * (-len(bits) % 8)
    packed = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
