"""Sales forecast: the model where it is better, the baseline where it is not, and honest reasons."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from python_udfs.insights.forecast import (
    SCHEMA,
    backtest,
    ets,
    forecast_table,
    regular,
    season_to_use,
    seasonal_naive,
    usable_season,
)


def noisy_weeks(days: int, seed: int) -> np.ndarray:
    """A weekly pattern with noise that the last week repeats in vain."""
    rng = np.random.default_rng(seed)
    return 100 + 30 * np.sin(np.arange(days) * 2 * np.pi / 7) + rng.normal(0, 15, days)


def sales(period: str, amounts: np.ndarray, currency: str = "EUR") -> dict[str, np.ndarray]:
    days = 7 if period == "week" else 1
    starts = np.datetime64("2025-01-06") + np.arange(len(amounts)) * days
    return {
        "period": np.full(len(amounts), period),
        "segment_name": np.full(len(amounts), "all customers"),
        "currency": np.full(len(amounts), currency),
        "period_start": starts,
        "sales_amount": amounts,
        "last_start": np.full(len(amounts), starts[-1]),
    }


def run(columns: dict[str, np.ndarray], **settings: float) -> tuple[list[dict], list[dict]]:
    rows = forecast_table(
        columns, {"day": 14, "week": 4}, int(settings.get("origins", 2)), settings.get("level", 0.8)
    ).to_pylist()
    return [row for row in rows if row["row_kind"] == "evaluation"], [
        row for row in rows if row["row_kind"] == "forecast"
    ]


def test_baseline_repeats_the_last_season() -> None:
    forecast = seasonal_naive(np.arange(21.0), 7, 10, 0.8)
    assert forecast.mean.tolist() == [14, 15, 16, 17, 18, 19, 20, 14, 15, 16]
    # Each season is 7 more than the one before; two seasons ahead it is the root of two as uncertain.
    reach = forecast.upper - forecast.mean
    assert reach[0] == pytest.approx(7 * 1.2816, rel=1e-3)
    assert reach[7] == pytest.approx(reach[0] * np.sqrt(2))


def test_model_beats_the_baseline_in_noise_and_is_published() -> None:
    (evaluation,), forecasts = run(sales("day", noisy_weeks(140, 1)))
    assert evaluation["method"] == "ets"
    assert evaluation["model_error"] < evaluation["baseline_error"]
    assert evaluation["backtest_count"] == 2
    assert 0.6 < evaluation["interval_coverage"] <= 1
    assert [row["step"] for row in forecasts] == list(range(1, 15))
    assert forecasts[0]["period_start"] == datetime.date(2025, 5, 26)
    assert all(row["lower_amount"] <= row["forecast_amount"] <= row["upper_amount"] for row in forecasts)


def test_baseline_is_published_where_the_model_does_not_beat_it() -> None:
    (evaluation,), forecasts = run(sales("day", np.tile([10.0, 20, 30, 40, 50, 60, 0], 20)))
    assert evaluation["baseline_error"] == 0
    assert evaluation["method"] == "seasonal_naive"
    assert [row["forecast_amount"] for row in forecasts[:7]] == [10, 20, 30, 40, 50, 60, 0]


def test_backtest_does_not_look_ahead() -> None:
    """Whatever comes after the last origin changes the errors only through what is compared, never the forecasts."""
    history = noisy_weeks(140, 2)
    changed = history.copy()
    changed[-14:] += 1_000
    one, two = backtest(history, 7, 14, 1, 0.8), backtest(changed, 7, 14, 1, 0.8)
    assert one is not None
    assert two is not None
    assert two.model_error == pytest.approx(1_000, abs=40)
    assert two.baseline_error == pytest.approx(1_000, abs=40)


@pytest.mark.parametrize(
    ("amounts", "method", "reason"),
    [
        (np.ones(5), None, "5 complete periods, fewer than 14"),
        (noisy_weeks(20, 3), "seasonal_naive", "too little or unchanging history"),
        (np.zeros(100), "seasonal_naive", "too little or unchanging history"),
    ],
)
def test_short_or_constant_history_gives_a_reason(amounts: np.ndarray, method: str | None, reason: str) -> None:
    (evaluation,), forecasts = run(sales("day", amounts))
    assert evaluation["method"] == method
    assert reason in evaluation["missing_reason"]
    assert bool(forecasts) == (method is not None)


def test_periods_without_sales_are_zero() -> None:
    starts = np.array(["2025-01-06", "2025-01-20"], dtype="datetime64[D]")
    assert regular(starts, np.array([5.0, 7.0]), np.datetime64("2025-01-27"), 7).tolist() == [5, 0, 7, 0]


def test_no_sales_no_rows_and_no_negative_amounts() -> None:
    empty = {name: column[:0] for name, column in sales("day", np.ones(1)).items()}
    assert forecast_table(empty, {"day": 14, "week": 4}, 2, 0.8).schema == SCHEMA
    falling = ets(np.maximum(100.0 - np.arange(60), 0) + np.tile([0, 1], 30), 1, 30, 0.8)
    assert falling is not None
    assert (falling.lower >= 0).all()


def test_a_year_counts_as_season_of_weeks_when_seen_twice() -> None:
    assert usable_season("week", 104) == 52
    assert usable_season("week", 103) == 1
    assert usable_season("day", 14) == 7


@pytest.mark.parametrize("days", [14, 17, 29, 30, 44, 56, 57, 58, 59, 100])
def test_a_shop_closed_on_sundays_is_forecast_so_from_its_second_week(days: int) -> None:
    """The week counts however short the history, whether the backtest has many origins, one or none."""
    weeks = np.tile([100.0, 110, 120, 130, 200, 250, 0], 16)[:days] + np.random.default_rng(days).normal(0, 1, days)
    (evaluation,), forecasts = run(sales("day", np.maximum(weeks, 0)), origins=3)
    assert evaluation["season_length"] == 7
    assert evaluation["backtest_count"] == min(3, max(0, (days - 16) // 14))
    amounts = {row["period_start"].weekday(): row["forecast_amount"] for row in forecasts}
    assert amounts[6] < 20
    assert amounts[5] > 200


@pytest.mark.parametrize(
    ("period", "history", "season"),
    [
        ("week", 103, 1),
        ("week", 111, 1),
        ("week", 127, 1),
        ("week", 128, 52),
        ("day", 14, 7),
        ("day", 43, 7),
        ("day", 99, 7),
    ],
)
def test_a_year_of_weeks_is_used_where_it_can_be_judged_as_often_as_wanted(
    period: str, history: int, season: int
) -> None:
    assert season_to_use(period, history, {"day": 28, "week": 8}[period], 3) == season


@pytest.mark.parametrize("history", [14, 15, 20, 21, 28, 29, 30, 31, 42, 43, 56, 57, 58])
@pytest.mark.parametrize("period", ["day", "week"])
def test_no_length_of_history_stops_the_build(period: str, history: int) -> None:
    amounts = np.random.default_rng(history).gamma(2, 50, history)
    (evaluation,), forecasts = run(sales(period, amounts), origins=3)
    assert len(forecasts) == {"day": 14, "week": 4}[period]
    assert (evaluation["missing_reason"] is None) == (evaluation["backtest_count"] > 0)


def test_order_of_rows_changes_nothing() -> None:
    columns = sales("day", noisy_weeks(80, 4))
    shuffled = np.random.default_rng(0).permutation(80)
    assert run(columns) == run({name: column[shuffled] for name, column in columns.items()})


def test_settings_that_make_no_sense_are_named() -> None:
    with pytest.raises(ValueError, match="sales_forecast_interval"):
        run(sales("day", np.ones(5)), level=1.0)
    with pytest.raises(ValueError, match="backtests"):
        run(sales("day", np.ones(5)), origins=0)


def test_segments_are_series_of_their_own() -> None:
    everybody, members = sales("day", noisy_weeks(60, 1)), sales("day", noisy_weeks(60, 1) / 10)
    members["segment_name"] = np.full(60, "vip")
    both = {name: np.concatenate([everybody[name], members[name]]) for name in everybody}
    evaluations, forecasts = run(both)
    assert [row["segment_name"] for row in evaluations] == ["all customers", "vip"]
    assert run(everybody)[1] == [row for row in forecasts if row["segment_name"] == "all customers"]
    assert max(row["forecast_amount"] for row in forecasts if row["segment_name"] == "vip") < 20
