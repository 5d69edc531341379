"""Single parts: typing errors, phone ranges, consent strings, unique addresses, decimal money."""

from __future__ import annotations

import base64
import decimal

import numpy as np
import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.demo import noise
from python_udfs.demo.arrays import by_group, digits, hex_text, join_known, money, pick, ranks, text, timestamps
from python_udfs.demo.contact import PHONE_STYLES, draw_numbers, render_phones, unique_addresses
from python_udfs.demo.countries import COUNTRIES
from python_udfs.demo.nicknames import nicknames
from python_udfs.demo.tcf import EVERYTHING, VENDORS, core_string


def _distance(left: str, right: str) -> int:
    """Damerau-Levenshtein distance (adjacent transpositions count one)."""
    table = np.arange(len(right) + 1)[None, :] + np.arange(len(left) + 1)[:, None]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (not same))
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return int(table[-1, -1])


@given(
    st.lists(st.text(alphabet="abcxyzÄéßджіΩλ -'", min_size=3, max_size=12), min_size=1, max_size=20), st.integers(0, 9)
)
def test_a_typing_error_is_one_edit(words, seed):
    made = noise.typos(np.random.default_rng(seed), text(words), 1.0).to_pylist()
    assert all(_distance(word, new) <= 1 for word, new in zip(words, made, strict=True))


def test_typing_errors_leave_nulls_and_short_texts_alone():
    words = text([None, "", "ab", "abc"] * 50)
    made = noise.typos(np.random.default_rng(1), words, 1.0).to_pylist()
    assert made[:3] == [None, "", "ab"] and made.count(None) == 50
    assert noise.typos(np.random.default_rng(1), words, 0.0).equals(words)


@pytest.mark.parametrize("landline", [False, True])
@pytest.mark.parametrize("code", range(len(COUNTRIES)))
def test_every_number_range_is_valid_in_every_way_of_writing(code, landline):
    count = 30 * PHONE_STYLES
    country = np.full(count, code)
    numbers = draw_numbers(np.random.default_rng(code), country, landline)
    shown = render_phones(numbers, country, np.arange(count) % PHONE_STYLES, landline).to_pylist()
    region = COUNTRIES[code].code
    assert [
        number
        for number in shown
        if not phonenumbers.is_valid_number_for_region(phonenumbers.parse(number, region), region)
    ] == []


def test_a_missing_number_is_null():
    assert render_phones(np.array([-1]), np.array([0]), np.array([0])).to_pylist() == [None]


def _bits(encoded: str) -> str:
    raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    return "".join(f"{byte:08b}" for byte in raw)


def test_consent_string_has_the_fields_where_the_specification_puts_them():
    bits = _bits(core_string(20_000, frozenset({1, 2, 7, 9}), "de", "AT"))
    assert int(bits[:6], 2) == 2
    assert int(bits[6:42], 2) == int(bits[42:78], 2) == 20_000 * 86_400 * 10
    assert [chr(int(bits[108 + 6 * i : 114 + 6 * i], 2) + 65) for i in range(2)] == ["D", "E"]
    purposes = bits[152:176]
    assert {number + 1 for number, bit in enumerate(purposes) if bit == "1"} == {1, 2, 7, 9}
    assert [chr(int(bits[201 + 6 * i : 207 + 6 * i], 2) + 65) for i in range(2)] == ["A", "T"]
    assert int(bits[213:229], 2) == max(VENDORS)
    assert {number + 1 for number, bit in enumerate(bits[230 : 230 + max(VENDORS)]) if bit == "1"} == set(VENDORS)


def test_consent_string_of_a_refusal_names_no_purpose_and_no_vendor():
    bits = _bits(core_string(20_000, frozenset(), "fr", "FR"))
    assert "1" not in bits[140:200] and int(bits[213:229], 2) == 0
    assert "1" in _bits(core_string(20_000, EVERYTHING, "fr", "FR"))[140:152]


def test_taken_addresses_get_a_number_and_blocks_never_meet():
    local, domain = text(["ann.lee", "ann.lee", "bo99"] * 40), text(["a.org"] * 120)
    made: list[str] = []
    for bucket in range(3):
        made += unique_addresses(local, domain, np.arange(120) + 120 * bucket, bucket, 3).to_pylist()
    assert len(set(made)) == len(made)
    assert {"ann.lee@a.org", "bo99@a.org"} <= set(made)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30))
def test_money_is_exact(cents):
    assert money(np.array(cents, dtype=np.int64)).to_pylist() == [decimal.Decimal(value).scaleb(-2) for value in cents]


def test_small_helpers():
    assert digits(np.array([7, 42]), 3).to_pylist() == ["007", "042"]
    assert ranks(np.array([4, 4, 9, 9, 9])).tolist() == [0, 1, 0, 1, 2]
    assert join_known(text(["a", None, "a", None]), text(["b", "b", None, None]), " ").to_pylist() == [
        "a b",
        "b",
        "a",
        None,
    ]
    assert timestamps(np.array([-1, 86_400])).to_pylist()[0] is None
    shape = hex_text(np.random.default_rng(0), 2, 32, True).to_pylist()
    assert [len(part) for part in shape[0].split("-")] == [8, 4, 4, 4, 12] and shape[0] != shape[1]
    mixed = by_group(np.array([1, 0, 1]), lambda code, rows: pa.array([f"{code}{row}" for row in rows.tolist()]))
    assert mixed.to_pylist() == ["10", "01", "12"]
    share = (pick(np.random.default_rng(0), [1, 3], 10_000) == 1).mean()
    assert 0.72 < share < 0.78


def test_nicknames_are_other_words_than_the_name():
    table = nicknames()
    assert table["William"] == ("Bill", "Will") and table["Elizabeth"][0] == "Liz"
    assert all(name not in short and short for name, short in table.items())
