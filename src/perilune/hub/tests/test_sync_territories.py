"""Syncs of an org's territories: chosen, dated by their model, gone without a bin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.models import Proof
from perilune.hub.queries import connections as queries
from perilune.hub.service import sync
from perilune.hub.tests.objects_compared import live, unlike
from perilune.hub.tests.syncing import connected, red, synced
from perilune.people.queries import company
from tests.fakes.salesforce import Org
from tests.fakes.salesforce.made import filled
from tests.fakes.salesforce.territories import activate, designed, switched_on

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]

_OBJECTS = ("Territory2", "UserTerritory2Association", "ObjectTerritory2Association")
_TO = {
    "parent_id": "territory", "territory_id": "territory", "rep_id": "rep", "account_id": "account",
}  # fmt: skip


def _day(instant: str | None, days: int = 0) -> str | None:
    if not instant:
        return None
    at = datetime.fromisoformat(instant) + timedelta(days=days)
    return at.astimezone(company().zone).date().isoformat()


def _model(org: Org, row: dict[str, Any]) -> dict[str, Any]:
    if "Territory2Id" in row:
        row = org.rows["Territory2"].get(row["Territory2Id"], {})
    return org.rows["Territory2Model"].get(row.get("Territory2ModelId", ""), {})


def _unlike(org: Org) -> list[str]:
    def since(row: dict[str, Any]) -> str | None:
        return _day(max(row["LastModifiedDate"], _model(org, row)["ActivatedDate"]))

    until = ("effective_to", lambda row: _day(_model(org, row)["DeactivatedDate"], -1))
    columns: dict[str, tuple[str, tuple[tuple[str, Any], ...]]] = {
        "Territory2": ("territory", (
            ("name", "Name"), ("code", "DeveloperName"), ("parent_id", "ParentTerritory2Id"),
            ("type", lambda _row: "Geographic"),
            ("effective_from", lambda row: _day(_model(org, row)["ActivatedDate"])), until)),
        "UserTerritory2Association": ("territory_seat", (
            ("territory_id", "Territory2Id"), ("rep_id", "UserId"),
            ("effective_from", since), until)),
        "ObjectTerritory2Association": ("territory_account", (
            ("territory_id", "Territory2Id"), ("account_id", "ObjectId"),
            ("origin", lambda _row: "rule"), ("effective_from", since), until)),
    }  # fmt: skip
    found = []
    for name, (kind, of) in columns.items():
        there = {
            key: row for key, row in org.rows[name].items()
            if _model(org, row).get("ActivatedDate")
            and str(row.get("ObjectId", "001")).startswith("001")
        }  # fmt: skip
        rows = live(there, "IsDeleted", of)
        found += unlike(kind, rows, {field: _TO.get(field, "") for field, _of in of})
    return found


def test_territories_are_read_once_chosen_and_follow_the_model_that_is_in_force() -> None:
    org = switched_on(filled(4, moves=1))
    before, after = designed(org, "North"), designed(org, "South")
    activate(org, before)
    org.pass_time(hours=1)  # what changes in the second of a run is left to the next one
    with connected(org):
        sync.connection_look("acme")
        is_on = {one.name: one.is_on for one in queries.connection("acme").objects}
        assert not any(is_on[name] for name in _OBJECTS)
        for name in (*_OBJECTS, "Opportunity", "Contact"):
            sync.connection_choose("acme", name, {}, on=name in _OBJECTS)
        run = synced()
        assert (run.is_proved, _unlike(org), red()) == (True, [], [])
        # a plan that is not in force, and a lead in a territory, are kept out and counted apart
        refused = {p.object: p.refused for p in Proof.objects.filter(object__in=_OBJECTS)}
        assert list(map(refused.get, _OBJECTS)) == [3, 2, 4]
        org.pass_time(hours=14)
        known = org.clock()
        org.update("Territory2", before.below[0], Name="North, renamed")
        seats, places = (list(org.rows[name]) for name in _OBJECTS[1:])
        org.delete("UserTerritory2Association", seats[0])
        org.delete("ObjectTerritory2Association", places[0])
        org.purge("ObjectTerritory2Association", places[1])
        org.pass_time(hours=1)
        activate(org, after)
        run = synced()
        assert (run.is_proved, _unlike(org), red()) == (True, [], [])
        north = history.identity_keys("acme", "territory")[before.below[0]]
        names = [v["name"] for _us, _f, v, _s in history.said_rows("territory", [north])[north]
                 if "name" in v]  # fmt: skip
        assert names == ["North 0", "North, renamed"]
        then = history.state_as_of("territory", north, known - timedelta(hours=1)) or {}
        assert then["name"] == "North 0"
        south = history.identity_keys("acme", "territory")[after.below[0]]
        assert history.state_as_of("territory", south, known) is None  # not in force, not known
    today = company().today.day
    standing = {
        t["name"] for t in history.states_as_of("territory", None).values()
        if t["effective_from"] <= today and (t["effective_to"] or today) >= today
    }  # fmt: skip
    assert standing == {"South all", "South 0", "South 1"}
