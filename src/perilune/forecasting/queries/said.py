"""Every figure that was submitted of a period, with the one before it; who is in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from perilune.forecasting.contracts import Rollup, Terms, UnitKey
from perilune.forecasting.queries.hierarchy import Organisation, organisation
from perilune.forecasting.queries.overrides import spoken_for, unit_of
from perilune.forecasting.queries.submitted import CALL, submissions
from perilune.forecasting.queries.tree import until_of
from perilune.kernel.scope import Scope


@dataclass(frozen=True)
class Said:
    """One submitted figure: of whom, when, by whom, from what to what; minor units.

    before: what the same unit said before of the same category. is_late: None where no deadline
    was set.
    """

    id: int
    unit: UnitKey
    category: str
    made_on: date
    known_at: datetime | None
    author: str
    amount: int
    before: int | None
    suggested: int | None
    due_on: date | None
    is_late: bool | None


@dataclass(frozen=True)
class Timely:
    """Whether a unit has answered the last deadline: «in_time», «late», «missing»."""

    unit: UnitKey
    state: str
    last: date | None


def call_history(rolled: Rollup) -> list[Said]:
    """Return the figures of the units that a roll-up shows whole, the latest first."""
    shown = {spoken_for(row.node, rolled) for row in rolled.rows}
    before: dict[tuple[UnitKey, str], int] = {}
    found = []
    rows = submissions(rolled.period, rolled.as_of, Scope.company())
    for row in sorted(rows, key=lambda each: (each["made_on"] or date.min, each["id"])):
        unit, category = unit_of(row), row["category"] or CALL
        if unit not in shown or (row["currency"] or rolled.currency) != rolled.currency:
            continue
        found.append(
            Said(
                id=row["id"],
                unit=unit,
                category=category,
                made_on=row["made_on"],
                known_at=row["known_at"],
                author=row["author"] or "",
                amount=row["amount"],
                before=before.get((unit, category)),
                suggested=row["suggested"],
                due_on=row["due_on"],
                is_late=row["is_late"],
            )
        )
        before[unit, category] = row["amount"]
    return found[::-1]


def timely(rolled: Rollup, said: list[Said], terms: Terms) -> list[Timely]:
    """Return who has answered the last deadline that passed; nothing before the first one.

    Asked are who sells now and who leads a team: no leaver, no manager for a deal of their own.
    """
    passed = [due for due in terms.due if due <= rolled.as_of.day]
    if not passed:
        return []
    opened = passed[-2] if len(passed) > 1 else date.min
    people = organisation(rolled.as_of, until_of(rolled.period, rolled.as_of))
    found = []
    for row in rolled.rows:
        unit = spoken_for(row.node, rolled)
        if unit is None or row.node.level == 0 or not _is_asked(unit, people):
            continue
        days = [each.made_on for each in said if each.unit == unit]
        last = max(days, default=None)
        if any(opened < day <= passed[-1] for day in days):
            state = "in_time"
        else:
            state = "late" if last is not None and last > passed[-1] else "missing"
        found.append(Timely(unit, state, last))
    return found


def _is_asked(unit: UnitKey, people: Organisation) -> bool:
    kind, id_ = unit
    return id_ in people.seats if kind == "rep" else bool(people.people_of(unit))
