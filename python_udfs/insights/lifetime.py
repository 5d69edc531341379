"""How often and for how much customers buy again: BG/NBD and Gamma-Gamma, fitted by maximum likelihood on counted histories.

Sources of the formulas:
    Fader, Hardie, Lee (2005): "Counting Your Customers" the Easy Way. Marketing Science 24(2). BG/NBD: likelihood, P(alive),
        conditional expectation.
    Fader, Hardie (2013): The Gamma-Gamma Model of Monetary Value. Technical note 025.

Times are in any one unit; the parameter alpha is in that unit, v is in the unit of money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, hyp1f1, hyp2f1

Floats = npt.NDArray[np.float64]

# Parameters are sought between these, as logarithms and in units of the data's own scale. A maximum at the edge is none.
_LOG_BOUND = 12.0
# Odds beyond this exponent would overflow; a probability is 1 long before.
_LARGEST_LOG = 600.0
# Of more rows, so many tell where to begin.
_START_ROWS = 20_000
_STARTS_PURCHASES = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.3, 0.7, 2.5), (0.7, 3.0, 0.1, 1.0))
_STARTS_SPEND = ((2.0, 3.0, 2.0), (6.0, 4.0, 0.5))


class LifetimeDataError(ValueError):
    """Histories that no customer can have; the message says which value and what is allowed."""


@dataclass(frozen=True)
class PurchaseParameters:
    """BG/NBD: purchase rates are gamma(r, alpha) over customers, leaving after a purchase has probability beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


@dataclass(frozen=True)
class SpendParameters:
    """Gamma-Gamma: a purchase is worth gamma(p, nu), and nu is gamma(q, v) over customers."""

    p: float
    q: float
    v: float
    log_likelihood: float


def check_histories(frequency: Floats, recency: Floats, age: Floats) -> None:
    """Refuse histories that cannot be.

    Args:
        frequency: repeat purchases, shape (n,).
        recency: time from the first to the last purchase, shape (n,).
        age: time from the first purchase to the end of observation, shape (n,).

    Raises:
        LifetimeDataError: a value is missing or negative, recency exceeds age, or recency without a repeat purchase.
    """
    for name, values in (("frequency", frequency), ("recency", recency), ("age", age)):
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            raise LifetimeDataError(f"{name} is {values[bad][0]} in row {int(np.argmax(bad))}: it must be 0 or more")
    for bad, rule in (
        (recency > age, "recency exceeds age: leave out purchases after the end of observation"),
        (
            (frequency == 0) & (recency > 0),
            "recency without a repeat purchase: frequency counts purchases after the first",
        ),
    ):
        if bad.any():
            row = int(np.argmax(bad))
            raise LifetimeDataError(
                f"row {row} (frequency {frequency[row]}, recency {recency[row]}, age {age[row]}): {rule}"
            )


def _dot(left: Floats, right: Floats) -> float:
    """Sum of products, pairwise. Not by `@`, whose threads wait for each other where others work, and sum in an order of their own."""
    return float((left * right).sum())


def _best(
    objective: Callable[[Floats], tuple[float, Floats]], starts: tuple[tuple[float, ...], ...]
) -> tuple[Floats, float] | None:
    """Lowest minimum over several starts.

    Returns:
        Position (log parameters) and value, or None where no start ends at a minimum inside the bounds.
    """
    best: tuple[Floats, float] | None = None
    for start in starts:
        found = minimize(
            objective,
            np.log(np.array(start)),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_LOG_BOUND, _LOG_BOUND)] * len(start),
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-6},
        )
        inside = bool(np.all(np.abs(found.x) < _LOG_BOUND - 1e-3))
        if inside and np.isfinite(found.fun) and (best is None or found.fun < best[1] - 1e-10):
            best = (np.asarray(found.x, dtype=np.float64), float(found.fun))
    return best


def fit_purchases(
    frequency: Floats,
    recency: Floats,
    age: Floats,
    weight: Floats,
    start: PurchaseParameters | None = None,
) -> PurchaseParameters | None:
    """Fit BG/NBD to counted histories. The same rows in the same order give the same parameters to the last bit.

    Args:
        frequency, recency, age: see check_histories, shape (n,).
        weight: number of customers with the history, shape (n,).
        start: where to begin; without it, a fit to some of the rows (several starting points where there are few).

    Returns:
        The parameters, or None where the likelihood has no maximum at finite parameters.

    Raises:
        LifetimeDataError: histories that cannot be.
    """
    check_histories(frequency, recency, age)
    if start is None and len(frequency) > 2 * _START_ROWS:
        some = slice(None, None, len(frequency) // _START_ROWS)
        start = fit_purchases(frequency[some], recency[some], age[some], weight[some])
    total = weight.sum()
    scale = float(np.average(age, weights=weight)) or 1.0
    starts = _STARTS_PURCHASES if start is None else ((start.r, start.alpha / scale, start.a, start.b),)
    last, end = recency / scale, age / scale
    # Gamma functions depend on the number of purchases alone, of which there are few.
    counts, position = np.unique(frequency, return_inverse=True)
    customers_of_count: Floats = np.asarray(np.bincount(position, weights=weight), dtype=np.float64)
    again = np.flatnonzero(frequency > 0)
    never = np.flatnonzero(frequency == 0)
    x, last, end_again, weight_again = frequency[again], last[again], end[again], weight[again]
    end_never, weight_never = end[never], weight[never]

    def objective(logs: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logs)
        value = _dot(
            customers_of_count,
            gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
            + gammaln(a + b) + gammaln(b + counts) - gammaln(b) - gammaln(a + b + counts),
        )  # fmt: skip
        d_r = _dot(customers_of_count, digamma(r + counts) - digamma(r) + np.log(alpha))
        d_alpha = total * r / alpha
        d_a = _dot(customers_of_count, digamma(a + b) - digamma(a + b + counts))
        d_b = d_a + _dot(customers_of_count, digamma(b + counts) - digamma(b))

        log_never = np.log(alpha + end_never)
        sum_never = _dot(weight_never, log_never)
        value -= r * sum_never
        d_r -= sum_never
        d_alpha -= r * _dot(weight_never, 1 / (alpha + end_never))

        log_end, log_last = np.log(alpha + end_again), np.log(alpha + last)
        # Odds that the customer left after the last purchase, against being alive at the end.
        log_odds = np.log(a) - np.log(b + x - 1) + (r + x) * (log_end - log_last)
        odds = np.exp(np.minimum(log_odds, _LARGEST_LOG))
        left = odds / (1 + odds)
        value += _dot(weight_again, np.log1p(odds) + np.maximum(log_odds - _LARGEST_LOG, 0) - (r + x) * log_end)
        d_r -= _dot(weight_again, (1 - left) * log_end + left * log_last)
        d_alpha -= _dot(weight_again, (r + x) * ((1 - left) / (alpha + end_again) + left / (alpha + last)))
        d_a += _dot(weight_again, left) / a
        d_b -= _dot(weight_again, left / (b + x - 1))
        gradient = np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
        return -float(value) / total, -gradient / total

    with np.errstate(over="ignore", invalid="ignore"):
        best = _best(objective, starts)
    if best is None:
        return None
    r, alpha, a, b = (float(parameter) for parameter in np.exp(best[0]))
    # In the unit of the caller: each purchase's density gets 1 / scale.
    shift = _dot(weight, frequency) * np.log(scale)
    return PurchaseParameters(r, alpha * scale, a, b, float(-best[1] * total - shift))


def expected_purchases_if_alive(
    parameters: PurchaseParameters, frequency: Floats, age: Floats, horizon: Floats
) -> Floats:
    """Purchases to expect within a time of customers who have not left; times P(alive) it is the conditional expectation.

    The published form's hypergeometric function grows without bound in the number of purchases; Euler's transformation
    F(A, B; C; z) = (1 - z)^(C-A-B) F(C-A, C-B; C; z) keeps it near 1. Where customers buy at nearly one rate, r is so large that the
    function cannot be computed; then the limit of one rate holds, where Kummer's function takes its place. Where they leave with nearly one
    probability, a and b are so large; then the rate alone is spread.

    Args:
        parameters: BG/NBD.
        frequency: repeat purchases so far, shape broadcast with the others.
        age: time since the first purchase.
        horizon: time to look ahead, 0 or more.

    Returns:
        Expected number, 0 or more, of the broadcast shape.
    """
    p = parameters
    # The formula has removable gaps at a = 1 and where a + b + frequency = 1.
    a = p.a if abs(p.a - 1) > 1e-5 else 1 + 1e-5
    top = a + p.b + frequency - 1
    top = np.where(np.abs(top) < 1e-9, 1e-9, top)
    base = (p.alpha + age) / (p.alpha + age + horizon)
    series = hyp2f1(a + p.b - 1 - p.r, a - 1, top, 1 - base)
    # Nothing times infinity is no number: the limits below take its place.
    with np.errstate(over="ignore", invalid="ignore"):
        share = base ** (a - 1) * series
    if not np.isfinite(share).all():
        if p.r > a + p.b:
            limit = hyp1f1(a - 1, top, -(p.r + frequency) / (p.alpha + age) * horizon)
        else:
            limit = ((p.alpha + age) / (p.alpha + age + (a - 1) / top * horizon)) ** (p.r + frequency)
        share = np.where(np.isfinite(share), share, limit)
    expected: Floats = np.maximum(top / (a - 1) * (1 - share), 0.0)
    return expected


def discounted_purchases_if_alive(
    parameters: PurchaseParameters, frequency: Floats, age: Floats, horizon: float, year: float, annual_rate: float
) -> tuple[Floats, Floats]:
    """Expected purchases within the horizon of customers who have not left, plain and discounted to now.

    Args:
        parameters: BG/NBD.
        frequency, age: as for expected_purchases_if_alive, shape (n,).
        horizon: time to look ahead, more than 0.
        year: a year in the unit of time, for the rate.
        annual_rate: discount rate per year; 0.1 makes money in a year worth 1 / 1.1.

    Returns:
        Expected purchases and discounted expected purchases, shape (n,) each. Purchases count as of the middle of their
        twelfth of a year.
    """
    edges = np.linspace(0, horizon, max(1, round(12 * horizon / year)) + 1)
    up_to = np.stack([expected_purchases_if_alive(parameters, frequency, age, edge) for edge in edges])
    factors = (1 + annual_rate) ** (-(edges[1:] + edges[:-1]) / 2 / year)
    return up_to[-1], factors @ np.maximum(np.diff(up_to, axis=0), 0.0)


def fit_spend(
    frequency: Floats, mean_value: Floats, weight: Floats, start: SpendParameters | None = None
) -> SpendParameters | None:
    """Fit Gamma-Gamma to customers with repeat purchases.

    Args:
        frequency: repeat purchases, more than 0, shape (n,).
        mean_value: their mean value, more than 0, shape (n,).
        weight: number of customers, shape (n,).
        start: as for fit_purchases.

    Returns:
        The parameters, or None where the likelihood has no maximum at finite parameters or the mean spend is infinite (q <= 1).

    Raises:
        LifetimeDataError: a frequency or mean that is not positive.
    """
    for name, values in (("frequency", frequency), ("mean_value", mean_value)):
        bad = ~(np.isfinite(values) & (values > 0))
        if bad.any():
            raise LifetimeDataError(f"{name} is {values[bad][0]} in row {int(np.argmax(bad))}: it must be more than 0")
    if start is None and len(frequency) > 2 * _START_ROWS:
        some = slice(None, None, len(frequency) // _START_ROWS)
        start = fit_spend(frequency[some], mean_value[some], weight[some])
    total = weight.sum()
    scale = float(np.average(mean_value, weights=weight))
    starts = _STARTS_SPEND if start is None else ((start.p, start.q, start.v / scale),)
    x, z = frequency, mean_value / scale
    log_xz, weighted_x = np.log(x * z), weight * x
    counts, position = np.unique(x, return_inverse=True)
    customers: Floats = np.asarray(np.bincount(position, weights=weight), dtype=np.float64)
    sum_x_log_xz, sum_log_z = _dot(weighted_x, log_xz), _dot(weight, np.log(z))

    def objective(logs: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(logs)
        sums = v + x * z
        log_sums = np.log(sums)
        psi = digamma(p * counts + q)
        sum_x_log, sum_log = _dot(weighted_x, log_sums), _dot(weight, log_sums)
        value = (
            _dot(customers, gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q) + q * np.log(v))
            + p * sum_x_log_xz - sum_log_z - p * sum_x_log - q * sum_log
        )  # fmt: skip
        d_p = _dot(customers, counts * (psi - digamma(p * counts))) + sum_x_log_xz - sum_x_log
        d_q = _dot(customers, psi - digamma(q) + np.log(v)) - sum_log
        d_v = total * q / v - _dot(weight, (p * x + q) / sums)
        return -float(value) / total, -np.array([d_p * p, d_q * q, d_v * v]) / total

    with np.errstate(over="ignore", invalid="ignore"):
        best = _best(objective, starts)
    if best is None:
        return None
    p, q, v = (float(parameter) for parameter in np.exp(best[0]))
    if q <= 1:
        return None
    return SpendParameters(p, q, v * scale, float(-best[1] * total - total * np.log(scale)))
