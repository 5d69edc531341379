"""Latin spellings of text in other scripts, so that one name in two scripts can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from anyascii import anyascii

SCHEMA = pa.schema([("text_value", pa.string()), ("latin", pa.string())])


def transliterate(values: list[str | None]) -> list[str | None]:
    """Transliterate each value to lower-case ASCII.

    Args:
        values: texts in any script; nulls stay null.

    Returns:
        A list of the same length. Empty results (signs without a spelling) become null.
    """
    return [anyascii(value).strip().lower() or None if value is not None else None for value in values]


def transliterate_batches(values: Any, batch_size: int = 50_000) -> pa.RecordBatchReader:
    """Stream a one-column relation of distinct texts into (text_value, latin) batches.

    Args:
        values: a relation with the column `text_value` that can be read as Arrow batches.
        batch_size: rows a batch; bounds the memory.

    Returns:
        A reader of batches with `SCHEMA`.
    """
    source = values.select("text_value").to_arrow_reader(batch_size)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in source:
            texts = batch.column(0)
            yield pa.RecordBatch.from_arrays(
                [texts, pa.array(transliterate(texts.to_pylist()), pa.string())], schema=SCHEMA
            )

    return pa.RecordBatchReader.from_batches(SCHEMA, batches())
