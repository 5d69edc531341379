"""Patterns: the levels of all comparisons of a pair of records, packed into one integer (macros/identity/comparisons.sql)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

BITS_PER_COMPARISON = 5
SAME_SOURCE_BIT = 60


def decode_patterns(patterns: IntArray, comparisons: int) -> IntArray:
    """Unpack patterns, shape (n,), into levels, shape (n, comparisons)."""
    shifts = np.arange(comparisons, dtype=np.int64) * BITS_PER_COMPARISON
    return np.asarray((patterns[:, None] >> shifts[None, :]) & (2**BITS_PER_COMPARISON - 1), dtype=np.int64)
