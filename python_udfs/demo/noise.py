"""Errors that people and systems make: typing errors, case, white space, placeholders."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.demo.arrays import Mask, Rng, Text, flat, null_where, pick, take, text, where

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
JUNK_NAMES = ("test", "n/a", "unknown", "-", "asdf", "none", "xxx", "customer")
JUNK_EMAILS = ("test@test.com", "noemail@example.com", "none@none.com", "n/a", "na@na.com", "info@info.com")
JUNK_PHONES = ("0000000000", "n/a", "unknown", "1234567890", "-", "9999999999", "0")


def _neighbours() -> np.ndarray:
    """For each ASCII letter a key beside it; other characters map to themselves."""
    table = np.arange(128, dtype=np.uint32)
    for row in _ROWS:
        for at, key in enumerate(row):
            other = row[at + 1] if at + 1 < len(row) else row[at - 1]
            table[ord(key)] = ord(other)
            table[ord(key.upper())] = ord(other.upper())
    return table


_NEIGHBOUR = _neighbours()


def replace_rows(values: Text, rows: np.ndarray, replacement: Text) -> Text:
    """`values` with `replacement` at the given row numbers (ascending)."""
    mask = np.zeros(len(values), dtype=bool)
    mask[rows] = True
    return flat(pc.replace_with_mask(values, pa.array(mask), replacement))


def typos(rng: Rng, values: Text, rate: float) -> Text:
    """Give a share `rate` of the texts (length 3 or more) one typing error.

    One of: letter dropped, letter doubled, two letters transposed, neighbouring key hit. Works on the
    matrix of code points of the chosen rows only.
    """
    chosen = np.flatnonzero(rng.random(len(values)) < rate)
    if len(chosen):
        lengths = pc.fill_null(pc.utf8_length(values.take(pa.array(chosen))), 0).to_numpy(zero_copy_only=False)
        chosen = chosen[lengths >= 3]
    if len(chosen) == 0:
        return values
    words = values.take(pa.array(chosen)).to_numpy(zero_copy_only=False).astype("U")
    width = words.dtype.itemsize // 4
    codes = np.zeros((len(words), width + 2), dtype=np.uint32)
    codes[:, :width] = words.view(np.uint32).reshape(len(words), width)
    length = (codes != 0).sum(axis=1)
    at = (rng.random(len(words)) * (length - 1)).astype(np.int64)
    kind = pick(rng, [0.27, 0.18, 0.27, 0.28], len(words))
    ascii_letter = codes[np.arange(len(words)), at] < 128
    kind = np.where((kind == 3) & ~ascii_letter, 2, kind)
    source = np.tile(np.arange(width + 1), (len(words), 1))
    source += (kind[:, None] == 0) & (source >= at[:, None])
    source -= (kind[:, None] == 1) & (source > at[:, None])
    swap = np.flatnonzero(kind == 2)
    source[swap, at[swap]] += 1
    source[swap, at[swap] + 1] -= 1
    out = np.take_along_axis(codes, source, axis=1)
    hit = np.flatnonzero(kind == 3)
    out[hit, at[hit]] = _NEIGHBOUR[out[hit, at[hit]]]
    changed = np.ascontiguousarray(out).view(f"<U{width + 1}").ravel()
    return replace_rows(values, chosen, pa.array(changed.tolist(), pa.string()))


def casing(rng: Rng, values: Text, upper: float, lower: float, spaces: float) -> Text:
    """Write shares of the texts in capitals, in small letters, or with stray white space."""
    spin = rng.random(len(values))
    out = where(spin < upper, pc.utf8_upper(values), values)
    out = where((spin >= upper) & (spin < upper + lower), pc.utf8_lower(values), out)
    stray = rng.random(len(values))
    out = where(stray < spaces * 0.6, pc.binary_join_element_wise(out, " ", ""), out)
    return where((stray >= spaces * 0.6) & (stray < spaces), pc.binary_join_element_wise("  ", out, ""), out)


def junk(rng: Rng, values: Text, pool: tuple[str, ...], rate: float) -> Text:
    """Replace a share of the non-null texts by a placeholder."""
    hit = (rng.random(len(values)) < rate) & values.is_valid().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(hit)
    return replace_rows(values, rows, take(text(pool), rng.integers(0, len(pool), len(rows)))) if len(rows) else values


def missing(rng: Rng, values: Text, rate: float) -> Text:
    """Leave out a share of the values."""
    return null_where(rng.random(len(values)) < rate, values) if rate > 0 else values


def swap_text(mask: Mask, left: Text, right: Text) -> tuple[Text, Text]:
    """Exchange the two fields where the mask holds."""
    return where(mask, right, left), where(mask, left, right)
