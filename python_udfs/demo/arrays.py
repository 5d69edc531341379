"""Small vectorized helpers on numpy and arrow arrays that every part of the generator uses.

Conventions: times are numpy int64 seconds since 1970-01-01 UTC, dates are int64 days since then,
money is int64 minor units (cents), text is an arrow string array. A negative time, date or index
means "missing".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Text = Any  # pa.StringArray; pyarrow ships no type stubs
Rng = np.random.Generator

DAY = 86_400
_HEX = np.frombuffer(b"".join(b"%02x" % i for i in range(256)), dtype=np.uint8).reshape(256, 2)


def text(values: Sequence[str | None]) -> Text:
    """Arrow string array of a Python sequence."""
    return pa.array(values, pa.string())


def flat(array: Any) -> Any:
    """One contiguous array of a possibly chunked one."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def take(pool: Text, index: npt.NDArray[Any]) -> Text:
    """Values of `pool` at `index`; a negative index gives null."""
    return pool.take(pa.array(index, mask=index < 0))


def constant(value: str | None, count: int) -> Text:
    """`count` times the same text."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def nulls(count: int) -> Text:
    """`count` null texts."""
    return pa.nulls(count, pa.string())


def join(*parts: Any, separator: str = "") -> Text:
    """Concatenate element-wise; a null part makes a null."""
    return flat(pc.binary_join_element_wise(*parts, separator, null_handling="emit_null"))


def join_known(left: Text, right: Text, separator: str) -> Text:
    """Concatenate two arrays element-wise; where one is null the other one alone."""
    return flat(pc.coalesce(join(left, right, separator=separator), left, right))


def where(mask: Mask, left: Any, right: Any) -> Any:
    """`left` where the mask holds, else `right` (arrays or scalars)."""
    return flat(pc.if_else(pa.array(mask), left, right))


def null_where(mask: Mask, array: Any) -> Any:
    """Null where the mask holds."""
    return where(mask, pa.scalar(None, array.type), array)


def to_text(values: npt.NDArray[Any]) -> Text:
    """Decimal text of integers."""
    return pa.array(values).cast(pa.string())


def fixed_text(matrix: npt.NDArray[np.uint8]) -> Text:
    """Strings of equal length from an (n, width) matrix of ASCII codes."""
    count, width = matrix.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    data = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def digits(values: Ints, width: int) -> Text:
    """Integers as zero-padded text of `width` digits."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return fixed_text((values[:, None] // powers % 10 + 48).astype(np.uint8))


def hex_text(rng: Rng, count: int, width: int = 32, dashes: bool = False) -> Text:
    """Random lower-case hexadecimal text; `dashes` gives the shape of a UUID (width 32)."""
    raw = rng.integers(0, 256, size=(count, width // 2), dtype=np.uint8)
    matrix = _HEX[raw].reshape(count, width)
    if dashes:
        out = np.full((count, 36), ord("-"), dtype=np.uint8)
        start = 0
        for at, size in ((0, 8), (9, 4), (14, 4), (19, 4), (24, 12)):
            out[:, at : at + size] = matrix[:, start : start + size]
            start += size
        matrix = out
    return fixed_text(matrix)


def timestamps(seconds: npt.NDArray[Any], millis: npt.NDArray[Any] | None = None) -> Any:
    """Arrow timestamp[us] of seconds since 1970 (negative: null), `millis` added."""
    micros = seconds.astype(np.int64) * 1_000_000
    if millis is not None:
        micros = micros + millis.astype(np.int64) * 1_000
    return pa.array(micros, mask=seconds < 0).cast(pa.timestamp("us"))


def dates(days: npt.NDArray[Any], missing: Mask | None = None) -> Any:
    """Arrow date32 of days since 1970; null where `missing`."""
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def money(cents: npt.NDArray[Any], missing: Mask | None = None) -> Any:
    """Arrow decimal128(18, 2) of minor units; exact."""
    wide = np.empty((len(cents), 2), dtype=np.int64)
    wide[:, 0] = cents
    wide[:, 1] = np.where(cents < 0, -1, 0)
    array = pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(np.ascontiguousarray(wide))])
    return array if missing is None else null_where(missing, array)


def pick(rng: Rng, weights: Sequence[float] | Floats, count: int) -> Ints:
    """`count` category numbers drawn by weight."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right").astype(np.int64)
    return drawn


def chance(rng: Rng, probability: float | Floats, count: int) -> Mask:
    """True with the given probability, `count` times."""
    return rng.random(count) < probability


def by_group(codes: npt.NDArray[Any], render: Callable[[int, npt.NDArray[np.int64]], Text]) -> Text:
    """Render each group of equal codes at once and put the results back in order.

    `render(code, rows)` gets the row numbers of one code and returns that many texts.
    """
    if len(codes) == 0:
        return text([])
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    bounds = [*starts.tolist(), len(codes)]
    parts = [flat(render(int(code), order[bounds[i] : bounds[i + 1]])) for i, code in enumerate(present)]
    inverse = np.empty(len(codes), dtype=np.int64)
    inverse[order] = np.arange(len(codes))
    return flat(pa.concat_arrays(parts)).take(pa.array(inverse))


def ranks(groups: Ints) -> Ints:
    """Position 0, 1, ... of each row within its run of equal, adjacent group numbers."""
    count = len(groups)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))
    lengths = np.diff(np.append(starts, count))
    return np.arange(count, dtype=np.int64) - np.repeat(starts, lengths)
