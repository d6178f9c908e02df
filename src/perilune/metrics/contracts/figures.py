"""What crosses the border of metrics: measures as data, rows of figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import Tally


class By(StrEnum):
    """What figures are cut by."""

    TOTAL = "total"
    REGION = "region"
    TEAM = "team"
    REP = "rep"
    SEGMENT = "segment"
    INDUSTRY = "industry"


BY_LABELS: dict[By, str] = {
    By.TOTAL: _("Total"),
    By.REGION: _("Region"),
    By.TEAM: _("Team"),
    By.REP: _("Rep"),
    By.SEGMENT: _("Segment"),
    By.INDUSTRY: _("Industry"),
}


class Behind(StrEnum):
    """What the rows of a drill-down are to their figure."""

    CASES = "cases"  # exactly the cases that it counts
    NUMERATOR = "numerator"  # what is divided: the cases are people


class Unit(StrEnum):
    """What a figure counts."""

    MONEY = "money"  # integer minor units of the company's currency
    COUNT = "count"
    RATIO = "ratio"  # 0.614
    TIMES = "times"  # 3.2 times
    DAYS = "days"
    HOURS = "hours"


Interval = tuple[float, float]


@dataclass(frozen=True)
class Note:
    """A sentence beside a figure: an English msgid with named placeholders and their values.

    plural: its form for several, of a sentence that counts; `params["count"]` chooses.
    """

    message: str
    params: Mapping[str, int | str] = field(default_factory=dict)
    plural: str = ""

    def said(self, one: Callable[[str], str], many: Callable[[str, str, int], str]) -> str:
        """Return the sentence in the language of the functions, `gettext` and `ngettext`."""
        if self.plural:
            return many(self.message, self.plural, int(self.params["count"])) % self.params
        return one(self.message) % self.params


@dataclass(frozen=True)
class Measure:
    """A measure as data: page, command line and file show the same figure.

    query: the named SQL it comes from. rows: which deals stand behind it (`queries.drill_down`).
    counts: which of them are in the numerator. behind: whether the rows are its cases.
    better: «higher», «lower» or «» where neither is.
    is_fact: counted or summed, not estimated: it has no interval; only its changes may be noise.
    """

    name: str
    label: str
    unit: Unit
    definition: str
    denominator: str
    owner: str
    query: str
    better: str = "higher"
    rows: str = ""
    group: str = "results"
    counts: str = ""
    behind: Behind = Behind.CASES
    is_fact: bool = False


@dataclass(frozen=True)
class Figure:
    """One computed number. value: None is unknown; interval: 95 %, in the value's unit.

    level: of what rests on a target, which of the named levels that is (rule 29).
    """

    value: float | int | None
    n: int = 0
    interval: Interval | None = None
    note: Note | None = None
    level: str = ""


@dataclass(frozen=True)
class MeasureRow:
    """The figure of one unit.

    unit: «total», «rep», «team», «region», «segment», «industry»; unit_id: the record's id, the
    segment's name, None for the total and for what belongs to nobody. label: the unit's name.
    value: money in minor units, ratios 0 to 1; None is unknown or withheld, and the note says why.
    n: the number of cases that it stands on. interval: 95 %, of estimates; a counted fact has none.
    noise: the 95 % band in which chance alone would move the value, for changes alone.
    level: which level of target it rests on, «» where on none. depth: place in the tree of teams.
    """

    unit: str
    unit_id: int | str | None
    label: str
    measure: str
    value: float | int | None
    n: int = 0
    interval: Interval | None = None
    note: Note | None = None
    noise: Interval | None = None
    level: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Compared:
    """The figure of an earlier period; exceeds_noise None: that cannot be said (rule 11)."""

    row: MeasureRow | None
    exceeds_noise: bool | None = None


@dataclass(frozen=True)
class MeasureHistory:
    """A figure, the previous period's and the same period's of the year before."""

    row: MeasureRow
    previous: Compared
    year_ago: Compared


@dataclass(frozen=True)
class Window:
    """A period as of an instant; `days` of it have passed (both ends included, at least one)."""

    period: Period
    as_of: AsOf
    days: int

    @property
    def until(self) -> date:
        """The last day of the period that has passed."""
        return min(self.period.end, self.as_of.day)

    @property
    def is_over(self) -> bool:
        """Whether the period has ended."""
        return self.as_of.day >= self.period.end


@dataclass(frozen=True)
class Drill:
    """What stands behind a number: rows (deals) with their columns, how many there are in all.

    total: cases, whoever asks. counted: those of them in the numerator. outside, outside_value:
    cases that lie outside of the reader's view and what they come to, minor units; they are in the
    number and not in the rows.
    parts: what a figure that a room above counts is made of, named in the reader's language.
    stopped: why rows are withheld. sql: the statement, with its parameters filled in.
    """

    measure: Measure
    row: MeasureRow
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    sql: str
    as_of: AsOf
    scope_label: str
    store_version: int
    stopped: str = ""
    counted: int = 0
    parts: tuple[tuple[str, Tally], ...] = ()
    outside: int = 0
    outside_value: int = 0
