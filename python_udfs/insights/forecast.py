"""Sales to come: exponential smoothing beside the seasonal-naive baseline, judged by rolling-origin backtests.

The model is ETS with additive error, damped additive trend and additive season (Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with
Exponential Smoothing") as implemented by statsmodels. The baseline repeats the last season. What is published is whichever had the
smaller error in the backtest.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

MODEL, BASELINE = "ets", "seasonal_naive"
# Days in a period, and the seasons that are tried, longest first; a season counts when the history holds it this often.
PERIOD_DAYS = {"day": 1, "week": 7}
SEASONS = {"day": (7, 1), "week": (52, 1)}
_SEASONS_NEEDED = 2
_LEAST_HISTORY = 14
# A backtest fits the model, whose starting values are computed from at least ten periods and a season; a week is the shortest season.
_LEAST_TRAINING = 16

SCHEMA = pa.schema(
    [
        ("row_kind", pa.string()),
        ("period", pa.string()),
        ("segment_name", pa.string()),
        ("currency", pa.string()),
        ("period_start", pa.date32()),
        ("step", pa.int64()),
        ("method", pa.string()),
        ("forecast_amount", pa.float64()),
        ("lower_amount", pa.float64()),
        ("upper_amount", pa.float64()),
        ("history_count", pa.int64()),
        ("season_length", pa.int64()),
        ("backtest_count", pa.int64()),
        ("model_error", pa.float64()),
        ("baseline_error", pa.float64()),
        ("interval_coverage", pa.float64()),
        ("missing_reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Forecast:
    """Amounts of the coming periods with an interval; arrays of shape (horizon,)."""

    mean: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Backtest:
    """Mean absolute errors over all origins and steps; coverage is the share of amounts inside the published method's interval."""

    count: int
    model_error: float
    baseline_error: float
    model_coverage: float
    baseline_coverage: float

    @property
    def is_model_better(self) -> bool:
        """Whether the model beats the baseline; a tie does not."""
        return self.model_error < self.baseline_error


def _not_negative(mean: Floats, lower: Floats, upper: Floats) -> Forecast:
    return Forecast(np.maximum(mean, 0.0), np.maximum(lower, 0.0), np.maximum(upper, 0.0))


def seasonal_naive(history: Floats, season: int, horizon: int, level: float) -> Forecast:
    """The last season again and again.

    The interval is normal with the standard deviation of the differences between seasons, times the root of the number of seasons
    ahead (Hyndman, Athanasopoulos, "Forecasting: Principles and Practice", 5.5).

    Args:
        history: amounts, at least one season, shape (n,).
        season: periods in a season; 1 repeats the last amount.
        horizon: periods ahead.
        level: probability of the interval, between 0 and 1.
    """
    steps = np.arange(horizon)
    mean = history[-season:][steps % season]
    changes = history[season:] - history[:-season]
    spread = float(np.sqrt(np.mean(changes**2))) if len(changes) else 0.0
    reach = NormalDist().inv_cdf((1 + level) / 2) * spread * np.sqrt(steps // season + 1)
    return _not_negative(mean, mean - reach, mean + reach)


def ets(history: Floats, season: int, horizon: int, level: float) -> Forecast | None:
    """Exponential smoothing; arguments as for seasonal_naive.

    Returns:
        The forecast, or None for a series that never changes or that the model cannot be fitted to.
    """
    # Slow to import, and not needed where there is nothing to forecast.
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    scale = float(np.abs(history).mean())
    if scale == 0 or float(history.std()) == 0:
        return None
    model = ETSModel(
        pd.Series(history / scale),
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add" if season > 1 else None,
        seasonal_periods=season if season > 1 else None,
        initialization_method="heuristic",
    )
    with warnings.catch_warnings():
        # A fit that stops early is judged by its error like any other.
        warnings.simplefilter("ignore")
        try:
            fitted = model.fit(disp=False)
            frame = fitted.get_prediction(len(history), len(history) + horizon - 1).summary_frame(alpha=1 - level)
        except np.linalg.LinAlgError:
            return None
    amounts = frame[["mean", "pi_lower", "pi_upper"]].to_numpy(dtype=np.float64).T * scale
    return _not_negative(*amounts) if np.isfinite(amounts).all() else None


def usable_season(period: str, history: int) -> int:
    """Longest season that the history holds often enough; 1 for none."""
    return next(season for season in SEASONS[period] if season == 1 or history >= _SEASONS_NEEDED * season)


def _can_be_judged(season: int, training: int) -> bool:
    """Whether so many periods before an origin are enough to forecast from it."""
    return training >= max(_LEAST_TRAINING, _SEASONS_NEEDED * season)


def season_to_use(period: str, history: int, horizon: int, origins: int) -> int:
    """Longest season that all origins can be judged with, else at least the last; where none can, the longest that the history holds."""
    for count in (origins, 1):
        for season in SEASONS[period]:
            if _can_be_judged(season, history - count * horizon):
                return season
    return usable_season(period, history)


def backtest(history: Floats, season: int, horizon: int, origins: int, level: float) -> Backtest | None:
    """Forecast the last periods of the history from earlier origins, without looking ahead.

    Args:
        history: amounts, shape (n,).
        season: periods in a season.
        horizon: periods forecast from each origin; origins are this far apart.
        origins: how often, at most.
        level: probability of the intervals.

    Returns:
        The errors, or None where no origin leaves enough history or the model fits none of them.
    """
    outcomes: list[tuple[Floats, Forecast, Forecast]] = []
    for origin in range(origins, 0, -1):
        cut = len(history) - origin * horizon
        if not _can_be_judged(season, cut):
            continue
        model = ets(history[:cut], season, horizon, level)
        if model is not None:
            outcomes.append(
                (history[cut : cut + horizon], model, seasonal_naive(history[:cut], season, horizon, level))
            )
    if not outcomes:
        return None

    def mean_over(values: list[npt.NDArray[np.generic]]) -> float:
        return float(np.mean(np.concatenate(values)))

    return Backtest(
        count=len(outcomes),
        model_error=mean_over([np.abs(actual - model.mean) for actual, model, _ in outcomes]),
        baseline_error=mean_over([np.abs(actual - naive.mean) for actual, _, naive in outcomes]),
        model_coverage=mean_over([(actual >= model.lower) & (actual <= model.upper) for actual, model, _ in outcomes]),
        baseline_coverage=mean_over(
            [(actual >= naive.lower) & (actual <= naive.upper) for actual, _, naive in outcomes]
        ),
    )


def regular(starts: Dates, amounts: Floats, last: np.datetime64, days: int) -> Floats:
    """Amounts of every period from the first to `last`; periods without sales are 0. `starts` are distinct, in days."""
    places = (starts - starts.min()).astype(np.int64) // days
    filled = np.zeros(int((last - starts.min()).astype(np.int64)) // days + 1)
    filled[places] = amounts
    return filled


def _series_rows(
    history: Floats, period: str, last: np.datetime64, horizon: int, origins: int, level: float
) -> list[dict[str, object]]:
    """Forecast and evaluation rows of one series, without its names."""
    evaluation: dict[str, object] = {"row_kind": "evaluation", "history_count": len(history), "backtest_count": 0}
    if len(history) < _LEAST_HISTORY:
        reason = f"{len(history)} complete periods, fewer than {_LEAST_HISTORY}: no forecast"
        return [{**evaluation, "missing_reason": reason}]
    season = season_to_use(period, len(history), horizon, origins)
    result = backtest(history, season, horizon, origins, level)
    model = ets(history, season, horizon, level) if result is not None and result.is_model_better else None
    method = BASELINE if model is None else MODEL
    chosen = seasonal_naive(history, season, horizon, level) if model is None else model
    evaluation.update(season_length=season, method=method)
    if result is None:
        evaluation["missing_reason"] = "too little or unchanging history for a backtest: the baseline is published"
    else:
        coverage = result.baseline_coverage if model is None else result.model_coverage
        evaluation.update(
            backtest_count=result.count,
            model_error=result.model_error,
            baseline_error=result.baseline_error,
            interval_coverage=coverage,
        )
    days = PERIOD_DAYS[period]
    return [evaluation] + [
        {
            "row_kind": "forecast",
            "period_start": (last + np.timedelta64(days * (step + 1), "D")).astype(object),
            "step": step + 1,
            "method": method,
            "forecast_amount": float(chosen.mean[step]),
            "lower_amount": float(chosen.lower[step]),
            "upper_amount": float(chosen.upper[step]),
        }
        for step in range(horizon)
    ]


def forecast_table(
    sales: dict[str, npt.NDArray[np.generic]], horizons: dict[str, int], origins: int, level: float
) -> pa.Table:
    """Forecast and judge every series.

    Args:
        sales: period ('day', 'week'), segment_name, currency, period_start, sales_amount, last_start
            (the last complete period of all); one row per series and period with sales.
        horizons: periods ahead, by period.
        origins: backtests per series.
        level: probability of the intervals.

    Returns:
        SCHEMA: one row of kind 'evaluation' per series, and one of kind 'forecast' per period ahead.

    Raises:
        ValueError: a setting that makes no sense.
    """
    if not 0 < level < 1:
        raise ValueError(f"sales_forecast_interval is {level}: it must lie between 0 and 1, such as 0.8")
    if min(horizons.values()) < 1 or origins < 1:
        raise ValueError(f"sales_forecast horizons {horizons} and backtests ({origins}) must be 1 or more")
    period, segment, currency = (sales[name].astype(str) for name in ("period", "segment_name", "currency"))
    start, last = sales["period_start"].astype("datetime64[D]"), sales["last_start"].astype("datetime64[D]")
    amount = sales["sales_amount"].astype(np.float64)
    rows: list[dict[str, object]] = []
    series = sorted(set(zip(period.tolist(), segment.tolist(), currency.tolist(), strict=True)))
    for one_period, one_segment, one_currency in series:
        here = (period == one_period) & (segment == one_segment) & (currency == one_currency)
        end = last[here][0]
        history = regular(start[here], amount[here], end, PERIOD_DAYS[one_period])
        found = _series_rows(history, one_period, end, horizons[one_period], origins, level)
        names = {"period": one_period, "segment_name": one_segment, "currency": one_currency}
        rows += [{**names, **row} for row in found]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
