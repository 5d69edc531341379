"""E-mail normalization."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.normalize.batches import junk_by_kind
from python_udfs.normalize.emails import SCHEMA, normalize_email, normalize_email_batch

JUNK = junk_by_kind(
    [("any", "n/a"), ("email", "test@test.com"), ("email_local_part", "noreply"), ("email_domain", "nomail.com")]
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ann@Example.ORG", "ann@example.org"),
        ("  ann@example.org \t", "ann@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("Ann Lee <ann@example.org>", "ann@example.org"),
        ("ann@example.org;", "ann@example.org"),
        ("ann+shop@example.org", "ann+shop@example.org"),
        ("ann@xn--bcher-kva.example.org", "ann@bücher.example.org"),
        ("ann@BÜCHER.example.org", "ann@bücher.example.org"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("ann\u200b@example.org", "ann@example.org"),
    ],
)
def test_canonical_form(raw: str, expected: str) -> None:
    assert normalize_email(raw, JUNK) == (expected, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("N/A", "junk"),
        ("Test@test.com", "junk"),
        ("noreply@shop.org", "junk"),
        ("x@nomail.com", "junk"),
        ("d41d8cd98f00b204e9800998ecf8427e", "hashed value"),
        ("a@b.org, c@d.org", "several addresses"),
        ("ann@@example.org", "not an e-mail address"),
        ("ann.example.org", "not an e-mail address"),
        ("ann@example..org", "not an e-mail address"),
        (".ann@example.org", "not an e-mail address"),
        ("ann lee@example.org", "not an e-mail address"),
        ("ann@-x.org", "not an e-mail address"),
        ("a" * 65 + "@example.org", "not an e-mail address"),
    ],
)
def test_rejected_with_reason(raw: str, reason: str) -> None:
    assert normalize_email(raw, JUNK) == (None, reason)


@given(st.text(max_size=40))
def test_any_text_gives_a_result_or_a_reason_and_results_are_stable(raw: str) -> None:
    email, reason = normalize_email(raw, JUNK)
    assert (email is None) != (reason is None)
    if email is not None:
        assert normalize_email(email, JUNK) == (email, None)


def test_batch_keeps_rows_and_order() -> None:
    values = ["b@x.org", "n/a", "A@x.org"]
    done = normalize_email_batch(pa.RecordBatch.from_pydict({"raw_value": values}), JUNK)
    assert done.schema == SCHEMA
    assert done.column("raw_value").to_pylist() == values
    assert done.column("email").to_pylist() == ["b@x.org", None, "a@x.org"]
