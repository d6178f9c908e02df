"""Every page and endpoint, asked by GET as each role and as a stranger, and what it takes.

The answers stand in `access.json`, and in `query_counts.json` how many queries each page takes of
the director: a new page, a new right or more queries are recorded by PERILUNE_REFRESH=1 and read in
the difference. POST-only addresses answer 405 to whoever may come in.
"""

import json
import os
from pathlib import Path

import pytest
from django.test import Client

from perilune.demo.contracts import ROLES
from perilune.demo.testing import build_small
from perilune.store import service as store
from tests.house.pages import OK, client_of, hold, named, queries_again

BASELINE = Path(__file__).with_name("access.json")
COUNTED = "director"
PARTS = {
    "planning": "planning",
    "forecast": "forecasting",
    "data": "hub",
    "records": "crm",
    "territories": "territories",
}
"""Rooms that are asked on their own, so that processes share the work; `others` are the rest."""


def part_of(name: str) -> str:
    """Return the part of the house in which an address is asked."""
    space = name.partition(":")[0]
    return next((part for part, room in PARTS.items() if room == space), "others")


@pytest.mark.roles
@pytest.mark.django_db(databases=["default", "queue"])
@pytest.mark.timeout(600)  # some hundred addresses times eight roles
@pytest.mark.parametrize("part", [*PARTS, "others"])
def test_every_page_answers_each_role_as_recorded_and_takes_no_more_queries(part: str) -> None:
    build_small(recorded_weeks=0)
    store.refresh()
    clients = {name: client_of(name) for name in ROLES}
    nobody = Client()
    answers: dict[str, dict[str, int]] = {}
    counts: dict[str, int | None] = {}
    for name, address in named():
        if part_of(name) != part:
            continue
        nobody.cookies.clear()
        stranger = nobody.get(address)
        assert stranger.status_code in (302, 401, 403, 405), f"{name} is open to strangers"
        answers[name] = {role: client.get(address).status_code for role, client in clients.items()}
        if answers[name][COUNTED] == OK:
            counts[name] = queries_again(clients[COUNTED], address)
    recorded = json.loads(BASELINE.read_text())
    if os.environ.get("PERILUNE_REFRESH") == "1":
        kept = {name: answer for name, answer in recorded.items() if part_of(name) != part}
        recorded = kept | answers
        BASELINE.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
    assert not {n: a for n, a in answers.items() if max(a.values()) >= 500}
    assert answers == {name: a for name, a in recorded.items() if part_of(name) == part}
    hold(part, counts)


def test_what_is_recorded_closes_the_settings_and_the_journal_to_those_who_sell() -> None:
    answers = json.loads(BASELINE.read_text())
    for page in ("site:journal", "people:users", "hub:index"):
        assert answers[page]["rep"] == 403, page
        assert answers[page]["director"] == 200, page
    assert answers["crm:records"]["viewer"] == 403
