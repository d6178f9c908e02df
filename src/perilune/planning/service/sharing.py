"""Say something of a scenario; propose it for a plan, withdraw or refuse that.

A proposal changes no plan: whoever makes the plan takes from the scenario, and the plan is approved
by somebody else as ever (rule 27).
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models, transaction

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts.sharing import ProposalState
from perilune.planning.models import ScenarioComment, ScenarioProposal
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.queries.scenarios import own_scenario, scenario
from perilune.planning.queries.sharing import plans_to_propose
from perilune.planning.queries.taking import plan_of_circle
from perilune.planning.service.scenarios import scenario_share

LONGEST_COMMENT, REASON = 4000, 3


def comment_scenario(scenario_id: int, text: str, *, actor: str) -> int:
    """Say something of a scenario, to all who see it; return the comment's id."""
    scenario(scenario_id, None, actor)
    bare = text.strip()
    if not bare or len(bare) > LONGEST_COMMENT:
        raise Invalid(_("A comment has between 1 and %(most)s characters."), most=LONGEST_COMMENT)
    made = ScenarioComment.objects.create(
        scenario_id=scenario_id, actor=actor, at=datetime.now(UTC), text=bare
    )
    return made.pk


def propose_scenario(scenario_id: int, plan_id: int, *, actor: str, scope: Scope) -> None:
    """Propose a scenario of the actor's for a draft plan; it is shared with the plan's author.

    Safe to repeat; after a refusal it is proposed anew. NotFound for a plan that is not theirs to
    see; Invalid for one of their own, one that takes no changes, or a scenario without edits.
    """
    found = own_scenario(scenario_id, actor)
    plan = next((h for h in plans_to_propose(found, scope, actor) if h.id == plan_id), None)
    if plan is None:
        raise Invalid(_("This scenario cannot be proposed for this plan now."))
    with transaction.atomic():
        if plan.author not in found.head.shared_with:
            scenario_share(scenario_id, [*found.head.shared_with, plan.author], actor=actor)
        anew = {"actor": actor, "at": datetime.now(UTC), "state": ProposalState.OPEN.value,
                "checked_by": "", "checked_at": None, "reason": ""}  # fmt: skip
        ScenarioProposal.objects.update_or_create(
            plan_id=plan_id, scenario_id=scenario_id, defaults=anew
        )


def withdraw_proposal(scenario_id: int, plan_id: int, *, actor: str) -> None:
    """Take a proposal of the actor's back; the sharing stays, and what was said."""
    mine = ScenarioProposal.objects.filter(scenario_id=scenario_id, plan_id=plan_id, actor=actor)
    if not mine.exclude(state=ProposalState.TAKEN.value).delete()[0]:
        raise NotFound(_("There is no such proposal (any more)."))


def refuse_proposal(
    plan_id: int, scenario_id: int, reason: str, *, actor: str, scope: Scope
) -> None:
    """Refuse a scenario for a plan, with a reason that stays among its comments."""
    bare = reason.strip()
    if not REASON <= len(bare) <= LONGEST_COMMENT:
        raise Invalid(_("Say why the scenario is refused."))
    plan_of_circle(plan_id, actor, scope)
    with transaction.atomic():
        now = datetime.now(UTC)
        rows = _open(plan_id, scenario_id)
        done = rows.update(
            state=ProposalState.REFUSED.value, checked_by=actor, checked_at=now, reason=bare
        )
        if not done:
            raise NotFound(_("There is no such proposal (any more)."))
        plan = loaded_plan(plan_id).head.name
        comment_scenario(scenario_id, f"{plan}: {bare}"[:LONGEST_COMMENT], actor=actor)


def proposal_taken(plan_id: int, scenario_id: int, actor: str) -> None:
    """Note that edits of a proposed scenario came into the plan; nothing where none waits."""
    _open(plan_id, scenario_id).update(
        state=ProposalState.TAKEN.value, checked_by=actor, checked_at=datetime.now(UTC)
    )


def _open(plan_id: int, scenario_id: int) -> models.QuerySet[ScenarioProposal]:
    return ScenarioProposal.objects.filter(
        plan_id=plan_id, scenario_id=scenario_id, state=ProposalState.OPEN.value
    )
