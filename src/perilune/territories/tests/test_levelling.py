"""Regions, then territories: designed in a plan, summed in its sheet, kept as parents in force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import recent_jobs
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.testing import login
from perilune.store import service as store
from perilune.territories import queries, service
from perilune.territories.contracts import REGION, Asked, Attribute
from perilune.territories.queries import checking
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "director", "scope": ALL}


@pytest.fixture
def ground() -> Ground:
    return make_ground(60, lost=0)


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.2)], **BY)


def edition(plan: int) -> int:
    return loaded(plan).head.edition


def design(plan: int, **asked: Any) -> None:
    job = service.design_draft(plan, edition(plan), Asked(**asked), **BY)
    for step in range(9):
        jobs.step(job, step)
    assert recent_jobs(1, "territories.design")[0].state is State.DONE


def regions(plan: int) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for row in loaded(plan).rows:
        made.setdefault(row.region, []).append(row.name)
    return made


def in_force(plan: int) -> None:
    service.submit(plan, edition(plan), **BY)
    service.approve(plan, edition(plan), **OTHER)
    service.publish(plan, edition(plan), company().today.day, **OTHER)
    service.activate_due()
    store.refresh()


def parents() -> dict[str, str]:
    """Return each territory in force to the name of its region, regions left out."""
    standing = {one.id: one for one in queries.in_force(company().today, ALL)}
    return {
        one.name: standing[one.parent_id].name if one.parent_id else ""
        for one in standing.values()
        if one.type != REGION
    }


def test_a_design_in_regions_nests_territories_and_balances_both_levels(plan: int) -> None:
    design(plan, k=6, regions=2, region_tolerance=0.1)
    made = regions(plan)
    assert sorted(made) == ["Region 1", "Region 2"]
    assert [len(names) for names in made.values()] == [3, 3]
    sheet = queries.sheet(plan, ALL, "analyst")
    assert [row.name for row in sheet.regions] == ["Region 1", "Region 2"]
    assert sum(row.accounts for row in sheet.regions) == sum(r.accounts for r in sheet.territories)
    for region in sheet.regions:
        inside = [row for row in sheet.territories if row.region == region.region]
        assert region.accounts == sum(row.accounts for row in inside)
        assert abs(region.deviation[0] or 0.0) <= 0.1
        assert region.deviation[0] == pytest.approx(np.mean([r.deviation[0] for r in inside]))
    # Rita, Rolf and Sara keep a territory each, where most of theirs is
    assert {"Rita", "Rolf", "Sara"} <= {row.name for row in loaded(plan).rows}
    assert loaded(plan).head.settings["proof"]["is_within"]


def test_regions_keep_their_names_and_go_with_a_design_that_asks_for_none(plan: int) -> None:
    design(plan, k=6, regions=2)
    for row in loaded(plan).rows:
        north = {"Region 1": "West", "Region 2": "East"}[row.region]
        service.put_region(plan, edition(plan), row.number, north, **BY)
    design(plan, k=8, regions=2)
    assert sorted(regions(plan)) == ["East", "West"]
    design(plan, k=6)
    assert sorted(regions(plan)) == [""]
    service.undo(plan, edition(plan), **BY)
    assert sorted(regions(plan)) == ["East", "West"], "regions are part of what is taken back"


def test_what_a_design_in_regions_cannot_keep_is_refused(
    plan: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match="between 2 regions and as many as free territories"):
        service.design_draft(plan, 1, Asked(k=3, regions=4), **BY)
    with pytest.raises(Invalid, match="need a number of territories"):
        service.design_draft(plan, 1, Asked(hours=900, regions=2), **BY)
    service.lock(plan, 1, units=[3], **BY)
    with pytest.raises(Invalid, match="lift them first"):
        service.design_draft(plan, 2, Asked(k=3, regions=2), **BY)
    monkeypatch.setattr(checking, "MOST_IN_REGIONS", 10)
    with pytest.raises(Invalid, match="at most 10 accounts or containers"):
        service.design_draft(plan, 2, Asked(k=3, regions=2), **BY)


def test_in_force_a_region_is_the_parent_of_its_territories(plan: int) -> None:
    design(plan, k=3, regions=2)
    wanted = {row.name: row.region for row in loaded(plan).rows}
    in_force(plan)
    assert parents() == wanted
    following = service.create_draft("Next", [Attribute("accounts", 0.2)], **BY)
    rows = loaded(following).rows
    assert {row.name: row.region for row in rows} == wanted, "no region begins as a territory"
    one = next(row for row in rows if list(wanted.values()).count(row.region) == 1)
    service.put_region(following, 1, one.number, next(r for r in wanted.values()
                       if r != one.region), **BY)  # fmt: skip
    in_force(following)
    assert len(set(parents().values())) == 1
    standing = queries.in_force(company().today, ALL)
    assert len([t for t in standing if t.type == REGION]) == 1, "the empty region ends"
    service.take_back(following, edition(following), **OTHER)
    store.refresh()
    assert parents() == wanted
    assert len(queries.in_force(company().today, ALL)) == 3 + 2


def test_the_page_groups_territories_by_region_with_their_sums(plan: int) -> None:
    client = Client()
    login(client, "analyst")
    fields = {"edition": "1", "k": "4", "stay": "0", "regions": "2", "region_tolerance": "10"}
    assert client.post(f"/territories/{plan}/design/", fields).status_code == 302
    job = recent_jobs(1, "territories.design")[0]
    for step in range(4):
        jobs.step(job.id, step)
    text = client.get(f"/territories/{plan}/").content.decode()
    assert 'data-id="region-0"' in text and "2 territories" in text and "2 regions." in text
    one = loaded(plan).rows[0]
    saved = {"edition": edition(plan), "name": one.name, "rep": one.rep_id or "",
             "region": "Coast"}  # fmt: skip
    client.post(f"/territories/{plan}/territory/0/", saved)
    assert "Coast" in regions(plan)
    exported = client.get(f"/territories/{plan}/export.csv").getvalue().decode("utf-8-sig")
    assert exported.count("Coast") == 1 and "Region" in exported
