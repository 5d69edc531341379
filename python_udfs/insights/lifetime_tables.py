"""Wiring between the tables of counted purchase histories and the lifetime value models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from python_udfs.insights.lifetime import (
    Floats,
    PurchaseParameters,
    SpendParameters,
    discounted_purchases_if_alive,
    fit_purchases,
    fit_spend,
)

Columns = dict[str, npt.NDArray[np.generic]]

SCOPES = ("full", "holdout")
DAYS_PER_YEAR = 365.0
PARAMETERS = ("r", "alpha", "a", "b", "purchase_log_likelihood", "p", "q", "v", "spend_log_likelihood")
FIT_SCHEMA = pa.schema(
    [
        ("scope", pa.string()),
        ("customer_count", pa.int64()),
        ("repeat_customer_count", pa.int64()),
        ("spend_customer_count", pa.int64()),
        *((name, pa.float64()) for name in PARAMETERS),
        ("purchase_reason", pa.string()),
        ("spend_reason", pa.string()),
    ]
)
EXPECTATION_SCHEMA = pa.schema(
    [
        ("scope", pa.string()),
        ("repeat_purchases", pa.int64()),
        ("age_days", pa.int64()),
        ("purchases_if_alive", pa.float64()),
        ("discounted_purchases_if_alive", pa.float64()),
    ]
)


@dataclass(frozen=True)
class _Fit:
    """What came of one scope; a reason stands in for missing parameters."""

    purchases: PurchaseParameters | None
    purchase_reason: str | None
    spend: SpendParameters | None
    spend_reason: str | None


def _sorted_rows(columns: Columns, scope: str, names: tuple[str, ...]) -> list[Floats]:
    """The rows of one scope as floats, in an order that does not depend on how they came; one array of shape (n,) per name."""
    rows = columns["scope"].astype(str) == scope
    values = [np.asarray(columns[name][rows], dtype=np.float64) for name in names]
    order = np.lexsort(values[::-1])
    return [column[order] for column in values]


def _fit_scope(histories: list[Floats], spend: list[Floats], minimum_customers: int) -> _Fit:
    """Fit both models where there is enough to fit; alpha comes out in days."""
    frequency, _, _, weight = histories
    repeat_customers, spend_customers = weight[frequency > 0].sum(), spend[2].sum()
    too_few = "{:.0f} customers with repeat purchases{}, fewer than lifetime_value_minimum_repeat_customers ({})"
    no_maximum = "the likelihood has no maximum at finite parameters: customers differ too little for this model"
    purchases, purchase_reason = None, too_few.format(repeat_customers, "", minimum_customers)
    if repeat_customers >= minimum_customers:
        purchases = fit_purchases(histories[0], histories[1], histories[2], histories[3])
        purchase_reason = no_maximum
    value, spend_reason = None, too_few.format(spend_customers, " of known value", minimum_customers)
    if spend_customers >= minimum_customers:
        value = fit_spend(spend[0], spend[1], spend[2])
        spend_reason = no_maximum
    return _Fit(purchases, None if purchases else purchase_reason, value, None if value else spend_reason)


def fit_table(histories: Columns, spend: Columns, minimum_customers: int) -> pa.Table:
    """Fit both models to each scope.

    Args:
        histories: scope, repeat_purchases, recency_days, age_days, customer_count; one row per distinct history.
        spend: scope, repeat_purchases, mean_repeat_value, customer_count; repeat purchases and mean more than 0.
        minimum_customers: with fewer customers who bought again there is no model but a reason.

    Returns:
        FIT_SCHEMA, one row per scope. Parameters are null where the model's reason tells why.
    """
    rows = []
    for scope in SCOPES:
        counted = _sorted_rows(histories, scope, ("repeat_purchases", "recency_days", "age_days", "customer_count"))
        valued = _sorted_rows(spend, scope, ("repeat_purchases", "mean_repeat_value", "customer_count"))
        fit = _fit_scope(counted, valued, minimum_customers)
        one, two = fit.purchases, fit.spend
        rows.append(
            {
                "scope": scope,
                "customer_count": int(counted[3].sum()),
                "repeat_customer_count": int(counted[3][counted[0] > 0].sum()),
                "spend_customer_count": int(valued[2].sum()),
                "purchase_reason": fit.purchase_reason,
                "spend_reason": fit.spend_reason,
                **({"r": one.r, "alpha": one.alpha, "a": one.a, "b": one.b} if one else {}),
                **({"purchase_log_likelihood": one.log_likelihood} if one else {}),
                **({"p": two.p, "q": two.q, "v": two.v, "spend_log_likelihood": two.log_likelihood} if two else {}),
            }
        )
    return pa.Table.from_pylist(rows, schema=FIT_SCHEMA)


def expectation_table(fit: Columns, ages: Columns, horizon_days: dict[str, float], annual_rate: float) -> pa.Table:
    """Purchases to expect of customers who have not left, for each number of purchases and age that occurs.

    Args:
        fit: columns of FIT_SCHEMA; null parameters are nan or masked.
        ages: scope, repeat_purchases, age_days; may repeat.
        horizon_days: time to look ahead in each scope.
        annual_rate: discount rate per year, more than -1.

    Returns:
        EXPECTATION_SCHEMA, one row per distinct row of `ages` in scopes that have a purchase model, ordered.

    Raises:
        ValueError: a horizon or rate that makes no sense.
    """
    if annual_rate <= -1:
        raise ValueError(f"lifetime_value_annual_discount_rate is {annual_rate}: it must be more than -1, such as 0.1")
    tables = []
    for scope, horizon in horizon_days.items():
        if horizon <= 0:
            raise ValueError(f"the horizon of scope '{scope}' is {horizon} days: set it to more than 0")
        row = np.flatnonzero(fit["scope"].astype(str) == scope)
        parameters = [
            float(np.ma.filled(fit[name][row].astype(np.float64), np.nan)[0]) for name in ("r", "alpha", "a", "b")
        ]
        if not np.isfinite(parameters).all():
            continue
        r, alpha, a, b = parameters
        model = PurchaseParameters(r, alpha, a, b, log_likelihood=float("nan"))
        pairs = np.stack(_sorted_rows(ages, scope, ("repeat_purchases", "age_days")), axis=1)
        pairs = np.unique(pairs, axis=0)
        plain, discounted = discounted_purchases_if_alive(
            model, pairs[:, 0], pairs[:, 1], horizon, DAYS_PER_YEAR, annual_rate
        )
        columns = [np.full(len(pairs), scope), pairs[:, 0].astype(int), pairs[:, 1].astype(int), plain, discounted]
        tables.append(pa.Table.from_arrays([pa.array(column) for column in columns], schema=EXPECTATION_SCHEMA))
    return pa.concat_tables(tables) if tables else EXPECTATION_SCHEMA.empty_table()
