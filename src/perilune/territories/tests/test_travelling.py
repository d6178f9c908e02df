"""Travel times in a plan: the company's own server is asked, obeyed, named; never made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import JobStatus, State
from perilune.jobs.queries import recent_jobs
from perilune.kernel.errors import Invalid, Unavailable
from perilune.kernel.scope import Scope
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Asked, Attribute
from perilune.territories.contracts.routing import Router
from perilune.territories.queries.loading import loaded
from perilune.territories.queries.travelling import ways_of
from perilune.territories.service import travelling
from perilune.territories.testing import Ground, make_ground
from perilune.territories.tests.routing_server import Roads, km, rounded, routing_server

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}


@pytest.fixture
def ground() -> Ground:
    return make_ground(40, lost=1)


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.3)], **BY)


@pytest.fixture
def roads() -> Roads:
    return Roads()


@pytest.fixture
def address(roads: Roads) -> Iterator[str]:
    with routing_server(roads) as url:
        yield url


def edition(plan: int) -> int:
    return loaded(plan).head.edition


def design(plan: int, k: int = 3, **asked: Any) -> JobStatus:
    job = service.design_draft(plan, edition(plan), Asked(k=k, **asked), **BY)
    for step in range(12):
        jobs.step(job, step)
    return recent_jobs(1, "territories.design")[0]


def ways(plan: int) -> list[float | None]:
    return [row.minutes for row in queries.sheet(plan, ALL, "analyst").territories]


def test_a_design_asks_the_server_and_says_how_long_the_ways_are(
    plan: int, roads: Roads, address: str
) -> None:
    assert service.put_server(Router.OSRM, address, actor="director") == f"OSRM {address}"
    assert design(plan).state is State.DONE
    found = loaded(plan)
    told = ways_of(found)
    assert told is not None and told.server == f"OSRM {address}"
    # the server drives twice the straight line at 60 km/h: each way is a minute a kilometre, twice
    at = {int(unit): row for row, unit in enumerate(told.units)}
    for row, shown in zip(found.rows, ways(plan), strict=True):
        mine = np.flatnonzero((found.territory == row.number) & found.accounts.placed).tolist()
        column = told.numbers.tolist().index(row.number)
        own = [float(told.minutes[at[unit], column]) for unit in mine]
        assert shown == pytest.approx(np.mean(own), rel=1e-5)
        centre = mine[int(np.argmin(own))]
        far = [2 * km(_place(found, unit), _place(found, centre)) for unit in mine]
        assert own == pytest.approx(far, abs=0.2)
    notes = [message for message, __ in found.head.settings["proof"]["notes"]]
    assert any(message.startswith("Ways by %(server)s") for message in notes)


def test_ways_follow_a_move_and_are_not_known_once_territories_are_others(
    plan: int, address: str
) -> None:
    service.put_server(Router.VALHALLA, address, actor="director")
    design(plan)
    before = ways(plan)
    unit = int(np.flatnonzero(loaded(plan).accounts.placed & (loaded(plan).territory == 0))[0])
    service.move_units(plan, edition(plan), [unit], 2, **BY)
    after = ways(plan)
    assert after[1] == before[1] and after[2] != before[2]
    service.undo(plan, edition(plan), **BY)
    assert ways(plan) == pytest.approx(before)
    service.merge(plan, edition(plan), 0, 1, **BY)
    assert ways(plan) == [None, None]
    service.undo(plan, edition(plan), **BY)
    assert ways(plan) == pytest.approx(before), "what the rows had comes back with them"
    service.remove_server()
    design(plan)
    assert ways(plan) == [None, None, None]


def test_a_server_that_fails_leaves_the_plan_as_it_was(
    plan: int, roads: Roads, address: str
) -> None:
    service.put_server(Router.OSRM, address, actor="director")
    roads.broken = True
    job = design(plan)
    assert job.state is State.FAILED
    assert edition(plan) == 1 and ways_of(loaded(plan)) is None
    with pytest.raises(Unavailable):
        service.put_server(Router.OSRM, address, actor="director")
    with pytest.raises(Invalid, match="no address of a server"):
        service.put_server(Router.OSRM, "ftp://x", actor="director")


def test_places_without_a_way_are_named_and_large_plans_are_refused(
    plan: int, roads: Roads, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.put_server(Router.OSRM, address, actor="director")
    unit = int(np.flatnonzero(loaded(plan).accounts.placed)[-1])
    roads.island = {_place(loaded(plan), unit)}
    design(plan)
    notes = dict(loaded(plan).head.settings["proof"]["notes"])
    cut = notes["No way from the centre of their territory: %(names)s."]["names"]
    assert f"(#{loaded(plan).accounts.ids[unit]})" in cut
    assert all(minutes is not None for minutes in ways(plan))
    monkeypatch.setattr(travelling, "MOST_PAIRS", 100)
    job = design(plan)
    assert job.state is State.FAILED and "more than a routing server" in str(job.error)


def test_the_settings_ask_the_server_before_they_keep_it_and_the_studio_names_it(
    plan: int, roads: Roads, address: str
) -> None:
    client = Client()
    login(client, "director")
    assert "straight lines" in client.get("/settings/routing/").content.decode()
    studio = client.get(f"/territories/{plan}/").content.decode()
    assert "By straight lines: no routing server is set." in studio
    fields = {"kind": "osrm", "url": f"{address}x"}
    assert client.post("/settings/routing/", fields).status_code == 422
    fields["url"] = address
    assert client.post("/settings/routing/", fields).status_code == 302
    assert roads.asked, "it was asked for a way"
    design(plan)
    studio = client.get(f"/territories/{plan}/").content.decode()
    assert f"By travel times of OSRM {address}" in studio and ">Way" in studio
    client.post("/settings/routing/remove/")
    assert queries.routing_server() is None


def _place(found: Any, unit: int) -> tuple[float, float]:
    return rounded(float(found.accounts.lat[unit]), float(found.accounts.lon[unit]))
