"""Scenarios are talked about in their circle, and proposed for somebody else's draft plan."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import Hire
from perilune.planning.contracts.sharing import ProposalState
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.tests.test_taking import STARTS

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": "analyst", "scope": Scope.company()}
OWNER: dict[str, Any] = {"actor": "director", "scope": Scope.company()}


@pytest.fixture
def hires(plan: int, cast: Cast) -> int:
    """A scenario of the analyst's; the director's draft is shared with the analyst by name."""
    made = service.scenario_create("Two more", "2026", actor="analyst")
    service.edit_add(made, Hire(cast.organisation.north, STARTS, heads=2), **BY)
    return made


def test_a_comment_is_read_by_the_circle_and_by_nobody_else(hires: int) -> None:
    service.comment_scenario(hires, "  Is the budget there? ", actor="analyst")
    with pytest.raises(NotFound):
        service.comment_scenario(hires, "May I?", actor="director")
    with pytest.raises(Invalid):
        service.comment_scenario(hires, "   ", actor="analyst")
    service.scenario_share(hires, ["director"], actor="analyst")
    service.comment_scenario(hires, "From May on.", actor="director")
    said = [
        (one.actor, one.text)
        for one in queries.said_of_scenario(queries.scenario(hires, None, "analyst"))
    ]
    assert said == [("analyst", "Is the budget there?"), ("director", "From May on.")]


def test_a_proposal_waits_for_the_plan_s_author_is_refused_with_a_reason_and_taken_at_last(
    plan: int, hires: int
) -> None:
    assert queries.proposals_waiting("director") == []
    service.propose_scenario(hires, plan, **BY)
    (waits,) = queries.proposals_waiting("director")
    assert (waits.scenario, waits.by, waits.plan_id) == ("Two more", "analyst", plan)
    assert queries.proposals_waiting("analyst") == []
    with pytest.raises(Invalid):
        service.refuse_proposal(plan, hires, " ", **OWNER)
    service.refuse_proposal(plan, hires, "Not before the budget.", **OWNER)
    (back,) = queries.proposals_refused("analyst")
    assert back.reason == "Not before the budget." and back.checked_by == "director"
    assert (
        "Not before the budget."
        in queries.said_of_scenario(queries.scenario(hires, None, "analyst"))[-1].text
    )
    with pytest.raises(NotFound):
        service.refuse_proposal(plan, hires, "Once more: no.", **OWNER)
    service.propose_scenario(hires, plan, **BY)
    assert queries.proposals_refused("analyst") == []
    edition = loaded_plan(plan).head.edition
    assert service.take_scenario(plan, edition, hires, **OWNER) == 1
    (one,) = queries.proposals_of_scenario(hires, "analyst")
    assert one.state is ProposalState.TAKEN and one.checked_by == "director"
    assert queries.proposals_waiting("director") == []
    with pytest.raises(NotFound):
        service.withdraw_proposal(hires, plan, actor="analyst")


def test_only_one_s_own_scenario_is_proposed_and_only_for_the_draft_of_another(
    plan: int, hires: int
) -> None:
    own = service.scenario_create("Mine", "2026", actor="director")
    with pytest.raises(Invalid):
        service.propose_scenario(own, plan, **OWNER)
    service.scenario_share(hires, ["director", "sales_leader"], actor="analyst")
    with pytest.raises(Refused):
        service.propose_scenario(hires, plan, **OWNER)
    service.propose_scenario(hires, plan, **BY)
    service.withdraw_proposal(hires, plan, actor="analyst")
    assert queries.proposals_waiting("director") == []
    # the draft is not shown to whoever was not named
    leader = service.scenario_copy(hires, "Copy", actor="sales_leader")
    with pytest.raises(Invalid):
        service.propose_scenario(leader, plan, actor="sales_leader", scope=Scope.company())


def test_the_pages_comment_propose_and_refuse(plan: int, hires: int, client: Client) -> None:
    login(client, "analyst")
    studio = f"/plan/scenarios/{hires}/"
    assert "Propose for this plan" in client.get(studio).content.decode()
    client.post(f"{studio}comment/", {"text": "Worth a look"})
    client.post(f"{studio}propose/", {"plan": plan})
    page = client.get(studio).content.decode()
    assert "Worth a look" in page and "Withdraw" in page
    login(client, "director")
    assert "Proposed scenarios" in client.get(f"/plan/{plan}/").content.decode()
    address = f"/plan/{plan}/people/take/?scenario={hires}"
    assert "Why it is refused" in client.get(address).content.decode()
    client.post(f"/plan/{plan}/people/refuse/", {"scenario": hires, "reason": "Too early"})
    assert "Why it is refused" not in client.get(address).content.decode()
    login(client, "analyst")
    assert "Too early" in client.get(studio).content.decode()
