"""Measures by unit, beside the previous period and the year before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import COUNTERS
from perilune.metrics.contracts import (
    MEASURES,
    By,
    Compared,
    Figure,
    MeasureHistory,
    MeasureRow,
    Note,
    Window,
)
from perilune.metrics.engine import PART_DATA, exceeds_noise, figures_of
from perilune.metrics.queries import accuracy, counting
from perilune.metrics.queries.lists import won_by_month
from perilune.metrics.queries.material import (
    WINDOWS,
    Ask,
    Key,
    Material,
    context_of,
    names_of,
    quota_for,
    quotas_between,
    read,
    shifted,
    window_over,
)
from perilune.metrics.queries.sight import upwards
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company

UNASSIGNED = _("Unassigned")
UNKNOWN = _("Outside of your view")
WITHHELD = _("Withheld: figures about fewer than %(people)s people are not shown.")
STATES = (
    "open_value",
    "open_count",
    "open_in_period",
    "coverage",
    "slippage",
    "push_count",
    "pull_in_count",
)
"""Measures of what is open at an instant: earlier ones are asked again as of then."""


MOVES = ("slippage", "push_count", "pull_in_count")
"""Measures that compare versions of deals."""


def window_of(period: Period, as_of: AsOf) -> Window:
    """Return a period as of an instant."""
    return window_over(period, as_of)


def ask_for(
    as_of: AsOf,
    period: Period,
    by: By,
    scope: Scope,
    *,
    personal: Scope | None = None,
    cohort: tuple[date, date] | None = None,
    company: Company | None = None,
) -> Ask:
    """Return the question about a period, with the windows it is compared with."""
    company = company or current_company()
    if cohort and cohort[0] > cohort[1]:
        raise Invalid(_("The cohort ends before it begins."))
    now = window_over(period, as_of)
    calendar = company.calendar
    previous = shifted(now, calendar.shift(period, -1), company)
    year = shifted(now, calendar.year_ago(period), company)
    return Ask(now, previous, year, by, scope, company, personal, cohort)


def measure_rows(
    as_of: AsOf,
    period: Period,
    by: By,
    scope: Scope,
    *,
    personal: Scope | None = None,
    cohort: tuple[date, date] | None = None,
    measures: Iterable[str] = (),
) -> list[MeasureRow]:
    """Return measures of every unit, all of them unless named; the total alone for By.TOTAL.

    personal: whose personal measures may be named (`people.queries.personal_scope_for`); None names
    nobody. cohort: the window of creation for the cohort's win rate, by default the period.
    Money in minor units of the company's currency. Units come by name, unassigned last.
    """
    ask = ask_for(as_of, period, by, scope, personal=personal, cohort=cohort)
    wanted = tuple(measures) or tuple(MEASURES)
    material = _read(ask, wanted, ("now",))
    return [
        row
        for unit in _ordered(ask, material)
        for name, row in _rows(ask, material, unit).items()
        if name in wanted
    ]


def measure_with_history(
    as_of: AsOf,
    period: Period,
    by: By,
    scope: Scope,
    *,
    personal: Scope | None = None,
    cohort: tuple[date, date] | None = None,
    measures: Iterable[str] = (),
    with_states: bool = True,
) -> list[MeasureHistory]:
    """Return measures beside the previous period and the year before, and if they differ (rule 11).

    While the period runs, earlier ones are taken up to the same number of days. What was closed or
    created in them is told as known at the as-of; what was open (with_states) as known then.
    """
    ask = ask_for(as_of, period, by, scope, personal=personal, cohort=cohort)
    wanted = tuple(measures) or tuple(MEASURES)
    material = _read(ask, wanted, WINDOWS)
    before = {
        name: _as_known_then(ask, name, with_moves=_needs_moves(wanted))
        for name in ("previous", "year")
        if with_states and set(STATES) & set(wanted)
    }
    found = []
    for unit in _ordered(ask, material):
        rows = _rows(ask, material, unit)
        earlier = {
            name: _earlier(ask, material, unit, name, before.get(name, {}))
            for name in ("previous", "year")
        }
        for name in wanted:
            if name in rows:
                row = rows[name]
                found.append(
                    MeasureHistory(
                        row,
                        _compared(row, earlier["previous"].get(name)),
                        _compared(row, earlier["year"].get(name)),
                    )
                )
    return found


def _read(ask: Ask, wanted: Sequence[str], windows: Sequence[str]) -> Material:
    """Read what the wanted measures need: of a total that another room counts no deals."""
    if ask.by is By.TOTAL and all(name in COUNTERS for name in wanted):
        material = Material()
        names_of(ask, material)
    else:
        material = read(ask, with_moves=_needs_moves(wanted))
    counting.read(ask, material, wanted, windows)
    return material


def _needs_moves(wanted: Iterable[str]) -> bool:
    return bool({*MOVES, "required_coverage"} & set(wanted))


def accuracy_of(as_of: AsOf, period: Period, scope: Scope) -> list[MeasureRow]:
    """Return the forecast's measures of a finished period, of the total; empty while it runs."""
    ask = ask_for(as_of, period, By.TOTAL, scope)
    if not ask.now.is_over:
        return []
    days = won_by_month(as_of, period.start, period.end, scope)
    material = Material()
    names_of(ask, material)
    material.flow["total", "now"] = {"won_amount": sum(row["amount"] for row in days)}
    accuracy.read(ask, material, ("now",))
    rows = _rows(ask, material, "total")
    return [row for name, row in rows.items() if MEASURES[name].group == "forecast"]


def quotas_of(as_of: AsOf, periods: Sequence[Period], scope: Scope) -> list[int | None]:
    """Return the target of the total for each period, minor units; None where there is none."""
    if not periods:
        return []
    ask = ask_for(as_of, periods[-1], By.TOTAL, scope)
    material = quotas_between(ask, periods[0].start, periods[-1].end)
    return [quota_for(ask, material, "total", period).minor for period in periods]


# -- rows ------------------------------------------------------------------------------------------


def _ordered(ask: Ask, material: Material) -> list[Key]:
    if ask.by is By.TOTAL:
        return ["total"]
    return sorted(material.units(ask), key=lambda unit: _place(ask, material, unit))


def _place(ask: Ask, material: Material, unit: Key) -> tuple[bool, list[str]]:
    """Order units by name, teams under the team above them, what belongs to nobody last."""
    if unit is None or ask.by is not By.TEAM:
        return unit is None, [_label(ask, material, unit).lower()]
    path = list(upwards(int(unit), material.parents))
    return False, [material.names.get(("team", team), "").lower() for team in reversed(path)]


def _label(ask: Ask, material: Material, unit: Key) -> str:
    if ask.by is By.TOTAL:
        return ""
    if unit is None:
        return UNASSIGNED
    if ask.by in (By.SEGMENT, By.INDUSTRY):
        return unit
    kind = "rep" if ask.by is By.REP else "team"
    return material.names.get((kind, int(unit))) or UNKNOWN


def _unit_id(ask: Ask, unit: Key) -> int | str | None:
    if unit is None or ask.by is By.TOTAL:
        return None
    return unit if ask.by in (By.SEGMENT, By.INDUSTRY) else int(unit)


def _rows(ask: Ask, material: Material, unit: Key, window: str = "now") -> dict[str, MeasureRow]:
    figures: Mapping[str, Figure] = figures_of(context_of(ask, material, unit, window))
    figures = {**figures, **counting.figures(material, unit, window)}
    if _is_withheld(ask, material, unit):
        note = Note(WITHHELD, {"people": ask.scope.smallest_group})
        figures = dict.fromkeys(figures, Figure(None, 0, None, note))
    label, unit_id = _label(ask, material, unit), _unit_id(ask, unit)
    is_node = ask.by is By.TEAM and unit is not None
    depth = len(list(upwards(int(unit), material.parents))) - 1 if is_node and unit else 0
    return {
        name: _row((ask.by.value, unit_id, label), name, figure, depth)
        for name in MEASURES
        if (figure := figures.get(name)) is not None
    }


def _row(
    unit: tuple[str, int | str | None, str], name: str, figure: Figure, depth: int
) -> MeasureRow:
    return MeasureRow(
        *unit,
        name,
        figure.value,
        figure.n,
        None if MEASURES[name].is_fact else figure.interval,
        figure.note,
        noise=figure.interval,
        level=figure.level,
        depth=depth,
    )


def _is_withheld(ask: Ask, material: Material, unit: Key) -> bool:
    """Tell whether a group is too small for this person, or would give away the one that is.

    Among the teams of one team the rule is asked by itself: their figures sum to that one's.
    """
    smallest = ask.scope.smallest_group
    if smallest <= 1 or ask.by is By.TOTAL:
        return False
    above = _above(ask, material, unit)
    beside = [key for key in material.units(ask) if _above(ask, material, key) == above]
    sizes = {key: _people_in(ask, material, key) for key in beside}
    rest = _people_in(ask, material, above) - sum(sizes.values()) if above else 0
    small = [key for key, size in sizes.items() if size < smallest]
    hidden = len(small) + (0 < rest < smallest)  # whoever sits in the team above itself
    if hidden == 1 and len(sizes) > len(small):
        # the total less all others would be the one: the next smallest goes too
        others = sorted((size, str(key)) for key, size in sizes.items() if key not in small)
        return unit in small or str(unit) == others[0][1]
    return unit in small


def _above(ask: Ask, material: Material, unit: Key) -> Key:
    if ask.by is not By.TEAM or unit is None:
        return None
    parent = material.parents.get(int(unit))
    return None if parent is None else str(parent)


def _people_in(ask: Ask, material: Material, unit: Key) -> int:
    if ask.by is By.REP:
        return 1
    held = int(material.state.get(unit, {}).get("people") or 0)
    listed = int(material.people.get((unit, "now"), {}).get("listed") or 0)
    return max(held, listed)


# -- earlier windows -------------------------------------------------------------------------------


def _as_known_then(ask: Ask, name: str, *, with_moves: bool) -> dict[Key, dict[str, MeasureRow]]:
    window = ask.window(name)
    then = ask_for(
        window.as_of, window.period, ask.by, ask.scope, personal=ask.personal, company=ask.company
    )
    material = read(then, full=False, with_moves=with_moves, with_closings=False)
    if material.first_closed is None and material.first_created is None:
        return {}
    return {unit: _rows(then, material, unit) for unit in material.units(then)}


def _earlier(
    ask: Ask,
    material: Material,
    unit: Key,
    name: str,
    then: Mapping[Key, Mapping[str, MeasureRow]],
) -> dict[str, MeasureRow]:
    rows = _rows(ask, material, unit, name)
    states = then.get(unit, {})
    return rows | {state: states[state] for state in STATES if state in states}


def _compared(row: MeasureRow, before: MeasureRow | None) -> Compared:
    if before is None:
        return Compared(None)
    if before.note == PART_DATA:
        return Compared(before)
    differs = exceeds_noise(row.value, row.noise, before.value, before.noise)
    return Compared(before, differs)
