"""The fiscal year of a plan: from which day it would hold, whose quotas count, who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from perilune.kernel.calendar import Grain, Period
from perilune.kernel.memo import remember
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import LEAVERS, YEAR_PLANS, YearPlan
from perilune.people.queries import company, reps_as_of
from perilune.store import queries as store
from perilune.territories.contracts import DraftHead, DraftView, Leaver, QuotaSource

LEVELS = ("operating", "street", "board")
"""The first level of which any rep has a quota counts, for every row."""


@dataclass(frozen=True)
class Quotas:
    """Quotas of reps for a fiscal year, minor units of the company's currency, and whose."""

    by_rep: Mapping[int, int] = field(default_factory=dict)
    source: QuotaSource | None = None


def proposed_day(scope: Scope, actor: str) -> date | None:
    """Return the first day of the next fiscal year where its annual plan exists; None otherwise.

    The same day for everybody, also for whoever may not see that plan.
    """
    here = company()
    day = here.calendar.find(here.today.day, Grain.YEAR).end + timedelta(days=1)
    return day if year_plan(day, scope, actor) is not None else None


def day_of(head: DraftHead, scope: Scope, actor: str) -> date:
    """Return the day from which a plan holds; without one the day that is proposed, else today."""
    return head.effective_from or proposed_day(scope, actor) or company().today.day


def period_of(head: DraftHead, scope: Scope, actor: str) -> Period:
    """Return the days of a plan: from its day, or from today on, to the end of the fiscal year."""
    day = day_of(head, scope, actor)
    year = company().calendar.find(day, Grain.YEAR)
    return Period(day, year.end, year.name, Grain.YEAR, year.fiscal_year)


def year_plan(day: date, scope: Scope, actor: str) -> YearPlan | None:
    """Return the annual plan of the fiscal year of a day, as the room of annual plans answers."""

    def asked() -> YearPlan | None:
        answers = (ask(day, scope, actor) for ask in YEAR_PLANS)
        return next((found for found in answers if found is not None), None)

    # the day, the quotas and the period of a page all hang on it
    return remember(("year plan", day, scope.digest(), actor), asked)


def quotas(head: DraftHead, scope: Scope, actor: str) -> Quotas:
    """Return the quotas of the fiscal year of a plan's day: those in force, else its annual plan's.

    Of reps that the scope sees; of whoever sees aggregates only those in force, to be summed.
    """
    day = day_of(head, scope, actor)
    year = company().calendar.find(day, Grain.YEAR)
    planned = year_plan(day, scope, actor)
    standing = _in_force(year, Scope.company() if scope.aggregates_only else scope)
    if standing:
        named = planned if planned is not None and planned.is_in_force else None
        return Quotas(
            standing, QuotaSource(year.name, named.name if named else "", is_in_force=True)
        )
    if planned is not None and planned.quotas:
        source = QuotaSource(year.name, planned.name, planned.is_in_force, planned.state)
        return Quotas(planned.quotas, source)
    return Quotas()


def _in_force(year: Period, scope: Scope) -> dict[int, int]:
    params = {"starts": year.start, "ends": year.end}
    rows = store.run(
        "people.quota_by_unit", params, scope=scope, as_of=company().today
    ).dicts()  # fmt: skip
    for level in LEVELS:
        chosen = {
            row["rep_id"]: int(row["amount"])
            for row in rows
            if row["level"] == level and row["rep_id"] is not None
        }
        if chosen:
            return chosen
    return {}


def leavers(view: DraftView, scope: Scope, actor: str) -> list[Leaver]:
    """Return the reps who have territories in a plan although they leave, the soonest first.

    By their last day on record, and by departures that were decided and are shown to the person
    (rule 24). from_start: they are gone on the plan's day already.
    """
    seated: dict[int, list[str]] = {}
    for row in view.rows:
        if row.rep_id:
            seated.setdefault(row.rep_id, []).append(row.name)
    last = last_days(sorted(seated), scope, actor)
    begins = day_of(view.head, scope, actor)
    names = reps_as_of(company().today)
    return [
        Leaver(rep, names.get(rep, {}).get("name") or "", tuple(seated[rep]), day, day < begins)
        for rep, day in sorted(last.items(), key=lambda item: (item[1], item[0]))
    ]


def last_days(reps: Sequence[int], scope: Scope, actor: str) -> dict[int, date]:
    """Return the last day of those of some reps who leave, as far as a person may know it."""
    found: dict[int, date] = {}

    def known(rep: int, day: date) -> None:
        found[rep] = min(found.get(rep, day), day)

    is_private = ("rep", "leave_date") in scope.hidden
    states = {} if is_private else reps_as_of(company().today)
    for rep in reps:
        day = states.get(rep, {}).get("leave_date")
        if day is not None and scope.sees(rep):
            known(rep, day if isinstance(day, date) else date.fromisoformat(day))
    for ask in LEAVERS:
        for rep, day in ask(scope, actor).items():
            if rep in reps:
                known(rep, day)
    return found
