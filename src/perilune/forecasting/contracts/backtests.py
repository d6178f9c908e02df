"""The rolling origin: what would have been forecast on past days, against what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Horizon(StrEnum):
    """Which window after an origin is forecast."""

    WEEKS_4 = "4w"
    WEEKS_13 = "13w"
    WEEKS_26 = "26w"
    WEEKS_52 = "52w"
    MONTH = "month-to-go"
    QUARTER = "quarter-to-go"
    YEAR = "year-to-go"


@dataclass(frozen=True)
class BacktestRow:
    """One forecast: amounts in minor units. unit: name of the unit; label: as people know it."""

    origin: date
    until: date
    unit: str
    label: str
    method: str
    actual: float
    p10: float
    p50: float
    p90: float
    mean: float
    crps: float


@dataclass(frozen=True)
class BacktestScore:
    """The pooled scores of one method over all origins and the units of one level."""

    level: str
    method: str
    n: int
    wape: float | None
    bias: float | None
    ncrps: float | None
    coverage80: float
    width80: float | None


@dataclass(frozen=True)
class BacktestResult:
    """Rows and the pooled table; left_out: origins whose window is not over or had no forecast."""

    horizon: Horizon
    currency: str
    scope_label: str
    rows: tuple[BacktestRow, ...]
    scores: tuple[BacktestScore, ...]
    left_out: int
