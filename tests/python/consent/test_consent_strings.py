"""Consent strings: the examples of the specifications and of their reference encoder, and strings that are none."""

from __future__ import annotations

import contextlib

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.consent.strings import ConsentStringError, Meaning, decode, decode_batches, decode_tcf, gpp_sections
from python_udfs.demo.tcf import core_string

NOTHING = "0" * 24
# Example strings of the two specifications.
TC_OF_GPP = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"


@pytest.mark.parametrize(("header", "sections"), [("DBABM", [2]), ("DBACNY", [2, 6]), ("DBABjw", [5, 6])])
def test_headers_of_the_gpp_specification(header: str, sections: list[int]) -> None:
    assert gpp_sections(header) == sections


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA", Meaning(NOTHING)),
        (f"DBABM~{TC_OF_GPP}", Meaning(NOTHING)),
        (f"DBACNY~{TC_OF_GPP}~1YNN", Meaning(NOTHING)),
        (f"DBACNY~{TC_OF_GPP}~1YYN", Meaning(NOTHING, is_sale_opted_out=True)),
        # The Canadian section is not read, the US Privacy one is.
        (f"DBABjw~{TC_OF_GPP}~1YNN", Meaning()),
        # Made before policy 4 was required, so valid: ten purposes.
        ("COv_eg6Ov_eg6AOADBENAaCgAP_AAH_AACiQAVEUQQoAIQAqIoghAAQgAA", Meaning("1" * 10 + "0" * 14)),
    ],
)
def test_published_examples(text: str, meaning: Meaning) -> None:
    assert decode(text) == meaning


@pytest.mark.parametrize(
    ("section", "text", "meaning"),
    [
        (7, "BVVVkkkkkpFY.YA", Meaning(None, True, True, True, True)),
        (7, "BAAAVVVVUQA.QA", Meaning()),
        (8, "BVWSSSVY.YA", Meaning(None, True, True, False, True)),
        (9, "BVWSSVY", Meaning(None, True, False, True, False)),
        (11, "BVVkklWA", Meaning(None, True, False, True, False)),
        (18, "BVVkklWA.YA", Meaning(None, True, False, True, True)),
    ],
)
def test_published_examples_of_us_sections(section: int, text: str, meaning: Meaning) -> None:
    assert decode(f"{header_of(section)}~{text}") == meaning


def header_of(section: int) -> str:
    """The header of a GPP string with one section, from the specification's own description of it."""
    numbers = [1, 2]
    while numbers[-1] <= section:
        numbers.append(numbers[-1] + numbers[-2])
    code, rest = ["0"] * len(numbers), section
    for place in reversed(range(len(numbers))):
        if numbers[place] <= rest:
            rest -= numbers[place]
            code[place] = "1"
    bits = "000011" + "000001" + "000000000001" + "0" + "".join(code).rstrip("0") + "1"
    bits += "0" * (-len(bits) % 6)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(letters[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


@given(st.frozensets(st.integers(1, 11)), st.integers(19_700, 30_000))
def test_purposes_that_were_encoded_are_decoded(purposes: frozenset[int], day: int) -> None:
    decoded = decode_tcf(core_string(day, purposes, "de", "DE")).tcf_purposes
    assert decoded == "".join("1" if number in purposes else "0" for number in range(1, 25))


@pytest.mark.parametrize(
    "text",
    ["", "C", "COvFyGB", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "D", "DBAC", "DBACNY~1YNN", "DBABM~C!", "ö", "DBABM"],
)
def test_what_is_no_consent_string_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConsentStringError) as failure:
        decode(text)
    assert len(text) < 5 or text not in str(failure.value)


@given(st.text(alphabet="ABCDEXYZabcz019-_.~", max_size=60))
def test_any_text_is_decoded_or_refused(text: str) -> None:
    with contextlib.suppress(ConsentStringError):
        decode("D" + text)


def test_strings_of_newest_states_are_refused_rather_than_misread() -> None:
    with pytest.raises(ConsentStringError, match="section 24"):
        decode(f"{header_of(24)}~BVVU.YA")


def test_batches_keep_every_string_and_name_the_problem() -> None:
    with duckdb.connect() as connection:
        strings = connection.sql(
            f"select unnest(['{TC_OF_GPP}', 'Cbroken', '{header_of(8)}~BVWSSSVY.YA']) as consent_string"
        )
        rows = decode_batches(strings, batch_size=1).read_all().to_pylist()
    assert {row["consent_string"]: row["tcf_purposes"] for row in rows if not row["problem"]} == {
        TC_OF_GPP: NOTHING,
        f"{header_of(8)}~BVWSSSVY.YA": None,
    }
    assert [row["problem"] for row in rows if row["consent_string"] == "Cbroken"] == [
        "cut off: bit 78 is needed, 42 are there"
    ]
