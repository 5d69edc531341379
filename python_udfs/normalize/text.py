"""What all normalizers share: cleaning, and recognizing values that are not what they should be."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u0000-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)


def clean(value: str) -> str:
    """Unicode NFC, white space of any kind as single spaces, no invisible characters, trimmed."""
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    value = _SPACES.sub(" ", unicodedata.normalize("NFC", value))
    return _INVISIBLE.sub("", value).strip()


def looks_hashed(value: str) -> bool:
    """True for 32, 40 or 64 hexadecimal digits: MD5, SHA-1 or SHA-256 in the place of a real value."""
    return len(value) in (32, 40, 64) and _HASH.fullmatch(value) is not None
