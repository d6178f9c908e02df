"""What wants an act: only what somebody owes."""

from __future__ import annotations

import pytest
from django.conf import settings

from perilune.kernel.calendar import Grain
from perilune.people import testing
from perilune.people.queries import company, findings, team_loads, teams_below

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))


def named(name: str) -> list[str]:
    found = company()
    period = found.calendar.find(found.today.day, Grain.QUARTER)
    cases = [item.cases for item in findings(found.today, period) if item.name == name]
    return [person for case in cases for _id, person in case]


@pytest.mark.parametrize(("role", "owes"), [("seller", True), ("overlay", False), ("sdr", False)])
def test_only_sellers_owe_a_quota(people_cast: testing.Cast, role: str, owes: bool) -> None:
    fatou = testing.make_rep("Fatou")
    testing.make_assignment(fatou, people_cast.organisation.north, role=role)
    assert ("Fatou" in named("quotas_missing")) == owes


@pytest.mark.parametrize(("role", "lacks"), [("manager", False), ("seller", True)])
def test_the_head_of_the_company_lacks_no_team(
    people_cast: testing.Cast, role: str, lacks: bool
) -> None:
    head = testing.make_rep("Bastien")
    testing.make_assignment(head, None, role=role)
    assert ("Bastien" in named("unassigned")) == lacks


def test_a_region_is_counted_with_the_teams_below_it(people_cast: testing.Cast) -> None:
    found, who = company(), people_cast.organisation
    period = found.calendar.find(found.today.day, Grain.QUARTER)
    loads = {load.team_id: load.reps for load in team_loads(found.today, period)}
    assert teams_below(who.north_region, found.today) == {who.north_region, who.north}
    assert loads[who.north_region] == loads[who.north] + 1  # its own head
