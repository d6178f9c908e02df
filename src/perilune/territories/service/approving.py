"""Submit a plan, withdraw it, approve it or send it back, publish it for a day (rule 27)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, is_self_approved, reps_as_of
from perilune.territories.contracts import DraftState, EditKind, Loaded
from perilune.territories.queries.loading import names_of
from perilune.territories.service.writing import changing

REASON = 3

_REVIEW = frozenset({DraftState.REVIEW})
_APPROVED = frozenset({DraftState.APPROVED})


def submit(draft_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Hand a draft over for approval; it can be changed no more until it is sent back.

    Invalid, naming the territory, where one that holds accounts has no seat.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        _require_seats(held.found)
        held.row.state = DraftState.REVIEW.value
        held.row.submitted_by, held.row.submitted_at = actor, held.at
        held.row.checked_by, held.row.checked_at, held.row.reason = "", None, ""
        held.row.is_self_approved = False
        held.note(EditKind.STATE)


def withdraw(draft_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Take a submitted plan back into one's hands; Refused to all but its author and submitter."""
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True, states=_REVIEW) as held:
        if actor not in (held.row.author, held.row.submitted_by):
            raise Refused(_("Only who made or submitted a plan withdraws it."))
        held.row.state = DraftState.PLANNING.value
        held.row.submitted_by, held.row.submitted_at = "", None
        held.note(EditKind.STATE)


def approve(
    draft_id: int, edition: int, *, actor: str, scope: Scope, at: datetime | None = None
) -> None:
    """Approve a plan that was submitted.

    Refused to whoever made or submitted it, unless the company is a small team and the pause is
    over: it is then marked self-approved (rule 27). at: the moment of approval; now if None.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True, states=_REVIEW) as held:
        makers = (held.row.author, held.row.submitted_by)
        is_own = is_self_approved(actor, makers, held.row.submitted_at, at or held.at)
        held.row.state = DraftState.APPROVED.value
        held.row.checked_by, held.row.checked_at = actor, at or held.at
        held.row.is_self_approved = is_own
        held.note(EditKind.STATE)


def reject(draft_id: int, edition: int, reason: str, *, actor: str, scope: Scope) -> None:
    """Send a plan back with a reason; its author goes on from there. Also takes approval back."""
    if len(reason.strip()) < REASON:
        raise Invalid(_("Say why the plan is sent back."))
    states = _REVIEW | _APPROVED
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True, states=states) as held:
        held.row.state = DraftState.REJECTED.value
        held.row.checked_by, held.row.checked_at = actor, held.at
        held.row.reason, held.row.effective_from = reason.strip(), None
        held.note(EditKind.STATE)


def publish(draft_id: int, edition: int, effective_from: date, *, actor: str, scope: Scope) -> None:
    """Say from which day on an approved plan is in force; until then nothing changes.

    Invalid for a day in the past, for a territory that holds accounts and has no seat, and for a
    rep who will have left by then; all by name.
    """
    with changing(
        draft_id, edition, actor=actor, scope=scope, whole=True, states=_APPROVED
    ) as held:
        today = company().today.day
        if effective_from < today:
            raise Invalid(
                _("%(day)s is in the past: a plan is in force from %(today)s on at the earliest."),
                day=effective_from.isoformat(), today=today.isoformat(),
            )  # fmt: skip
        _require_seats(held.found)
        _require_there(held.found, effective_from)
        held.row.effective_from = effective_from
        held.note(EditKind.STATE)


def unpublish(draft_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Take the day of a plan back that is not in force yet; it stays approved."""
    with changing(
        draft_id, edition, actor=actor, scope=scope, whole=True, states=_APPROVED
    ) as held:
        if held.row.effective_from is None:
            raise Invalid(_("“%(name)s” is not published."), name=held.row.name)
        held.row.effective_from = None
        held.note(EditKind.STATE)


def _require_seats(found: Loaded) -> None:
    count = np.bincount(
        np.where(found.territory >= 0, found.territory, len(found.rows)),
        minlength=len(found.rows) + 1,
    )
    for row in found.rows:
        if count[row.number] and row.rep_id is None:
            message = _("The territory “%(name)s” holds accounts and has no rep.")
            raise Invalid(message, name=row.name)
    if not (found.territory >= 0).any():
        raise Invalid(_("No account is in a territory of “%(name)s”."), name=found.head.name)


def _require_there(found: Loaded, day: date) -> None:
    """Refuse reps who are not known, not hired or gone by a day; one of their accounts is named."""
    known = reps_as_of(company().today)
    for row in found.rows:
        mine = np.flatnonzero(found.territory == row.number)
        if row.rep_id is None or not len(mine):
            continue
        state: dict[str, Any] | None = known.get(row.rep_id)
        facts: dict[str, Any] = {"name": row.name, "account": names_of(found)[int(mine[0])]}
        if state is None:
            raise Invalid(
                _("The rep of “%(name)s” (who would own “%(account)s”) does not exist any more."),
                **facts,
            )
        facts |= {"rep": state["name"] or "", "day": day.isoformat()}
        if state["leave_date"] and state["leave_date"] < day:
            raise Invalid(_("%(rep)s, who sits in “%(name)s”, will have left on %(day)s."), **facts)
        if state["hire_date"] and state["hire_date"] > day:
            raise Invalid(
                _("%(rep)s, who sits in “%(name)s”, will not have started on %(day)s."), **facts
            )
