"""What the engine is handed: the sums of each unit in each window, from a few named queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from perilune.crm.contracts import NO_DEAL_REASONS
from perilune.kernel.asof import AsOf, end_of_day, start_of_day
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By, Figure, Window
from perilune.metrics.engine import Context
from perilune.metrics.queries import accuracy
from perilune.metrics.queries.sight import may_name, sight, subjects, whole
from perilune.metrics.queries.targets import Quotas, Staff, Target, quotas_by_level, target
from perilune.people.contracts import Company
from perilune.store import queries as store

Key = str | None
Sums = dict[str, Any]

WINDOWS = ("now", "previous", "year")
ORGANISATION = (By.TOTAL, By.REGION, By.TEAM, By.REP)
PAST_PERIODS = 4


@dataclass(frozen=True)
class Ask:
    """One question: a window, the two to compare with, a cut, whose rows."""

    now: Window
    previous: Window
    year: Window
    by: By
    scope: Scope
    company: Company
    personal: Scope | None = None
    cohort: tuple[date, date] | None = None

    def window(self, name: str) -> Window:
        """Return the window of that name."""
        found: Window = getattr(self, name)
        return found

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the named queries."""
        now, previous, year = self.now, self.previous, self.year
        cohort = self.cohort or (now.period.start, now.period.end)
        # how long ago the youngest of this cohort was created: earlier ones are taken at that age
        age = max(now.as_of.day - min(cohort[1], now.as_of.day), timedelta())
        return sight(self.scope, self.by) | {
            "by": self.by.value,
            "starts": now.period.start,
            "ends": now.period.end,
            "until": now.until,
            "previous_starts": previous.period.start,
            "previous_until": previous.until,
            "year_starts": year.period.start,
            "year_until": year.until,
            "oldest": min(previous.period.start, year.period.start),
            "cohort_from": cohort[0],
            "cohort_to": cohort[1],
            "previous_aged": previous.until + age,
            "year_aged": year.until + age,
            "no_deal": list(NO_DEAL_REASONS),
            "starts_at": start_of_day(now.period.start, self.company.zone),
            "ends_at": end_of_day(now.period.end, self.company.zone),
        }


@dataclass
class Material:
    """Sums by unit: flows, cohorts and closings by window, the rest of the period itself."""

    flow: dict[tuple[Key, str], Sums] = field(default_factory=lambda: defaultdict(dict))
    cohort: dict[tuple[Key, str], Sums] = field(default_factory=lambda: defaultdict(dict))
    state: dict[Key, Sums] = field(default_factory=lambda: defaultdict(dict))
    closing: dict[tuple[Key, str], Sums] = field(default_factory=dict)
    people: dict[tuple[Key, str], Sums] = field(default_factory=dict)
    moves: dict[Key, Sums] = field(default_factory=dict)
    has_moves: bool = False
    quotas: dict[str, Quotas] = field(default_factory=dict)
    parents: dict[int, int | None] = field(default_factory=dict)
    seats: dict[int, int | None] = field(default_factory=dict)
    names: dict[tuple[str, int], str] = field(default_factory=dict)
    conversion: dict[Key, tuple[int, int, int]] = field(default_factory=dict)
    first_closed: date | None = None
    first_created: date | None = None
    calls: dict[tuple[Key, str], list[tuple[int, int]]] = field(default_factory=dict)
    models: dict[tuple[Key, str], tuple[int, int]] = field(default_factory=dict)
    counted: dict[tuple[str, str], dict[Key, Figure]] = field(default_factory=dict)
    version: int = 0

    @property
    def staff(self) -> Staff:
        """Who is where."""
        return Staff(self.parents, self.seats)

    def units(self, ask: Ask) -> list[Key]:
        """Return every unit that anything is known of and that the scope sees the whole of."""
        keys = {unit for unit, _window in (*self.flow, *self.cohort, *self.people)}
        keys |= set(self.state) | set(self.moves)
        return [key for key in keys if may_name(ask.scope, ask.by, key, self.parents)]


def window_over(period: Period, as_of: AsOf) -> Window:
    """Return a period as of an instant, with the number of its days that have passed."""
    until = min(period.end, as_of.day)
    return Window(period, as_of, max(0, (until - period.start).days + 1))


def shifted(now: Window, period: Period, company: Company) -> Window:
    """Return an earlier period at the same point: whole if this one is over, else as far in."""
    if now.is_over:
        return window_over(period, AsOf.end_of(period.end, company.zone))
    day = min(period.end, period.start + timedelta(days=max(now.days - 1, 0)))
    return window_over(period, AsOf.end_of(day, company.zone))


def read(
    ask: Ask, *, full: bool = True, with_moves: bool = False, with_closings: bool = True
) -> Material:
    """Read the sums of all units; full adds people, accuracy, conversion; with_moves versions."""
    material = Material()
    _figures(ask, material)
    if with_closings:
        _closings(ask, material)
    _first_days(ask, material)
    names_of(ask, material)
    _quotas(ask, material)
    if full:
        _people(ask, material)
        accuracy.read(ask, material)
    if ask.previous.period == ask.year.period:
        _year_is_previous(material)
    material.has_moves = with_moves
    if with_moves:
        if full:  # of earlier windows nobody asks what coverage was required
            _conversion(ask, material)
        for row in _run("metrics.moves", ask).dicts():
            material.moves[row["unit"]] = row
    return material


def _run(name: str, ask: Ask, **more: Any) -> Any:
    return store.run(name, ask.params | more, scope=whole(ask.scope), as_of=ask.now.as_of)


_TEXTS = {"unit", "closed_in", "created_in"}


def _figures(ask: Ask, material: Material) -> None:
    found = _run("metrics.figures", ask)
    material.version = found.version
    for row in found.dicts():
        unit = row["unit"]
        parts = [material.state[unit]]
        if row["closed_in"]:
            parts.append(material.flow[unit, row["closed_in"]])
        if row["created_in"]:
            parts.append(material.cohort[unit, row["created_in"]])
        for part in parts:
            _add(part, row)


def _add(part: Sums, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        if name == "people":
            part[name] = max(part.get(name, 0), value)
        elif name not in _TEXTS and value is not None:
            part[name] = part.get(name, 0) + value


def _closings(ask: Ask, material: Material) -> None:
    for row in _run("metrics.closings", ask).dicts():
        material.closing[row["unit"], row["closed_in"]] = row


def _people(ask: Ask, material: Material) -> None:
    if ask.by in ORGANISATION:
        for row in _run("metrics.capacity", ask).dicts():
            material.people[row["unit"], row["day_in"]] = row


def _year_is_previous(material: Material) -> None:
    """Of a year the period before is that of a year ago: what fell in it counts as both."""
    for part in (material.flow, material.cohort, material.closing, material.people):
        for unit, window in list(part):
            if window == "previous":
                part[unit, "year"] = part[unit, window]


def _first_days(ask: Ask, material: Material) -> None:
    # of the company, whoever asks: a new rep's silence before the first deal is not «no data»
    found = store.run("metrics.first_days", scope=Scope.company(), as_of=ask.now.as_of).rows
    material.first_closed, material.first_created = found[0] if found else (None, None)


def names_of(ask: Ask, material: Material) -> None:
    """Put who is where into the material: names, teams above, seats."""
    for row in _run("metrics.units", ask).dicts():
        material.names[row["kind"], row["id"]] = row["name"]
        if row["kind"] == "team":
            material.parents[row["id"]] = row["team_id"]
        else:
            material.seats[row["id"]] = row["team_id"]


def _quotas(ask: Ask, material: Material) -> None:
    if ask.by in ORGANISATION:
        material.quotas = quotas_by_level(_run("metrics.quotas", ask).dicts())


def quotas_between(ask: Ask, first: date, last: date) -> Material:
    """Return the material with nothing but names and the quotas that touch a span of days."""
    material = Material()
    names_of(ask, material)
    rows = _run("metrics.quotas", ask, oldest=first, ends=last).dicts()
    material.quotas = quotas_by_level(rows)
    return material


def _conversion(ask: Ask, material: Material) -> None:
    if ask.now.is_over or ask.now.days < 1:
        return
    calendar, period = ask.company.calendar, ask.now.period
    past = [calendar.shift(period, -back) for back in range(1, PAST_PERIODS + 1)]
    rows = _run(
        "metrics.past_conversion",
        ask,
        periods=[item.name for item in past],
        day_of_period=ask.now.days,
        oldest=past[-1].start,
        newest=past[0].end,
    ).dicts()
    for row in rows:
        known = material.conversion.get(row["unit"], (0, 0, 0))
        found = (row["open_value"], row["won_value"], row["n"])
        material.conversion[row["unit"]] = (
            known[0] + found[0], known[1] + found[1], known[2] + found[2],
        )  # fmt: skip


# -- contexts --------------------------------------------------------------------------------------


def context_of(ask: Ask, material: Material, unit: Key, name: str = "now") -> Context:
    """Return what the engine needs of one unit in one window."""
    window, is_now = ask.window(name), name == "now"
    first = material.first_closed
    cohort_end = ask.cohort[1] if ask.cohort and is_now else window.until
    created = material.first_created
    people = material.people.get((unit, name), {}) if ask.by in ORGANISATION else None
    goal = quota_for(ask, material, unit, window.period)
    return Context(
        flow=material.flow.get((unit, name), {}),
        cohort=material.cohort.get((unit, name), {}),
        state=material.state.get(unit, {}) if is_now else None,
        closing=material.closing.get((unit, name), {}),
        people=people,
        moves=material.moves.get(unit, {}) if is_now and material.has_moves else None,
        quota=goal.minor,
        quota_level=goal.level,
        unrated=goal.unrated,
        conversion=material.conversion.get(unit) if is_now else None,
        calls=material.calls.get((unit, name), ()),
        model=material.models.get((unit, name)),
        days=window.days,
        is_known=first is not None and window.period.end >= first,
        is_cohort_known=created is not None and cohort_end >= created,
        is_partly_known=first is not None and window.period.start < first <= window.period.end,
        may_name=_may_name(ask, unit),
    )


def _may_name(ask: Ask, unit: Key) -> bool:
    """Tell whether personal measures here concern only people whom one may see (rule 26)."""
    if ask.personal is None or ask.personal.owners is None:
        return False
    if ask.by is By.REP:
        return unit is not None and int(unit) in ask.personal.owners
    return ask.scope.owners is not None and ask.scope.owners <= ask.personal.owners


def quota_for(ask: Ask, material: Material, unit: Key, period: Period) -> Target:
    """Return a unit's target over a period: its own, else the sum of those below."""
    if ask.by not in ORGANISATION:
        return Target()
    whose = subjects(ask.scope, ask.by, unit)
    return target(material.quotas, whose, period, material.staff)
