"""Latin spellings of other scripts."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.identity.transliterate import SCHEMA, transliterate, transliterate_batches


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Иван", "ivan"),
        ("Ελένη", "eleni"),
        ("Łódź", "lodz"),
        ("Søren", "soren"),
        (" José ", "jose"),
        ("Smith", "smith"),
        ("王", "wang"),
    ],
)
def test_a_name_is_spelt_in_latin_letters(text: str, latin: str) -> None:
    assert transliterate([text]) == [latin]


def test_what_has_no_spelling_is_null_and_nulls_stay() -> None:
    assert transliterate([None, "", "  ", "\u200b", "a"]) == [None, None, None, None, "a"]


@given(st.lists(st.none() | st.text(max_size=20), max_size=10))
def test_spellings_are_lower_case_ascii_in_the_order_of_their_values(values: list[str | None]) -> None:
    result = transliterate(values)
    assert len(result) == len(values)
    for text, latin in zip(values, result, strict=True):
        assert latin is None or (latin.isascii() and latin == latin.lower().strip() and latin)
        assert text is not None or latin is None


def test_batches_stream_every_value_once() -> None:
    values = duckdb.connect().sql(
        "select case when i = 7 then null else concat('Иван ', i) end as text_value from range(25) as t (i)"
    )
    reader = transliterate_batches(values, batch_size=10)
    assert reader.schema == SCHEMA
    table = reader.read_all()
    assert sorted(table["latin"].to_pylist(), key=str) == sorted(
        [None if i == 7 else f"ivan {i}" for i in range(25)], key=str
    )
    assert table.num_rows == 25
