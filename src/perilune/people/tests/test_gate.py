"""The gate: whose rows a person sees, what they may do, as of when."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people import service, testing
from perilune.people.contracts import RIGHTS, Right, Role
from perilune.people.queries import (
    company,
    personal_scope_for,
    rights_of,
    scope_for,
    total_scope_for,
)

pytestmark = pytest.mark.django_db


def test_sales_operations_see_the_company(people_cast: testing.Cast) -> None:
    for user in (people_cast.director, people_cast.ops_manager, people_cast.analyst):
        assert scope_for(user).owners is None
        assert not scope_for(user).aggregates_only
    assert scope_for(people_cast.ops_rep).label == "company"


def test_a_rep_sees_own_rows_and_nobody_elses(people_cast: testing.Cast) -> None:
    who = people_cast.organisation
    scope = scope_for(people_cast.rep)
    assert (scope.label, scope.owners) == ("mine", frozenset({who.rita}))
    assert not scope.sees(None)


def test_a_rep_without_a_linked_record_sees_nothing(db: None) -> None:
    testing.make_company()
    assert scope_for(testing.make_user(Role.REP)).owners == frozenset()


def test_a_manager_sees_the_team_and_its_name_is_on_the_figures(people_cast: testing.Cast) -> None:
    who = people_cast.organisation
    scope = scope_for(people_cast.sales_manager)
    assert scope.owners == frozenset({who.nora, who.rita, who.rolf})
    assert scope.label == "team:North"


def test_a_leader_of_a_region_sees_all_below(people_cast: testing.Cast) -> None:
    who = people_cast.organisation
    scope = scope_for(people_cast.sales_leader)
    assert scope.owners == frozenset({who.lea, who.nora, who.rita, who.rolf})
    assert scope.label == "team:North region"


def test_a_leader_who_is_no_rep_leads_the_company(people_cast: testing.Cast) -> None:
    assert scope_for(testing.make_user(Role.SALES_LEADER, "chief")).owners is None


def test_a_manager_loses_sight_of_a_rep_who_moved_today(people_cast: testing.Cast) -> None:
    who = people_cast.organisation
    today = company().today.day
    service.rep_move(who.rita, actor="t", on=today, team_id=who.south, manager_id=who.sami)
    assert who.rita not in (scope_for(people_cast.sales_manager).owners or set())
    past = AsOf.end_of(date(2021, 1, 1), company().zone)
    # rights are today's, also for a look at the past
    assert who.rita not in (scope_for(people_cast.sales_manager, past).owners or set())


def test_a_move_that_lies_ahead_changes_nothing_yet(people_cast: testing.Cast) -> None:
    who = people_cast.organisation
    later = date(company().today.day.year + 1, 1, 1)
    service.rep_move(who.rita, actor="t", on=later, team_id=who.south)
    assert who.rita in (scope_for(people_cast.sales_manager).owners or set())


def test_a_viewer_sees_totals_of_three_people_or_more(people_cast: testing.Cast) -> None:
    scope = scope_for(people_cast.viewer)
    assert scope.aggregates_only
    assert scope.smallest_group == 3
    assert rights_of(people_cast.viewer) == {Right.SEE_COMPANY_TOTALS}


def test_nobody_signed_in_sees_nothing_and_may_nothing(db: None) -> None:
    testing.make_company()
    assert scope_for(AnonymousUser()).owners == frozenset()
    assert rights_of(AnonymousUser()) == frozenset()


def test_closed_access_takes_every_right(people_cast: testing.Cast) -> None:
    service.user_set_active("analyst", False)
    people_cast.analyst.refresh_from_db()
    assert rights_of(people_cast.analyst) == frozenset()
    assert scope_for(people_cast.analyst).owners == frozenset()


def test_the_company_total_is_granted_without_rows(people_cast: testing.Cast) -> None:
    """Rule 10."""
    assert total_scope_for(people_cast.rep) is None
    service.company_change(may_all_see_total=True)
    scope = total_scope_for(people_cast.rep)
    assert scope is not None
    assert (scope.owners, scope.aggregates_only) == (None, True)


def test_personal_measures_open_to_the_manager_after_both_steps_are_recorded(
    people_cast: testing.Cast,
) -> None:
    """Rule 26."""
    who = people_cast.organisation
    manager, rep = people_cast.sales_manager, people_cast.rep
    assert personal_scope_for(rep).owners == frozenset({who.rita})
    assert personal_scope_for(manager).owners == frozenset({who.nora})
    service.company_change(is_staff_informed=True)
    assert personal_scope_for(manager).owners == frozenset({who.nora})
    service.company_change(is_council_consulted=True)
    assert personal_scope_for(manager).owners == frozenset({who.nora, who.rita, who.rolf})
    # direct reports only, and nobody's measures for those who manage no one
    assert personal_scope_for(people_cast.sales_leader).owners == frozenset({who.lea, who.nora})
    assert personal_scope_for(people_cast.director).owners == frozenset()
    assert personal_scope_for(people_cast.director).smallest_group == 5


def test_only_the_owner_has_rights_beyond_the_role(people_cast: testing.Cast) -> None:
    for role, user in people_cast.by_role().items():
        if not user.is_owner:
            assert rights_of(user) == RIGHTS[role]
    owner = testing.make_user(Role.VIEWER, "owner", is_owner=True)
    assert rights_of(owner) == frozenset(Right)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(2021, 2024)), max_size=4
    )
)
def test_whatever_moves_happen_a_rep_never_sees_others(
    people_cast: testing.Cast, moves: list[tuple[int, int, int]]
) -> None:
    who = people_cast.organisation
    reps = [who.lea, who.nora, who.rita, who.rolf, who.sami, who.sara]
    for rep, team, year in moves:
        service.rep_move(
            reps[rep], actor="t", on=date(year, 1, 1), team_id=[who.north, who.south][team]
        )
    assert scope_for(people_cast.rep).owners == frozenset({who.rita})
    assert scope_for(people_cast.outsider).owners == frozenset({who.sara})
    for user in (people_cast.sales_manager, people_cast.sales_leader):
        owners = scope_for(user).owners
        # a leader above everybody who sells has the company
        assert user.rep_id in owners if owners is not None else user is people_cast.sales_leader


def test_a_leader_above_everybody_has_the_company_and_one_above_some_has_their_teams(
    people_cast: testing.Cast,
) -> None:
    who = people_cast.organisation
    part = scope_for(people_cast.sales_leader)
    assert part.owners == frozenset({who.lea, who.nora, who.rita, who.rolf})
    assert (part.label, part.teams) == ("team:North region", frozenset({who.north_region}))
    assert scope_for(people_cast.sales_manager).teams == frozenset({who.north})
    assert scope_for(people_cast.rep).teams == frozenset()
    for rep in (who.sami, who.sara):
        service.rep_move(rep, actor="t", on=date(2024, 1, 1), team_id=who.north)
    assert scope_for(people_cast.sales_leader) == Scope.company()
