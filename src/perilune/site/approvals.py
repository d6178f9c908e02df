"""What waits for somebody's word: annual and territory plans to approve, their own sent back.

Scenarios that are proposed for a plan wait for its author, and come back with a reason.

The rule of who may approve is one for both (`people.queries.checking`, rule 27).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Right
from perilune.people.queries import may_approve
from perilune.planning.queries import (
    proposals_refused,
    proposals_waiting,
    sent_back,
    to_approve,
)
from perilune.territories.contracts import DraftState
from perilune.territories.queries import drafts

ANNUAL, TERRITORY = _("Annual plan"), _("Territory plan")
PROPOSED = _("Proposed scenario")


@dataclass(frozen=True)
class Waiting:
    """A plan that waits for somebody. what: a msgid. by: who submitted it, or sent it back.

    is_back: it is their own, sent back with a reason.
    """

    key: str
    what: str
    name: str
    by: str
    at: datetime | None
    url: str
    is_back: bool = False
    reason: str = ""


def waiting(actor: str, scope: Scope, rights: Collection[Right]) -> list[Waiting]:
    """Return what waits for somebody: to approve first, then what came back to them."""
    found = [
        *_annual(actor, scope, rights),
        *_territory(actor, scope, rights),
        *_proposed(actor, rights),
    ]
    return sorted(found, key=lambda one: one.is_back)


def _annual(actor: str, scope: Scope, rights: Collection[Right]) -> Iterator[Waiting]:
    if Right.MAKE_PLANS not in rights:
        return
    for head in to_approve(actor, scope, rights):
        url = reverse("planning:plan", args=[head.id])
        key = f"plan:{head.id}:{head.edition}"
        yield Waiting(key, ANNUAL, head.name, head.submitted_by, head.submitted_at, url)
    for head in sent_back(actor):
        url = reverse("planning:plan", args=[head.id])
        key = f"plan-back:{head.id}:{head.checked_at}"
        by, at = head.checked_by, head.checked_at
        yield Waiting(key, ANNUAL, head.name, by, at, url, is_back=True, reason=head.reason)


def _territory(actor: str, scope: Scope, rights: Collection[Right]) -> Iterator[Waiting]:
    if Right.DESIGN_TERRITORIES not in rights:
        return
    may = Right.PUBLISH_TERRITORIES in rights
    for head in drafts(scope, actor):
        url = reverse("territories:plan", args=[head.id])
        makers = (head.author, head.submitted_by)
        if head.state is DraftState.REVIEW and may and may_approve(actor, makers):
            key = f"draft:{head.id}:{head.edition}"
            yield Waiting(key, TERRITORY, head.name, head.submitted_by, head.submitted_at, url)
        if head.state is DraftState.REJECTED and head.author == actor:
            key = f"draft-back:{head.id}:{head.checked_at}"
            by, at = head.checked_by, head.checked_at
            yield Waiting(key, TERRITORY, head.name, by, at, url, is_back=True, reason=head.reason)


def _proposed(actor: str, rights: Collection[Right]) -> Iterator[Waiting]:
    if not {Right.MAKE_PLANS, Right.MAKE_SCENARIOS} <= set(rights):
        return
    for one in proposals_waiting(actor):
        url = f"{reverse('planning:plan_take', args=[one.plan_id])}?scenario={one.scenario_id}"
        yield Waiting(f"proposal:{one.id}:{one.at}", PROPOSED, one.scenario, one.by, one.at, url)
    for one in proposals_refused(actor):
        url = reverse("planning:scenario", args=[one.scenario_id])
        key, name = f"proposal-back:{one.id}:{one.checked_at}", one.scenario
        by, at = one.checked_by, one.checked_at
        yield Waiting(key, PROPOSED, name, by, at, url, is_back=True, reason=one.reason)
