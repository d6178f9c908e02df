"""Containers in a plan: handed out whole by designs, moves and re-balances; torn ones are told."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perilune.crm.testing import KNOWN
from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import recent_jobs
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Asked, Attribute
from perilune.territories.queries.containing import department, names_by
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
TOWNS = ("Lille", "Amiens", "Arras", "Rouen", "Calais", "Reims", "Laon", "Douai")


@pytest.fixture
def ground() -> Ground:
    """Five accounts from west to east in each town; some postcodes are unknown."""
    made = make_ground(40, lost=1)
    with change_set(actor="test", title="", known_at=KNOWN) as w:
        for at, account in enumerate(made.accounts):
            town = TOWNS[at // 5]
            w.change("account", account, {
                "city": town.upper() if at % 5 == 0 else town, "country": "France",
                **({"postcode": f"{59 + at // 10}{at % 5:03d}"} if at % 7 else {}),
            })  # fmt: skip
    return made


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    made = service.create_draft("Autumn", [Attribute("accounts", 0.3)], **BY)
    service.put_containers(made, 1, "field:city", **BY)
    return made


def edition(plan: int) -> int:
    return loaded(plan).head.edition


def run(kind: str, job: int) -> None:
    for step in range(40):  # more than any takes
        jobs.step(job, step)
    assert recent_jobs(1, kind)[0].state is State.DONE, recent_jobs(1, kind)[0]


def numbers(plan: int, ground: Ground, *which: int) -> list[int]:
    ids = loaded(plan).accounts.ids.tolist()
    return [ids.index(ground.accounts[at]) for at in which]


def torn(plan: int) -> list[str]:
    return [one.name for one in queries.containers(plan, ALL, "analyst").torn]


def polygons(*edges: tuple[str, float, float]) -> bytes:
    """Rectangles from one longitude to the next, from 48.9 to 50 degrees north."""
    features = [
        {"type": "Feature", "properties": {"code": name}, "geometry": {"type": "Polygon",
         "coordinates": [[[w, 48.9], [e, 48.9], [e, 50], [w, 50], [w, 48.9]]]}}
        for name, w, e in edges
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_towns_have_one_name_whatever_their_capitals(plan: int, ground: Ground) -> None:
    view = queries.containers(plan, ALL, "analyst")
    assert view.count == 8 and view.containers is not None
    assert view.containers.names[:2] == ("Amiens (59)", "Arras (60)")
    # one without a place and one of the book lie in no town; the other one is in Lille
    assert view.alone == 2
    codes = names_by(loaded(plan), "department")
    assert sorted(set(codes)) == ["", "59", "60", "61", "62"]


@pytest.mark.parametrize(
    ("postcode", "code"),
    [("59000", "59"), ("1000", "01"), ("20100", "2A"), ("20200", "2B"), ("97110", "971"),
     ("98000", "980"), ("59 000", "59"), ("EC1A", ""), ("590", "")],
)  # fmt: skip
def test_french_departments_are_read_from_postcodes(postcode: str, code: str) -> None:
    assert department(postcode) == code


def test_a_design_hands_containers_out_whole(plan: int) -> None:
    assert torn(plan), "as it stands, towns are torn between reps"
    run("territories.design", service.design_draft(plan, edition(plan), Asked(k=3), **BY))
    found = loaded(plan)
    assert not torn(plan)
    assert found.containers is not None
    held = np.bincount(found.territory[found.accounts.placed], minlength=3)
    assert held.min() >= 10, "towns of five are shared out 3, 3 and 2"
    service.undo(plan, edition(plan), **BY)
    assert torn(plan)
    service.undo(plan, edition(plan), **BY)
    assert loaded(plan).containers is None, "what is handed out whole is taken back as well"


def test_a_container_heavier_than_a_territory_is_taken_apart_and_told(plan: int) -> None:
    service.put_containers(plan, edition(plan), "field:country", **BY)
    run("territories.design", service.design_draft(plan, edition(plan), Asked(k=3), **BY))
    assert torn(plan) == ["France"]
    notes = loaded(plan).head.settings["proof"]["notes"]
    assert ["Heavier than a territory may be, so taken apart: %(names)s.",
            {"names": "France"}] in notes  # fmt: skip


def test_a_move_takes_the_whole_container_along_unless_it_is_to_be_torn(
    plan: int, ground: Ground
) -> None:
    one = numbers(plan, ground, 0)
    sheet = service.move_units(plan, edition(plan), one, 2, **BY)
    assert sheet.moved == 6, "five and the one of Lille that has no place"
    assert set(loaded(plan).territory[numbers(plan, ground, 0, 1, 2, 3, 4)].tolist()) == {2}
    assert "Lille (59)" not in torn(plan)
    service.move_units(plan, edition(plan), one, 0, is_alone=True, **BY)
    view = queries.containers(plan, ALL, "analyst")
    assert ("Lille (59)", (("Sara", 5), ("Rita", 1))) in [(t.name, t.parts) for t in view.torn]


def test_a_re_balance_keeps_containers_whole(plan: int) -> None:
    run("territories.rebalance", service.rebalance_draft(plan, **BY))
    frontier = queries.frontier(plan, ALL, "analyst")
    assert frontier is not None and not frontier.is_stale
    # moves are counted in accounts, not in towns
    count = service.take_point(plan, edition(plan), 0, **BY)
    assert count > 0 and not torn(plan)


def test_locks_that_contradict_each_other_in_a_container_are_named(
    plan: int, ground: Ground
) -> None:
    service.move_units(plan, edition(plan), numbers(plan, ground, 0), 2, is_alone=True, **BY)
    service.lock(plan, edition(plan), units=numbers(plan, ground, 0, 1), **BY)
    with pytest.raises(Invalid, match="locked to several territories: Lille"):
        service.design_draft(plan, edition(plan), Asked(k=3), **BY)
    service.lock(plan, edition(plan), False, units=numbers(plan, ground, 0, 1), **BY)
    with pytest.raises(Invalid, match=r"fewer containers with accounts \(8\)"):
        service.design_draft(plan, edition(plan), Asked(k=9), **BY)


def test_polygons_of_a_file_are_containers_and_colour_the_map(plan: int, ground: Ground) -> None:
    file = ("zones.geojson", polygons(("W", 0.4, 1.5), ("M", 1.5, 3.05), ("E", 3.05, 5)))
    service.put_containers(plan, edition(plan), "areas", file=file, **BY)
    view = queries.containers(plan, ALL, "analyst")
    assert view.containers is not None and view.containers.names == ("W", "M", "E")
    edges = view.containers.edges
    assert edges is not None and sorted(map(sorted, edges.tolist())) == [[0, 1], [1, 2]]
    run("territories.design", service.design_draft(plan, edition(plan), Asked(k=3), **BY))
    points = queries.points(plan, ALL, "analyst")
    drawn = {f["properties"]["name"]: f["properties"]["territory"]
             for f in points["areas"]["features"]}  # fmt: skip
    assert set(drawn) == {"W", "M", "E"} and sorted(drawn.values()) == [0, 1, 2]
    assert points["labels"][points["ids"].index(ground.accounts[0])] == "Account 0 · W"
    assert sum(group < 0 for group in points["groups"]) == view.alone
    for wrong, said in (
        (b"{}", "no GeoJSON"),
        (polygons(("W", 80, 81)), "No account lies in a container"),
    ):
        with pytest.raises(Invalid, match=said):
            service.put_containers(plan, edition(plan), "areas", file=("x", wrong), **BY)
    with pytest.raises(Invalid, match="Choose a GeoJSON file"):
        service.put_containers(plan, edition(plan), "areas", **BY)


def test_the_page_says_what_is_handed_out_whole_and_names_an_accounts_container(
    plan: int, ground: Ground
) -> None:
    client = Client()
    login(client, "analyst")
    answer = client.post(f"/territories/{plan}/containers/", {
        "edition": edition(plan), "by": "areas",
        "file": SimpleUploadedFile("zones.geojson", polygons(("W", 0.4, 2), ("E", 2, 5))),
    })  # fmt: skip
    assert answer.status_code == 302
    text = " ".join(client.get(f"/territories/{plan}/").content.decode().split())
    assert "zones.geojson: 2 containers are handed out whole." in text
    assert "3 accounts lie in none and go alone." in text
    assert "2 are torn between territories." in text
    accounts = client.get(f"/territories/{plan}/accounts/").content.decode()
    assert "Account 0 · W" in accounts and 'name="alone"' in accounts
    unit = numbers(plan, ground, 0)[0]
    fields = {"edition": edition(plan), "units": str(unit), "to": "2", "alone": "1"}
    client.post(f"/territories/{plan}/move/", fields, headers={"accept": "application/json"})
    assert queries.sheet(plan, ALL, "analyst").moved == 1
