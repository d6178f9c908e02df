"""Submit a forecast and withdraw it; say when calls are due; change the deals behind a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from perilune.crm.queries import now_state
from perilune.crm.service import record_change
from perilune.forecasting.contracts import Author, Contested, Submitted
from perilune.forecasting.queries.deadlines import terms_of
from perilune.forecasting.queries.submitted import last_made_on
from perilune.forecasting.service.writing import opened, require_now
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Conflict, Invalid, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company

DEAL_FIELDS = ("forecast_category", "close_date", "next_step")
"""What may be changed of a deal on the way to a call."""
MOST_DAYS = 92


def submit(said: Submitted, *, actor: str) -> int:
    """Keep what somebody says a period will bring and return the record's id.

    It carries the deadline it answers and whether it came after it. Invalid when it was made after
    the period's end, Conflict once calls of the period are locked.
    """
    if said.made_on > said.period.end:
        raise Invalid(_("A forecast is made before its period ends."))
    today = company().today
    terms = terms_of(said.period, today)
    if terms.is_locked(said.made_on):
        raise Conflict(_("Calls for %(period)s are locked."), period=said.period.name)
    last = last_made_on(said.period, today, (said.rep_id, said.team_id))
    missed = terms.missed(said.made_on, last)
    with opened(actor) as writing:
        return writing.create(
            "submission",
            {
                "rep_id": said.rep_id,
                "team_id": said.team_id,
                "period_start": said.period.start,
                "period_end": said.period.end,
                "made_on": said.made_on,
                "category": said.category,
                "amount": said.amount,
                "currency": said.currency,
                "author": said.author,
                "suggested": said.suggested,
                "due_on": missed or terms.next_due(said.made_on),
                "is_late": missed is not None if terms.due else None,
            },
        )


def withdraw(submission_id: int, *, actor: str) -> None:
    """Delete a submitted forecast; the history keeps that it was there."""
    with opened(actor) as writing:
        writing.delete("submission", submission_id)


@dataclass(frozen=True)
class Due:
    """When calls are due and taken: the first deadline, the days to the next, the last day."""

    due_on: date | None
    every_days: int | None
    locks_on: date | None


def deadline_set(period: Period, due: Due, *, actor: str) -> int:
    """Say when calls of a period are due and the last day they are taken; return the change set.

    Invalid where the lock comes before the deadline, or the deadline after the period.
    """
    if due.due_on is not None and due.locks_on is not None and due.locks_on < due.due_on:
        raise Invalid(_("Calls are locked after their deadline, not before."))
    if due.every_days is not None and not 1 <= due.every_days <= MOST_DAYS:
        raise Invalid(_("Deadlines repeat after 1 to %(most)s days."), most=MOST_DAYS)
    if due.due_on is not None and due.due_on > period.end:
        raise Invalid(_("The deadline lies in the period or before it."))
    values = {"due_on": due.due_on, "every_days": due.every_days, "locks_on": due.locks_on}
    standing = terms_of(period, company().today).deadline_id
    with opened(actor) as writing:
        if standing is not None:
            writing.change("deadline", standing, values)
        else:
            facts = {"period_start": period.start, "period_end": period.end}
            writing.create("deadline", {**facts, **values})
        return writing.id


@dataclass(frozen=True)
class Prepared:
    """What comes with a call: changes of deals (id to fields) and contested probabilities."""

    deals: Mapping[int, Mapping[str, Any]]
    contests: tuple[Contested, ...] = ()


class DealProblem(Invalid):
    """A deal on the way to a call cannot be changed so; `deal_id` says which."""

    def __init__(self, deal_id: int, error: PeriluneError) -> None:
        super().__init__(error.message, getattr(error, "problems", ()), **error.params)
        self.deal_id = deal_id


def prepare(
    period: Period, prepared: Prepared, author: Author, as_of: AsOf, scope: Scope
) -> tuple[int, int]:
    """Write what changed of the deals and what was contested: all of it or nothing.

    Return how many deals changed and how many probabilities were contested. DealProblem when one
    of them cannot be taken, Conflict on a page of the past or once calls are locked.
    """
    require_now(period, as_of)
    changed = 0
    with transaction.atomic():
        for deal_id, values in prepared.deals.items():
            changed += _change(deal_id, values, author.actor, scope)
        for one in prepared.contests:
            _contest(one, author, as_of, scope)
    return changed, len(prepared.contests)


def _change(deal_id: int, values: Mapping[str, Any], actor: str, scope: Scope) -> bool:
    allowed = {name: value for name, value in values.items() if name in DEAL_FIELDS}
    now_state("opportunity", deal_id, scope)
    try:
        return record_change("opportunity", deal_id, allowed, actor=actor).change_set_id is not None
    except (Invalid, Conflict) as error:
        raise DealProblem(deal_id, error) from error


def _contest(one: Contested, author: Author, as_of: AsOf, scope: Scope) -> None:
    state = now_state("opportunity", one.deal_id, scope)
    if not 0 <= one.says <= 1:
        problem = Invalid(_("A probability lies between 0 and 100 %."))
        raise DealProblem(one.deal_id, problem)
    if len(one.reason.strip()) < 3:
        raise DealProblem(one.deal_id, Invalid(_("Say why the probability is wrong.")))
    with opened(author.actor) as writing:
        writing.create(
            "contest",
            {
                "opportunity_id": one.deal_id,
                "rep_id": state["owner_id"],
                "period_start": one.period.start,
                "period_end": one.period.end,
                "made_on": as_of.day,
                "shown": one.shown,
                "method": one.method,
                "says": one.says,
                "reason": one.reason.strip(),
                "author": author.name,
            },
        )
