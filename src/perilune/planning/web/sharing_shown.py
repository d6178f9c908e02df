"""Comments on a scenario, and the scenarios that are proposed for a plan, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext

from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest
from perilune.planning import queries
from perilune.planning.contracts import PlanView, Scenario
from perilune.planning.contracts.sharing import Proposal, ProposalState
from perilune.planning.web.plan_events_shown import ShownTie
from perilune.planning.web.shown import is_editable
from perilune.ui import formats
from perilune.ui.contracts import Action, Empty, Link, Timeline, TimelineEvent


def said_of(request: PageRequest, found: Scenario) -> Timeline:
    """Return the comments on a scenario, the latest first."""
    named = person_names()
    events = [
        TimelineEvent(one.at, one.text, actor=named.get(one.actor, one.actor), icon="pencil")
        for one in reversed(queries.said_of_scenario(found))
    ]
    return Timeline(events, empty=Empty(gettext("Nothing was said yet"), icon="pencil"))


def proposals_of(request: PageRequest, found: Scenario) -> list[ShownTie]:
    """Return what a scenario is proposed for, and the plans of others that it may be."""
    mine = queries.proposals_of_scenario(found.head.id, request.actor)
    shown = [_made(request, found, one) for one in mine]
    known = {one.plan_id for one in mine}
    named = person_names()
    for head in queries.plans_to_propose(found, request.scope, request.actor):
        if head.id not in known and is_editable(request, found):
            text = gettext("A draft of %(name)s.") % {"name": named.get(head.author, head.author)}
            verb = _verb(found, "propose", head.id, gettext("Propose for this plan"))
            shown.append(ShownTie(_plan(head.id, head.name), text, [verb]))
    return shown


def _made(request: PageRequest, found: Scenario, one: Proposal) -> ShownTie:
    named = person_names()
    verbs: Sequence[Action] = ()
    told = {
        "who": named.get(one.owner, one.owner),
        "checker": named.get(one.checked_by, one.checked_by),
        "day": formats.day((one.checked_at or one.at).date()),
        "reason": one.reason,
    }
    if one.state is ProposalState.TAKEN:
        text = gettext("Taken into it by %(checker)s on %(day)s.") % told
    elif one.state is ProposalState.REFUSED:
        text = gettext("Refused by %(checker)s on %(day)s: %(reason)s") % told
        verbs = [
            _verb(found, "withdraw", one.plan_id, gettext("Withdraw")),
            _verb(found, "propose", one.plan_id, gettext("Propose again")),
        ]
    else:
        text = gettext("Proposed to %(who)s on %(day)s.") % told
        verbs = [_verb(found, "withdraw", one.plan_id, gettext("Withdraw"))]
    may = is_editable(request, found)
    return ShownTie(_plan(one.plan_id, one.plan), text, verbs if may else ())


def _verb(found: Scenario, name: str, plan_id: int, label: str) -> Action:
    address = reverse(f"planning:{name}", args=[found.head.id])
    icon = "undo-2" if name == "withdraw" else "arrow-right"
    return Action(label, address, "post", icon, values={"plan": str(plan_id)})


def _plan(plan_id: int, name: str) -> Link:
    return Link(name, reverse("planning:plan", args=[plan_id]))


def proposed_for(request: PageRequest, view: PlanView) -> list[ShownTie]:
    """Return the scenarios that wait for a word, for those of the plan's circle."""
    if not (view.is_circle and view.is_whole):
        return []
    named = person_names()
    shown = []
    for one in queries.proposals_of_plan(view.head.id, request.actor):
        base = reverse("planning:plan_take", args=[view.head.id])
        look = Action(gettext("Look and decide"), f"{base}?scenario={one.scenario_id}",
                      icon="git-compare")  # fmt: skip
        text = gettext("Proposed by %(who)s on %(day)s.") % {
            "who": named.get(one.by, one.by), "day": formats.day(one.at.date()),
        }  # fmt: skip
        link = Link(one.scenario, reverse("planning:scenario", args=[one.scenario_id]))
        shown.append(ShownTie(link, text, [look]))
    return shown


def proposal_at(request: PageRequest, plan_id: int, scenario_id: int) -> Proposal | None:
    """Return the proposal of a scenario that waits for a plan."""
    waiting = queries.proposals_of_plan(plan_id, request.actor)
    return next((one for one in waiting if one.scenario_id == scenario_id), None)
