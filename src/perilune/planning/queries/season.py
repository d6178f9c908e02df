"""The planning season: what is due for whom, what the data lack, which plans wait for whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Right
from perilune.people.queries import company, may_approve, reps_as_of
from perilune.planning.contracts import (
    OF_ACCOUNTS,
    SEASON_OVER,
    DueTask,
    Lack,
    Lacking,
    Level,
    PlanHead,
    PlanState,
    PlanTaskInfo,
    PlanView,
    Readiness,
    TaskState,
    task_state,
)
from perilune.planning.models import Plan, PlanTask
from perilune.planning.queries.plans import head_of, loaded_plan
from perilune.store import queries as store


def due_tasks(username: str, at: AsOf) -> list[DueTask]:
    """Return the lines of open plans that are somebody's and late or due within a week."""
    over = [state.value for state in SEASON_OVER]
    rows = PlanTask.objects.filter(owner=username, done_at=None, due__isnull=False)
    rows = rows.exclude(plan__state__in=over).select_related("plan").order_by("due", "id")
    found = []
    for row in rows:
        head, info = head_of(row.plan), task_info(row)
        state = task_state(info, head, at.day)
        if state in (TaskState.LATE, TaskState.SOON):
            found.append(DueTask(head, info, state))
    return found


def task_info(row: PlanTask) -> PlanTaskInfo:
    """Return a line of a check-list from its row."""
    return PlanTaskInfo(row.pk, row.title, row.owner, row.due, row.done_by, row.done_at)


def to_approve(actor: str, scope: Scope, rights: Collection[Right]) -> list[PlanHead]:
    """Return the submitted plans that somebody may approve: not their own (rule 27), seen whole."""
    if Right.PUBLISH_PLANS not in rights or scope.owners is not None or scope.aggregates_only:
        return []
    rows = Plan.objects.filter(state=PlanState.SUBMITTED.value).order_by("submitted_at", "id")
    return [head_of(row) for row in rows if may_approve(actor, (row.author, row.submitted_by))]


def sent_back(actor: str) -> list[PlanHead]:
    """Return the plans of an author that were sent back and wait for them."""
    rows = Plan.objects.filter(author=actor, state=PlanState.REJECTED.value).order_by("-id")
    return [head_of(row) for row in rows]


def readiness(view: PlanView, scope: Scope, at: AsOf) -> list[Readiness]:
    """Return how many accounts and reps lack what a plan stands on, of those that one sees."""
    params = {"first_day": _first_day(view, at)}
    row = store.run("planning.readiness", params, scope=scope, as_of=at).dicts()[0]
    found = [Readiness(lack, row[lack.value], row["accounts"]) for lack in OF_ACCOUNTS]
    sellers = _sellers(view)
    return found + [
        Readiness(lack, len(_lacking_reps(view, lack, at)), len(sellers))
        for lack in (Lack.START, Lack.QUOTA)
    ]


def lacking(view: PlanView, lack: Lack, scope: Scope, at: AsOf) -> list[Lacking]:
    """Return the records that lack something, by name; of accounts the first 500."""
    if lack not in OF_ACCOUNTS:
        return _lacking_reps(view, lack, at)
    params = {"first_day": _first_day(view, at), "cut": lack.value}
    rows = store.run("planning.unready_accounts", params, scope=scope, as_of=at).dicts()
    reps = reps_as_of(at)
    return [
        Lacking(
            "account",
            row["id"],
            row["name"] or "",
            (reps.get(row["owner_id"]) or {}).get("name", ""),
        )
        for row in rows
    ]


def own_quota(rep_id: int, at: AsOf) -> tuple[PlanHead, dict[int, int]] | None:
    """Return the plan in force on a day and the street quota of a rep in it by month (rule 28).

    None where no plan is in force, or the rep has no quota in it. Nothing else of the plan is told:
    neither over-assignment nor the quotas of others.
    """
    rows = Plan.objects.filter(state=PlanState.PUBLISHED.value, effective_from__lte=at.day)
    year = int(company().calendar.year_of(at.day).name)
    for row in rows.filter(year=year).order_by("-effective_from", "-id"):
        head = head_of(row)
        if not head.is_in_force:
            continue
        cells = loaded_plan(row.pk).content.cells
        unit = f"rep:{rep_id}"
        months = {
            place.month: cell.minor
            for place, cell in cells.items()
            if place.unit == unit and place.level is Level.STREET
        }
        return (head, dict(sorted(months.items()))) if months else None
    return None


def _sellers(view: PlanView) -> list[int]:
    rows = view.content.units.values()
    return [row.number for row in rows if row.kind == "rep" and row.number > 0]


def _lacking_reps(view: PlanView, lack: Lack, at: AsOf) -> list[Lacking]:
    reps = reps_as_of(at)
    if lack is Lack.START:
        without = [rep for rep in _sellers(view) if not (reps.get(rep) or {}).get("hire_date")]
    else:
        quota = view.content.years
        without = [rep for rep in _sellers(view) if (Level.STREET, f"rep:{rep}") not in quota]
    names = {rep: view.names.get(f"rep:{rep}", str(rep)) for rep in without}
    return [Lacking("rep", rep, names[rep]) for rep in sorted(without, key=lambda r: names[r])]


def _first_day(view: PlanView, at: AsOf) -> date:
    """Return the day on which territories must be in force: the plan's first, or today if later."""
    return max(company().calendar.year(view.head.year).start, at.day)
