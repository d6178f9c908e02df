"""Comments on scenarios and proposals for plans, to those who see the scenario (rule 24)."""

from __future__ import annotations

from django.db.models import QuerySet

from perilune.kernel.scope import Scope
from perilune.planning.contracts import PLAN_EDITABLE, PlanHead, Scenario
from perilune.planning.contracts.sharing import Proposal, ProposalState, ScenarioCommentInfo
from perilune.planning.models import ScenarioComment, ScenarioProposal
from perilune.planning.queries.plans import plans
from perilune.planning.queries.scenarios import heads


def said_of_scenario(found: Scenario) -> list[ScenarioCommentInfo]:
    """Return the comments on a scenario, the earliest first, to whoever was given it."""
    rows = ScenarioComment.objects.filter(scenario_id=found.head.id)
    return [ScenarioCommentInfo(row.actor, row.at, row.text) for row in rows]


def plans_to_propose(found: Scenario, scope: Scope, username: str) -> list[PlanHead]:
    """Return the plans in the making of others that somebody sees, for a scenario of theirs."""
    if found.head.author != username or not found.assumptions:
        return []
    return [head for head in plans(scope, username) if head.may_edit and head.author != username]


def proposals_of_scenario(scenario_id: int, username: str) -> list[Proposal]:
    """Return what a scenario of their own is proposed for, or was; the latest first."""
    return [
        one
        for one in _proposals(username, ScenarioProposal.objects.filter(scenario_id=scenario_id))
        if one.by == username
    ]


def proposals_of_plan(plan_id: int, username: str) -> list[Proposal]:
    """Return what is proposed for a plan, as far as the scenarios were shared with them."""
    rows = ScenarioProposal.objects.filter(plan_id=plan_id, state=ProposalState.OPEN.value)
    return _proposals(username, rows)


def proposals_waiting(username: str) -> list[Proposal]:
    """Return what is proposed for somebody's own plans in the making."""
    states = [state.value for state in PLAN_EDITABLE]
    rows = ScenarioProposal.objects.filter(
        plan__author=username, plan__state__in=states, state=ProposalState.OPEN.value
    )
    return _proposals(username, rows)


def proposals_refused(username: str) -> list[Proposal]:
    """Return somebody's proposals that were refused and not withdrawn or made again since."""
    rows = ScenarioProposal.objects.filter(actor=username, state=ProposalState.REFUSED.value)
    return _proposals(username, rows)


def _proposals(username: str, rows: QuerySet[ScenarioProposal]) -> list[Proposal]:
    found = list(rows.select_related("plan"))
    seen = {head.id: head for head in heads(username)} if found else {}
    return [
        Proposal(
            row.pk, row.plan_id, row.plan.name, row.plan.author, row.scenario_id,
            seen[row.scenario_id].name, row.actor, row.at, ProposalState(row.state),
            row.checked_by, row.checked_at, row.reason,
        )
        for row in found
        if row.scenario_id in seen
    ]  # fmt: skip
