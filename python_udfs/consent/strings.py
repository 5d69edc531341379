"""Decoder of the consent strings that banners keep: TC strings (IAB TCF 2) and GPP strings (IAB Global Privacy Platform).

Only what the consent rules read is decoded: the purposes a TC string agrees to, and the opt-outs of a GPP string. Bit layouts follow the
public specifications "Consent string and vendor list formats v2" and "Consent String Specification" with its sections.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("consent_string", pa.string()),
        ("problem", pa.string()),
        ("tcf_purposes", pa.string()),
        ("is_sale_opted_out", pa.bool_()),
        ("is_sharing_opted_out", pa.bool_()),
        ("is_targeted_advertising_opted_out", pa.bool_()),
        ("has_gpc", pa.bool_()),
    ]
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SIX_BITS = {letter: f"{number:06b}" for number, letter in enumerate(_ALPHABET)}
_PURPOSES = slice(
    152, 176
)  # of the core segment: after version, two times, platform, screen, language, list, policy, flags, features
_TCF_POLICY = 4  # TC strings of an earlier policy made after this day are invalid
_TCF_POLICY_SINCE = datetime(2023, 9, 30, tzinfo=UTC)
_TCF, _US_PRIVACY = 2, 6
# Bits before the first opt-out of a section of the US: its version (6) and two for each notice.
_US_START = {7: 18, 8: 12, 11: 14, 18: 14, **dict.fromkeys((9, 10, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23), 12)}
# Maryland, Indiana, Kentucky, Rhode Island: the specification and the encoders in use place their fields differently.
_US_UNSETTLED = range(24, 28)
_US_FIELDS = {7: ("sale", "sharing", "targeted_advertising"), 8: ("sale", "sharing")}
_STATE_FIELDS = ("sale", "targeted_advertising")
# Where the fields of the core end and subsections begin, told by a dot; their first two bits give their kind.
_GPC_SUBSECTION = "01"


class ConsentStringError(ValueError):
    """A string that is no valid consent string; the message says why, without the string."""


@dataclass(frozen=True)
class Meaning:
    """What a consent string says.

    tcf_purposes: 24 signs '0' and '1', the consent to purposes 1 to 24; None where the string has no TCF section.
    The opt-outs are True only where somebody has opted out: that nobody has is no permission.
    """

    tcf_purposes: str | None = None
    is_sale_opted_out: bool = False
    is_sharing_opted_out: bool = False
    is_targeted_advertising_opted_out: bool = False
    has_gpc: bool = False


def _bits(encoded: str) -> str:
    """The bits of URL-safe base64 without padding, in whole letters: GPP does not fill up bytes."""
    try:
        return "".join([_SIX_BITS[letter] for letter in encoded.rstrip("=")])
    except KeyError as error:
        raise ConsentStringError(f"a letter outside of URL-safe base64: {error}") from None


def _number(bits: str, start: int, width: int) -> int:
    if start + width > len(bits):
        raise ConsentStringError(f"cut off: bit {start + width} is needed, {len(bits)} are there")
    return int(bits[start : start + width], 2)


def decode_tcf(text: str) -> Meaning:
    """The purposes that the core segment of a TC string agrees to.

    A string of a policy that was no longer valid when it was made, or not made for one service, is invalid: it agrees to nothing.

    Raises:
        ConsentStringError: version other than 2, or cut off.
    """
    bits = _bits(text.partition(".")[0])
    version = _number(bits, 0, 6)
    if version != 2:
        raise ConsentStringError(f"version {version} of TC strings; only version 2 is valid")
    updated = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=100 * _number(bits, 42, 36))
    policy = _number(bits, 132, 6)
    _number(bits, _PURPOSES.start, 24)
    if updated >= _TCF_POLICY_SINCE and (policy < _TCF_POLICY or not _number(bits, 138, 1)):
        return Meaning(tcf_purposes="0" * 24)
    return Meaning(tcf_purposes=bits[_PURPOSES])


def _fibonacci(bits: str, start: int) -> tuple[int, int]:
    """(number, position after it) of a Fibonacci code: sums of 1, 2, 3, 5, 8, ... that end with two ones."""
    value, step, following, last = 0, 1, 2, "0"
    for position in range(start, len(bits)):
        if bits[position] == "1":
            if last == "1":
                return value, position + 1
            value += step
        step, following, last = following, step + following, bits[position]
    raise ConsentStringError("cut off within the list of sections")


def gpp_sections(header: str) -> list[int]:
    """Ids of the sections that the header of a GPP string lists, in the order in which they follow.

    Raises:
        ConsentStringError: no GPP header of version 1, cut off, or more ids than there are sections.
    """
    bits = _bits(header)
    if _number(bits, 0, 6) != 3 or _number(bits, 6, 6) != 1:
        raise ConsentStringError("no GPP header of version 1")
    sections: list[int] = []
    position, last = 24, 0
    for _ in range(_number(bits, 12, 12)):
        is_range = _number(bits, position, 1)
        offset, position = _fibonacci(bits, position + 1)
        first = last = last + offset
        if is_range:
            offset, position = _fibonacci(bits, position)
            last += offset
        if len(sections) + last - first >= 64:
            raise ConsentStringError("more sections than there are")
        sections += range(first, last + 1)
    return sections


def _us_section(section: int, text: str) -> dict[str, bool]:
    """The opt-outs of a section of the US, its browser signal with them. 0: not applicable, 1: opted out, 2: did not opt out."""
    core, *subsections = text.split(".")
    bits = _bits(core)
    start = _US_START[section]
    found = {
        name: _number(bits, start + 2 * place, 2) == 1
        for place, name in enumerate(_US_FIELDS.get(section, _STATE_FIELDS))
    }
    found["gpc"] = any(_bits(part)[:2] == _GPC_SUBSECTION and _number(_bits(part), 2, 1) == 1 for part in subsections)
    return found


def decode_gpp(text: str) -> Meaning:
    """What a GPP string says; sections of regions that are not known here are passed over.

    Raises:
        ConsentStringError: the header or a known section cannot be read, or there are not as many sections as the header lists.
    """
    header, *parts = text.split("~")
    sections = gpp_sections(header)
    if len(sections) != len(parts):
        raise ConsentStringError(f"the header lists {len(sections)} sections and {len(parts)} follow")
    meaning = Meaning()
    for section, part in zip(sections, parts, strict=True):
        if section == _TCF:
            meaning = replace(meaning, tcf_purposes=decode_tcf(part).tcf_purposes)
        elif section == _US_PRIVACY:
            if len(part) != 4 or part[0] != "1":
                raise ConsentStringError("a US Privacy section that is not '1' and three letters")
            meaning = replace(meaning, is_sale_opted_out=meaning.is_sale_opted_out or part[2] in "Yy")
        elif section in _US_START:
            found = _us_section(section, part)
            meaning = replace(
                meaning,
                is_sale_opted_out=meaning.is_sale_opted_out or found["sale"],
                is_sharing_opted_out=meaning.is_sharing_opted_out or found.get("sharing", False),
                is_targeted_advertising_opted_out=meaning.is_targeted_advertising_opted_out
                or found.get("targeted_advertising", False),
                has_gpc=meaning.has_gpc or found["gpc"],
            )
        elif section in _US_UNSETTLED:
            raise ConsentStringError(f"section {section} cannot be read yet; send section 7 (US national) instead")
    return meaning


def decode(text: str) -> Meaning:
    """What a string says, whichever of the two kinds it is: a GPP string begins with 'D', a TC string with 'C'."""
    return decode_gpp(text) if text.startswith("D") else decode_tcf(text)


def decode_batches(values: Any, batch_size: int = 50_000) -> pa.RecordBatchReader:
    """Stream a relation of distinct strings (column `consent_string`) into batches with `SCHEMA`, one row a string.

    A string that cannot be read has its `problem`, and nulls for what it says.
    """
    source = values.select("consent_string").to_arrow_reader(batch_size)

    def rows(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
        for text in batch.column(0).to_pylist():
            try:
                yield {"consent_string": text, "problem": None, **vars(decode(text))}
            except ConsentStringError as error:
                yield {"consent_string": text, "problem": str(error)}

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in source:
            yield pa.RecordBatch.from_pylist(list(rows(batch)), schema=SCHEMA)

    return pa.RecordBatchReader.from_batches(SCHEMA, batches())
