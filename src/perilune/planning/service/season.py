"""Lines of a planning season's check-list: who does what by when, done or not."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db.models import Max

from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import SEASON_OVER
from perilune.planning.models import PlanTask
from perilune.planning.queries.choices import sharers
from perilune.planning.queries.plans import loaded_plan, require_seen_plan, require_whole_plan

LONGEST = 200
MOST_TASKS = 100
MISSING = _("There is no such line in the check-list (any more).")


def task_save(
    plan_id: int,
    task_id: int | None,
    title: str,
    *,
    owner: str,
    due: date | None,
    actor: str,
    scope: Scope,
) -> int:
    """Change a line of the check-list, or add one (task_id None); return its id.

    owner: a username, empty for nobody. Invalid without a title, for an owner who cannot open
    plans, and once the plan is published.
    """
    _open(plan_id, scope, actor)
    bare = " ".join(title.split())
    if not bare or len(bare) > LONGEST:
        problem = Problem(_("A line has between 1 and %(most)s characters."), {"most": LONGEST})
        raise Invalid(problem.message, (problem,), **problem.params)
    if owner and owner not in {person.username for person in sharers()}:
        problem = Problem(_("%(name)s cannot open annual plans."), {"name": owner}, field="owner")
        raise Invalid(problem.message, (problem,), **problem.params)
    tasks = PlanTask.objects.filter(plan_id=plan_id)
    if task_id is None:
        if tasks.count() >= MOST_TASKS:
            raise Invalid(_("A check-list has at most %(most)s lines."), most=MOST_TASKS)
        last = tasks.aggregate(last=Max("position"))["last"] or 0
        made = PlanTask.objects.create(
            plan_id=plan_id, position=last + 1, title=bare, owner=owner, due=due
        )
        return made.pk
    if not tasks.filter(id=task_id).update(title=bare, owner=owner, due=due):
        raise NotFound(MISSING)
    return task_id


def task_remove(plan_id: int, task_id: int, *, actor: str, scope: Scope) -> None:
    """Take a line out of the check-list."""
    _open(plan_id, scope, actor)
    count, _by = PlanTask.objects.filter(plan_id=plan_id, id=task_id).delete()
    if not count:
        raise NotFound(MISSING)


def task_done(plan_id: int, task_id: int, is_done: bool, *, actor: str, scope: Scope) -> None:
    """Tick a line of the check-list, or take the tick back; Invalid once the plan is published."""
    _open(plan_id, scope, actor, whole=False)
    chosen = PlanTask.objects.filter(plan_id=plan_id, id=task_id)
    now = datetime.now(UTC) if is_done else None
    if not chosen.update(done_by=actor if is_done else "", done_at=now):
        raise NotFound(MISSING)


def _open(plan_id: int, scope: Scope, actor: str, *, whole: bool = True) -> None:
    """Refuse to whoever does not see the plan (as a whole), and once its season is over."""
    found = loaded_plan(plan_id)
    (require_whole_plan if whole else require_seen_plan)(found, scope, actor)
    if found.head.state in SEASON_OVER:
        text = _("The season of “%(name)s” is over: its check-list is closed.")
        raise Invalid(text, name=found.head.name)
