"""The pack: what a meeting needs on one page, for one person's scope, as of one day.

`build` gathers the figures from the same queries as the pages; `pack_words` writes them in a
language; page, mail and PDF show those words and compute nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from perilune.forecasting.contracts import Bridge, ForecastResult
from perilune.forecasting.queries import card, week_bridge
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import NotFound
from perilune.kernel.memo import remembering
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By, MeasureHistory
from perilune.metrics.queries import measure_with_history
from perilune.people.contracts import Company
from perilune.people.queries import company, personal_scope_for, scope_for, user_named
from perilune.site import pack_meeting, risks
from perilune.site.pack_meeting import Meeting
from perilune.site.risks import RiskDeal

HEADLINES = (
    "won_amount", "target", "attainment", "bookings_per_fte", "bookings_per_listed_rep",
    "bookings_per_active_rep", "cycle_first_contact", "cycle_creation", "win_rate_closed",
    "selling_time", "selling_time_coverage", "open_value", "coverage",
)  # fmt: skip
"""Measures of the period, in their order; which of the alternatives is shown, `_headlines` says."""
ACCURACY = ("forecast_accuracy_call", "forecast_error_call", "forecast_accuracy_model")
"""Measures of the period before, since the one under way has not come due."""
GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
RISKS = 10


@dataclass(frozen=True)
class Outlook:
    """The range of a period beside its target (minor units, None where there is none)."""

    result: ForecastResult
    target: int | None

    @property
    def period(self) -> Period:
        """The period."""
        return self.result.request.period


@dataclass(frozen=True)
class Pack:
    """The figures of one pack. since: the start of «what changed».

    is_any_date: no open deal has an expected close date, so all open deals count in `changes`.
    """

    company: Company
    reader: str
    scope: Scope
    as_of: AsOf
    period: Period
    outlooks: tuple[Outlook, ...]
    measures: tuple[MeasureHistory, ...]
    accuracy_period: Period
    accuracy: tuple[MeasureHistory, ...]
    changes: Bridge
    deals: tuple[RiskDeal, ...]
    meeting: Meeting

    @property
    def outlook(self) -> Outlook:
        """The range of the pack's own period."""
        return next(item for item in self.outlooks if item.period == self.period)


@remembering()
def build(username: str, *, as_of: AsOf | None = None, period: str = "") -> Pack:
    """Return somebody's pack under their own scope; the quarter under way unless one is named."""
    user = user_named(username)
    if user is None:
        raise NotFound("There is no user named %(name)s.", name=username)
    home = company()
    at = as_of or home.today
    scope = scope_for(user, at)
    calendar = home.calendar
    about = calendar.parse(period) if period else calendar.find(at.day, Grain.QUARTER)
    personal = personal_scope_for(user)
    spans = {calendar.find(at.day, grain).name: calendar.find(at.day, grain) for grain in GRAINS}
    spans[about.name] = about
    found = measure_with_history(at, about, By.TOTAL, scope, personal=personal, measures=HEADLINES)
    before = calendar.shift(about, -1)
    accuracy = measure_with_history(
        at, before, By.TOTAL, scope, personal=personal, measures=ACCURACY, with_states=False
    )
    return Pack(
        company=home,
        reader=str(user),
        scope=scope,
        as_of=at,
        period=about,
        outlooks=tuple(
            Outlook(
                card(span, at, scope),
                _goal(found if span == about else _targets(at, span, scope)),
            )
            for span in spans.values()
        ),
        measures=_headlines(found),
        accuracy_period=before,
        accuracy=tuple(item for item in accuracy if item.row.value is not None),
        changes=week_bridge(at, about, scope),
        deals=tuple(risks.top(at, scope, RISKS)),
        meeting=pack_meeting.build(username, about, before, at, scope),
    )


def _targets(at: AsOf, period: Period, scope: Scope) -> list[MeasureHistory]:
    return measure_with_history(
        at, period, By.TOTAL, scope, measures=("target",), with_states=False
    )


def _goal(found: list[MeasureHistory]) -> int | None:
    value = next((item.row.value for item in found if item.row.measure == "target"), None)
    return None if value is None else int(value)


def _headlines(found: list[MeasureHistory]) -> tuple[MeasureHistory, ...]:
    by_name = {item.row.measure: item for item in found}
    left_out = _unwanted(by_name)
    return tuple(by_name[name] for name in HEADLINES if name in by_name and name not in left_out)


def _unwanted(by_name: dict[str, MeasureHistory]) -> set[str]:
    """Return the alternatives that another measure makes needless (rules 12 and 15)."""
    left_out: set[str] = set()
    if _value(by_name, "bookings_per_fte") is not None:
        left_out |= {"bookings_per_listed_rep", "bookings_per_active_rep"}
    elif "bookings_per_listed_rep" in by_name:
        left_out.add("bookings_per_fte")
    cycle = by_name.get("cycle_first_contact")
    if cycle is not None and cycle.row.value is not None and cycle.row.note is None:
        left_out.add("cycle_creation")
    elif _value(by_name, "cycle_first_contact") is None:
        left_out.add("cycle_first_contact")
    if _value(by_name, "selling_time") is None:
        left_out |= {"selling_time", "selling_time_coverage"}
    return left_out


def _value(by_name: dict[str, MeasureHistory], name: str) -> float | int | None:
    return by_name[name].row.value if name in by_name else None
