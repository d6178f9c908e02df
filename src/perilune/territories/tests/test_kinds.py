"""Territories as dated records of the history: in the store, as of any date, cut to the reader."""

from datetime import UTC, date, datetime

import pytest

from perilune.history.service import change_set
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.store import queries as store
from perilune.store import service as refreshing

pytestmark = pytest.mark.django_db

FIRST, SECOND = date(2026, 2, 1), date(2026, 5, 1)


@pytest.fixture
def world():
    from perilune.crm.testing import make_book
    from perilune.people.testing import cast

    people = cast()
    return people, make_book(people)


def _put(people, book):
    """Rita's territory holds the northern account from February on, Sara's takes it in May."""
    org = people.organisation
    with change_set(actor="test", title="", known_at=datetime(2026, 2, 1, tzinfo=UTC)) as w:
        north = w.create("territory", {"name": "North", "effective_from": FIRST})
        south = w.create("territory", {"name": "South", "effective_from": FIRST})
        w.create("territory_seat", {"territory_id": north, "rep_id": org.rita, "role": "owner",
                                    "effective_from": FIRST})  # fmt: skip
        held = w.create("territory_account", {"territory_id": north, "origin": "plan",
                                              "account_id": book.north_account,
                                              "effective_from": FIRST})  # fmt: skip
    with change_set(actor="test", title="", known_at=datetime(2026, 5, 1, tzinfo=UTC)) as w:
        w.change("territory_account", held, {"effective_to": date(2026, 4, 30)})
        w.create("territory_account", {"territory_id": south, "origin": "plan",
                                       "account_id": book.north_account,
                                       "effective_from": SECOND})  # fmt: skip
    refreshing.refresh()
    return north, south


def _held(day, scope=None):
    at = AsOf.end_of(day, company().zone)
    found = store.run("territories.members_in_force", scope=scope or Scope.company(), as_of=at)
    return [(row["account_id"], row["territory_id"]) for row in found.dicts()]


def test_a_territory_holds_its_accounts_as_of_each_day(world) -> None:
    people, book = world
    north, south = _put(people, book)
    assert _held(date(2026, 1, 31)) == []
    assert _held(FIRST) == [(book.north_account, north)]
    assert _held(date(2026, 4, 30)) == [(book.north_account, north)]
    assert _held(SECOND) == [(book.north_account, south)]


def test_the_accounts_of_a_territory_are_seen_by_those_who_see_the_account(world) -> None:
    people, book = world
    _put(people, book)
    mine, others = scope_for(people.rep), scope_for(people.outsider)
    assert len(_held(FIRST, mine)) == 1
    assert _held(FIRST, others) == []


def test_seats_are_seen_by_those_who_see_the_rep_and_vacant_territories_by_all(world) -> None:
    people, book = world
    _put(people, book)
    at = AsOf.end_of(FIRST, company().zone)

    def reps(scope):
        rows = store.run("territories.in_force", scope=scope, as_of=at).dicts()
        return [(row["name"], row["rep"], row["accounts"]) for row in rows]

    assert reps(Scope.company()) == [("North", "Rita", 1), ("South", None, 0)]
    assert reps(scope_for(people.outsider)) == [("North", None, 0), ("South", None, 0)]
