"""Lifetime value models: published parameters, known truth, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from python_udfs.insights.lifetime import (
    LifetimeDataError,
    PurchaseParameters,
    discounted_purchases_if_alive,
    expected_purchases_if_alive,
    fit_purchases,
    fit_spend,
)
from python_udfs.insights.lifetime_tables import EXPECTATION_SCHEMA, expectation_table, fit_table
from tests.python.acceptance.bench import SHARED_DATA

CDNOW = SHARED_DATA / "cdnow"
SUMMARY = CDNOW / "cdnow_customers_summary_with_transactions.csv"
# Of the BG/NBD paper, in weeks.
PUBLISHED = PurchaseParameters(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4)


def simulated(customers: int, truth: PurchaseParameters, seed: int) -> np.ndarray:
    """Histories of customers who behave as the model says: frequency, recency, age; shape (3, customers)."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(20, 120, customers)
    rate, leaves = rng.gamma(truth.r, 1 / truth.alpha, customers), rng.beta(truth.a, truth.b, customers)
    frequency, recency, at = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        at = at + rng.exponential(1 / np.maximum(rate, 1e-12))
        alive &= at <= age
        frequency[alive] += 1
        recency[alive] = at[alive]
        alive &= rng.random(customers) >= leaves
    return np.stack([frequency, recency, age])


@pytest.mark.skipif(not SUMMARY.is_file(), reason=f"no CDNOW data in {CDNOW} (set KINDRED_SHARED_DATA)")
def test_parameters_of_cdnow_are_the_published_ones() -> None:
    columns = np.genfromtxt(SUMMARY, delimiter=",", names=True)
    frequency, recency, age, mean = (columns[name].astype(float) for name in ("x", "t_x", "T", "zbar"))
    purchases = fit_purchases(frequency, recency, age, np.ones(len(age)))
    assert purchases is not None
    fitted = [purchases.r, purchases.alpha, purchases.a, purchases.b]
    assert fitted == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1e-3)
    assert purchases.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    again = (frequency > 0) & (mean > 0)
    spend = fit_spend(frequency[again], mean[again], np.ones(int(again.sum())))
    assert spend is not None
    assert spend.p == pytest.approx(6.25, abs=5e-3)
    assert spend.q == pytest.approx(3.74, abs=5e-3)
    assert spend.v == pytest.approx(15.45, abs=5e-3)


def test_published_customer_is_scored_as_published() -> None:
    """The paper's example: two repeat purchases in 38.86 weeks, alive at 0.7266 (in SQL), 39 weeks to come; 1.226 expected."""
    expected = expected_purchases_if_alive(PUBLISHED, np.array([2.0]), np.array([38.86]), np.array([39.0]))
    assert 0.7266 * expected[0] == pytest.approx(1.226, abs=1e-3)


def test_fit_finds_the_truth_and_weights_count_customers() -> None:
    truth = PurchaseParameters(0.6, 8.0, 0.8, 2.5, np.nan)
    frequency, recency, age = simulated(12_000, truth, seed=1)
    fitted = fit_purchases(frequency, recency, age, np.ones(len(age)))
    assert fitted is not None
    assert fitted.r == pytest.approx(truth.r, rel=0.15)
    assert fitted.alpha == pytest.approx(truth.alpha, rel=0.15)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(truth.a / (truth.a + truth.b), rel=0.15)
    few = slice(0, 3_000)
    once = fit_purchases(
        np.repeat(frequency[few], 2), np.repeat(recency[few], 2), np.repeat(age[few], 2), np.ones(6_000)
    )
    counted = fit_purchases(frequency[few], recency[few], age[few], np.full(3_000, 2.0))
    assert once is not None
    assert counted is not None
    assert counted.r == pytest.approx(once.r, rel=1e-4)
    assert counted.b == pytest.approx(once.b, rel=1e-3)


def test_unit_of_time_changes_alpha_alone() -> None:
    frequency, recency, age = simulated(3_000, PurchaseParameters(0.6, 8.0, 0.8, 2.5, np.nan), seed=2)
    weeks = fit_purchases(frequency, recency, age, np.ones(len(age)))
    days = fit_purchases(frequency, recency * 7, age * 7, np.ones(len(age)))
    assert weeks is not None
    assert days is not None
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-4)
    assert days.a == pytest.approx(weeks.a, rel=1e-4)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - frequency.sum() * np.log(7), rel=1e-9)


def test_expected_purchases_agree_with_the_published_form() -> None:
    """Away from its gaps, where the untransformed series is exact."""
    from scipy.special import hyp2f1

    p = PUBLISHED
    x, age, t = np.array([1.0, 3.0, 8.0]), np.array([10.0, 38.0, 52.0]), np.array([5.0, 39.0, 80.0])
    series = hyp2f1(p.r + x, p.b + x, p.a + p.b + x - 1, t / (p.alpha + age + t))
    published = (p.a + p.b + x - 1) / (p.a - 1) * (1 - ((p.alpha + age) / (p.alpha + age + t)) ** (p.r + x) * series)
    assert expected_purchases_if_alive(p, x, age, t) == pytest.approx(published, rel=1e-9)


@pytest.mark.parametrize("a", [0.999999, 1.0, 1.000001, 0.2])
def test_expected_purchases_have_no_gaps(a: float) -> None:
    """At a = 1, at a + b = 1 and for very many purchases the closed form divides by zero or overflows."""
    p = PurchaseParameters(0.6, 8.0, a, 0.8, np.nan)
    near = PurchaseParameters(0.6, 8.0, a + 3e-5, 0.8, np.nan)
    frequency, age = np.array([0.0, 5.0, 900.0]), np.full(3, 300.0)
    expected = expected_purchases_if_alive(p, frequency, age, np.full(3, 100.0))
    assert np.isfinite(expected).all()
    assert (np.diff(expected) > 0).all()
    assert expected == pytest.approx(expected_purchases_if_alive(near, frequency, age, np.full(3, 100.0)), rel=1e-3)
    assert (expected < (p.r + frequency) / (p.alpha + age) * 100 + 1e-9).all(), "more than without anybody leaving"


def test_discount_takes_off_what_lies_ahead() -> None:
    frequency, age = np.array([0.0, 4.0]), np.array([20.0, 20.0])
    plain, same = discounted_purchases_if_alive(PUBLISHED, frequency, age, 52.0, 52.0, 0.0)
    assert same == pytest.approx(plain)
    _, less = discounted_purchases_if_alive(PUBLISHED, frequency, age, 52.0, 52.0, 0.1)
    assert (less < plain).all()
    assert (less > plain / 1.1).all()


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (([1.0], [9.0], [5.0]), "recency exceeds age"),
        (([0.0], [2.0], [5.0]), "recency without a repeat purchase"),
        (([-1.0], [0.0], [5.0]), "frequency is -1.0 in row 0"),
        (([1.0], [np.nan], [5.0]), "recency is nan in row 0"),
    ],
)
def test_impossible_histories_are_named(history: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(LifetimeDataError, match=message):
        fit_purchases(np.array(history[0]), np.array(history[1]), np.array(history[2]), np.ones(1))
    with pytest.raises(LifetimeDataError, match=r"mean_value is 0\.0 in row 0"):
        fit_spend(np.ones(1), np.zeros(1), np.ones(1))


def columns(scopes: list[str], rows: np.ndarray, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {"scope": np.array(scopes), **dict(zip(names, rows, strict=True))}


HISTORY = ("repeat_purchases", "recency_days", "age_days", "customer_count")
SPEND = ("repeat_purchases", "mean_repeat_value", "customer_count")


def test_too_little_data_gives_a_reason_and_no_numbers() -> None:
    histories = columns(["full"] * 2, np.array([[0, 1], [0, 9], [90, 90], [500, 99]], dtype=float), HISTORY)
    spend = columns(["full"], np.array([[1], [20], [99]], dtype=float), SPEND)
    fit = fit_table(histories, spend, minimum_customers=100)
    full, holdout = fit.to_pylist()
    assert full["repeat_customer_count"] == 99
    assert (
        "99 customers with repeat purchases, fewer than lifetime_value_minimum_repeat_customers (100)"
        in full["purchase_reason"]
    )
    assert holdout["customer_count"] == 0
    assert full["r"] is full["p"] is holdout["r"] is None
    arrays = {name: fit[name].to_numpy(zero_copy_only=False) for name in fit.column_names}
    assert expectation_table(arrays, histories, {"full": 365.0, "holdout": 90.0}, 0.1).schema == EXPECTATION_SCHEMA


def test_customers_who_are_all_alike_give_no_model_rather_than_nonsense() -> None:
    """Everybody buys once more after a day and then never: no spread of rates or of leaving to learn."""
    histories = columns(["full"], np.array([[1], [1], [400], [500]], dtype=float), HISTORY)
    spend = columns(["full"], np.array([[1], [20], [500]], dtype=float), SPEND)
    full = fit_table(histories, spend, minimum_customers=100).to_pylist()[0]
    for model, parameter in (("purchase_reason", "a"), ("spend_reason", "p")):
        assert (full[model] is None) == (full[parameter] is not None)
    assert full["p"] is None
    assert "no maximum" in full["spend_reason"]


def test_order_of_rows_changes_nothing() -> None:
    rows = np.round(simulated(2_000, PurchaseParameters(0.6, 8.0, 0.8, 2.5, np.nan), seed=3))
    rows = np.concatenate([rows, np.ones((1, rows.shape[1]))])
    valued = np.stack([rows[0], np.random.default_rng(4).gamma(3, 10, rows.shape[1]), rows[3]])[:, rows[0] > 0]
    shuffled = np.random.default_rng(5).permutation(rows.shape[1])
    spend = columns(["full"] * valued.shape[1], valued, SPEND)
    one = fit_table(columns(["full"] * rows.shape[1], rows, HISTORY), spend, 100)
    two = fit_table(columns(["full"] * rows.shape[1], rows[:, shuffled], HISTORY), spend, 100)
    assert one.equals(two)
    assert one["r"][0].as_py() is not None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("horizon", [30.0, 365.0])
def test_one_probability_of_leaving_for_all_spreads_the_rate_alone(horizon: float) -> None:
    """With a and b as large as a fit that found no difference between customers left them, without a word to the user."""
    share, rate_shape, days = 0.33, 2.9, 31.0
    frequency, age = np.array([0.0, 2.0, 7.0]), np.array([40.0, 30.0, 36.0])
    # Each purchase ends it with the same probability: purchases of a gamma rate, thinned.
    remaining = ((days + age) / (days + age + share * horizon)) ** (rate_shape + frequency)
    for size in (1e3, 2.4e5, 1e7):
        parameters = PurchaseParameters(rate_shape, days, share * size, (1 - share) * size, 0.0)
        expected = expected_purchases_if_alive(parameters, frequency, age, np.array(horizon))
        assert expected == pytest.approx((1 - remaining) / share, rel=0.02)


def test_customers_who_buy_at_one_rate_have_expectations() -> None:
    """A fit that runs off to one rate for everybody (r very large) expects what slightly differing rates expect."""
    frequency, age, horizon = np.array([0.0, 5.0, 40.0]), np.array([100.0, 300.0, 700.0]), np.array([365.0])
    wide, narrow = (PurchaseParameters(r, r * 190.0, 0.8, 2.4, 0.0) for r in (1e4, 1.5e5))
    expected = expected_purchases_if_alive(narrow, frequency, age, horizon)
    assert expected == pytest.approx(expected_purchases_if_alive(wide, frequency, age, horizon), rel=0.01)
    # By numerical integration over the chance of leaving.
    assert expected == pytest.approx([1.559936, 1.760992, 1.888196], rel=1e-4)
