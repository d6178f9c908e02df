"""Carry an annual plan on: share, submit, approve, send back, publish for a day (rules 24, 27)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, is_self_approved
from perilune.planning.contracts import LoadedPlan, PlanEditKind, PlanState
from perilune.planning.engine.summing import checks
from perilune.planning.models import PlanComment, PlanTask
from perilune.planning.queries.choices import sharers
from perilune.planning.queries.plans import loaded_plan, require_seen_plan, unit_names
from perilune.planning.queries.words import unit_label
from perilune.planning.service.plan_building import APPROVED_TASK
from perilune.planning.service.plan_writing import (
    ChangingPlan,
    changing_plan,
    plan_name,
    settings_with,
)
from perilune.ui import formats

REASON = 3
LONGEST_COMMENT = 4000

_SUBMITTED = frozenset({PlanState.SUBMITTED})
_APPROVED = frozenset({PlanState.APPROVED})
_PUBLISHED = frozenset({PlanState.PUBLISHED})


def change_plan(
    plan_id: int,
    edition: int,
    *,
    actor: str,
    scope: Scope,
    name: str | None = None,
    shared_with: Sequence[str] | None = None,
) -> None:
    """Rename a plan, name who sees it."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        if name is not None:
            held.row.name = plan_name(name)
        if shared_with is not None:
            if actor != held.row.author:
                raise Refused(_("Only the author shares a plan."))
            held.row.settings = settings_with(held.row, shared_with=_able(shared_with, actor))
        held.note(PlanEditKind.SETTINGS)


def submit_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Hand a plan over for approval; it can be changed no more until it is sent back.

    Invalid, naming the amount, where a level does not sum to the cent.
    """
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        require_sums(held.found)
        held.row.state = PlanState.SUBMITTED.value
        held.row.submitted_by, held.row.submitted_at = actor, held.at
        held.row.checked_by, held.row.checked_at, held.row.reason = "", None, ""
        held.row.is_self_approved = False
        held.note(PlanEditKind.STATE)


def withdraw_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Take a submitted plan back into one's hands; Refused to all but its author and submitter."""
    with _carried(plan_id, edition, actor, scope, _SUBMITTED) as held:
        if actor not in (held.row.author, held.row.submitted_by):
            raise Refused(_("Only who made or submitted a plan withdraws it."))
        held.row.state = PlanState.DRAFT.value
        held.row.submitted_by, held.row.submitted_at = "", None
        held.note(PlanEditKind.STATE)


def approve_plan(
    plan_id: int, edition: int, *, actor: str, scope: Scope, at: datetime | None = None
) -> None:
    """Approve a plan that was submitted.

    Refused to whoever made or submitted it, unless the company is a small team and the pause is
    over: it is then marked self-approved (rule 27). at: the moment of approval; now if None.
    """
    with _carried(plan_id, edition, actor, scope, _SUBMITTED) as held:
        makers = (held.row.author, held.row.submitted_by)
        is_own = is_self_approved(actor, makers, held.row.submitted_at, at or held.at)
        held.row.state = PlanState.APPROVED.value
        held.row.checked_by, held.row.checked_at = actor, at or held.at
        held.row.is_self_approved = is_own
        held.note(PlanEditKind.STATE)
        _tick_approval(plan_id, actor, held.at)


def reject_plan(plan_id: int, edition: int, reason: str, *, actor: str, scope: Scope) -> None:
    """Send a plan back with a reason; its author goes on from there. Also takes approval back.

    The reason stays among the comments when the plan is submitted again.
    """
    if len(reason.strip()) < REASON:
        raise Invalid(_("Say why the plan is sent back."))
    with _carried(plan_id, edition, actor, scope, _SUBMITTED | _APPROVED) as held:
        held.row.state = PlanState.REJECTED.value
        held.row.checked_by, held.row.checked_at = actor, held.at
        held.row.reason = reason.strip()
        held.note(PlanEditKind.STATE)
        said = reason.strip()[:LONGEST_COMMENT]
        PlanComment.objects.create(plan_id=plan_id, actor=actor, at=held.at, text=said)
        _tick_approval(plan_id, "", None)


def publish_plan(
    plan_id: int, edition: int, effective_from: date, *, actor: str, scope: Scope
) -> None:
    """Say from which day on an approved plan is in force; until then nothing changes.

    Invalid for a day in the past or outside the plan's year.
    """
    with _carried(plan_id, edition, actor, scope, _APPROVED) as held:
        here = company()
        today, year = here.today.day, here.calendar.year(held.row.year)
        if effective_from < today:
            raise Invalid(
                _("%(day)s is in the past: a plan is in force from %(today)s on at the earliest."),
                day=effective_from.isoformat(), today=today.isoformat(),
            )  # fmt: skip
        if effective_from not in year:
            raise Invalid(
                _("The plan is of %(year)s: it is in force from a day between %(first)s and"
                  " %(last)s."),
                year=year.name, first=year.start.isoformat(), last=year.end.isoformat(),
            )  # fmt: skip
        require_sums(held.found)
        held.row.state = PlanState.PUBLISHED.value
        held.row.effective_from = effective_from
        held.row.published_by, held.row.published_at = actor, held.at
        held.note(PlanEditKind.STATE)


def unpublish_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Take the day of a plan back that is not in force yet; it stays approved."""
    with _carried(plan_id, edition, actor, scope, _PUBLISHED) as held:
        if held.found.head.is_in_force:
            raise Invalid(_("“%(name)s” is in force: take back what it wrote."), name=held.row.name)
        held.row.state, held.row.effective_from = PlanState.APPROVED.value, None
        held.row.published_by, held.row.published_at = "", None
        held.note(PlanEditKind.STATE)


def archive_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Put a plan away that was not published."""
    states = frozenset(PlanState) - {
        PlanState.PUBLISHED, PlanState.SUPERSEDED, PlanState.ARCHIVED,
    }  # fmt: skip
    with _carried(plan_id, edition, actor, scope, states) as held:
        held.row.state = PlanState.ARCHIVED.value
        held.note(PlanEditKind.STATE)


def comment_plan(plan_id: int, text: str, *, actor: str, scope: Scope, unit: str = "") -> int:
    """Say something of a plan or of one of its units; return the comment's id."""
    found = loaded_plan(plan_id)
    seen = require_seen_plan(found, scope, actor)
    if unit and unit not in seen:
        raise NotFound(_("This plan has no unit “%(unit)s”."), unit=unit)
    bare = text.strip()
    if not bare or len(bare) > LONGEST_COMMENT:
        raise Invalid(_("A comment has between 1 and %(most)s characters."), most=LONGEST_COMMENT)
    made = PlanComment.objects.create(
        plan_id=plan_id, actor=actor, at=datetime.now(UTC), text=bare, unit=unit
    )
    return made.pk


def require_sums(found: LoadedPlan) -> None:
    """Refuse a plan that does not sum to the cent, naming how many sums and the largest gap."""
    months = len(company().calendar.months(found.head.year))
    proof = checks(found.content, months)
    wrong = [check for check in proof if check.difference]
    if not proof:
        raise Invalid(_("“%(name)s” has no targets and quotas yet."), name=found.head.name)
    if wrong:
        worst = max(wrong, key=lambda check: abs(check.difference))
        raise Invalid(
            _("%(count)s sums of the plan do not hold; the largest gap is %(amount)s,"
              " of “%(unit)s” in month %(month)s: reconcile first."),
            count=len(wrong), month=worst.month,
            amount=formats.money(worst.difference, found.head.currency),
            unit=unit_label(worst.unit, unit_names(found.content)),
        )  # fmt: skip


def _tick_approval(plan_id: int, by: str, at: datetime | None) -> None:
    """Tick the line «plan approved» of the check-list, or take the tick back."""
    lines = PlanTask.objects.filter(plan_id=plan_id, title=APPROVED_TASK)
    lines.update(done_by=by, done_at=at)


def _carried(
    plan_id: int, edition: int, actor: str, scope: Scope, states: frozenset[PlanState]
) -> AbstractContextManager[ChangingPlan]:
    return changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True, states=states)


def _able(usernames: Sequence[str], actor: str) -> list[str]:
    able = {person.username for person in sharers()}
    for username in usernames:
        if username not in able:
            problem = Problem(
                _("%(name)s cannot open annual plans."), {"name": username}, field="people"
            )
            raise Invalid(problem.message, (problem,), **problem.params)
    return sorted(set(usernames) - {actor})
