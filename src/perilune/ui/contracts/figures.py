"""Numbers on a page: how they are written, and the components that show one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perilune.ui.contracts.listing import Table


class Format(StrEnum):
    """How a value is written in the reader's language."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"  # int or float
    MONEY = "money"  # integer minor units
    UNIT_PRICE = "unit_price"  # integer 1/10,000 of the major unit
    PERCENT = "percent"  # a ratio: 0.614 is 61.4 %
    POINTS = "points"  # a difference of ratios: 0.021 is 2.1 points
    DAYS = "days"
    DATE = "date"
    INSTANT = "instant"  # aware datetime
    BOOLEAN = "boolean"

    @property
    def is_number(self) -> bool:
        """Numbers are aligned right and may be totalled."""
        return self not in _WORDS


_WORDS = {
    Format.TEXT,
    Format.LONG_TEXT,
    Format.DATE,
    Format.INSTANT,
    Format.BOOLEAN,
}


class Tone(StrEnum):
    """What a colour means; a shape or a word always says it too."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WATCH = "watch"
    ACT = "act"
    MACHINE = "machine"


@dataclass(frozen=True)
class Status:
    """A word with a tone: «on track», «thin history», «machine-made»."""

    label: str
    tone: Tone = Tone.NEUTRAL
    hint: str = ""


@dataclass(frozen=True)
class Sparkline:
    """The course of a number, oldest first; None leaves a gap. `label` says it in words."""

    values: Sequence[float | None]
    label: str
    target: float | None = None


@dataclass(frozen=True)
class Change:
    """How far a number moved from a named base.

    value: in the unit of `format` (money in minor units, ratios 0 to 1).
    base: what it is compared with, by name: «vs 2026-Q2».
    is_noise: the change does not exceed noise, and the tile says so; None: that cannot be said, and
        the change has no colour and no weight either.
    """

    value: float
    base: str = ""
    format: Format = Format.PERCENT
    is_noise: bool | None = False


@dataclass(frozen=True)
class Kpi:
    """One number that answers for itself.

    value: in the unit of `format` (money in minor units, ratios 0 to 1); None is unknown.
    changes: a line each, such as against the period before and the year before.
    is_rise_good: True or False colour the changes; None leaves them neutral.
    detail: a short line more such as «1 257 deals».
    """

    label: str
    value: float | int | str | None
    format: Format = Format.NUMBER
    currency: str = ""
    decimals: int | None = None
    unit: str = ""
    changes: Sequence[Change] = ()
    is_rise_good: bool | None = True
    detail: str = ""
    as_of: datetime | None = None
    spark: Sparkline | None = None
    why_url: str = ""
    url: str = ""
    status: Status | None = None
    is_loading: bool = False


@dataclass(frozen=True)
class TrackRecord:
    """How a forecast did on this company's data (rules 17 to 20).

    points: back-tested forecasts; windows: of them, the non-overlapping ones. wape, bias: ratios.
    coverage: the share of outcomes inside the range, that should be `aim`.
    hits: oldest first, whether each outcome fell inside.
    """

    points: int
    windows: int
    wape: float | None = None
    bias: float | None = None
    coverage: float | None = None
    aim: float = 0.8
    hits: Sequence[bool] = ()
    url: str = ""


@dataclass(frozen=True)
class RangeBar:
    """Pessimistic, realistic, optimistic, on top of what is won, beside target and call (rule 22).

    Amounts in the unit of `format`, all on one scale from zero. Without p50 the bar shows
    what is won and the status says why there is no range.
    top: an amount that the scale reaches at least: bars below each other then share one.
    """

    label: str
    p10: float | None
    p50: float | None
    p90: float | None
    won: float | None = None
    target: float | None = None
    call: float | None = None
    format: Format = Format.MONEY
    currency: str = ""
    status: Status | None = None
    track: TrackRecord | None = None
    why_url: str = ""
    top: float | None = None


@dataclass(frozen=True)
class Chart:
    """An ECharts chart.

    options: plain ECharts options; a colour may be a token: «token:won», «token:cat-1».
    title, sentence: what it shows and what it finds, for those who do not see it.
    format, currency: how the value axis and the tooltip write numbers.
    table: the same figures as a table, offered below the chart.
    height: «small» 160, «medium» 240, «large» 360 px.
    """

    name: str
    title: str
    options: Mapping[str, Any]
    sentence: str = ""
    format: Format = Format.NUMBER
    currency: str = ""
    height: str = "medium"
    table: Table | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    """Address by category name: a click on a bar goes there."""
