"""Knowledge kept between changes of the store: always what a whole reading would give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.insights.engine.journeys import Journeys
from perilune.insights.queries import knowledge, lessons
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.keeping import forget_all
from perilune.kernel.wiring import STORE_TABLES, StoreTable
from perilune.people.contracts import Company
from perilune.people.queries import company
from perilune.people.service import company_init
from perilune.store import queries as store
from perilune.store import refreshing, sessions
from perilune.store.layout import Store
from perilune.store.testing import registered, store_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FIRST, LAST = date(2024, 1, 1), 60
FOREVER = datetime(9999, 12, 31)
AT = AsOf.end_of(FIRST + timedelta(days=LAST), ZoneInfo("UTC"))
STAGES = [
    {"id": n, "name": f"S{n}", "meaning": "open", "category": "pipeline"} for n in range(1, 6)
]
FIXED: dict[str, list[dict[str, Any]]] = {
    "stage": [
        *STAGES,
        {"id": 8, "name": "Won", "meaning": "won"},
        {"id": 9, "name": "Lost", "meaning": "lost"},
    ],
    "product": [{"id": 1, "name": "Lunar", "list_price": 90_000_000, "currency": "USD"}],
}


def instant(day: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(9))


class Book:
    """One kind of records that change, as the store's table of them."""

    def __init__(self, table: StoreTable) -> None:
        self._table = table
        self.records: dict[int, list[dict[str, Any]]] = {}
        self.touches: list[int] = []

    def put(self, key: int, rows: Sequence[dict[str, Any]]) -> None:
        self.records[key] = [dict(row) for row in rows]
        self.touches.append(key)

    def table(self) -> StoreTable:
        names = [name for name, __ in self._table.shape()]

        def rows(keys: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
            for key in self.records if keys is None else dict.fromkeys(keys):
                versions = sorted(self.records.get(key, ()), key=lambda row: row["valid_from"])
                ends = [*(row["valid_from"] for row in versions[1:]), FOREVER][: len(versions)]
                yield [
                    tuple({"id": key, "valid_to": end, **row}.get(name) for name in names)
                    for row, end in zip(versions, ends, strict=True)
                    if not row.get("gone") and row["valid_from"] < end
                ]

        def touched(cursor: int) -> tuple[Sequence[int] | None, int]:
            return (self.touches[cursor - 1 :] if cursor else None), len(self.touches) + 1

        return replace(self._table, touched=touched, rows=rows)


class World:
    """Deals and activities in a store that follows them."""

    def __init__(self, opened: Store) -> None:
        self.store = opened
        tables = {table.relation: table for table in STORE_TABLES}
        self.deals, self.acts = Book(tables["opportunity"]), Book(tables["activity"])

    def clear(self) -> None:
        for book in (self.deals, self.acts):
            for key in book.records:
                book.put(key, [])

    def refresh(self) -> None:
        mine = {book.table().relation: book.table() for book in (self.deals, self.acts)}
        with registered([mine.get(table.relation, table) for table in STORE_TABLES]):
            refreshing.refresh(self.store)


@pytest.fixture
def world() -> Iterator[World]:
    company_init(name="Orbit", currency="USD", timezone="UTC", country="US")
    forget_all()
    with store_of(FIXED, always={"currency": "USD"}) as opened:
        yield World(opened)
    forget_all()


@pytest.fixture
def settings_of_home(world: World) -> Company:
    return company()


versions = st.lists(
    st.fixed_dictionaries(
        {
            "valid_from": st.integers(-9, LAST + 9).map(instant),
            "stage_id": st.sampled_from([1, 2, 3, 4, 5, 8, 9]),
            "owner_id": st.sampled_from([None, 1, 2]),
            "amount": st.sampled_from([None, 100, 250]),
            "close_date": st.integers(0, 90).map(lambda day: FIRST + timedelta(days=day)),
            "created_date": st.sampled_from([None, FIRST, FIRST + timedelta(days=7)]),
            "product_id": st.sampled_from([None, 1]),
            "type": st.sampled_from([None, "new"]),
            "is_excluded": st.sampled_from([None, False, True]),
            "gone": st.sampled_from([False, False, False, True]),
        }
    ),
    max_size=4,
    unique_by=lambda row: row["valid_from"],
)
deal_edits = st.tuples(st.just("deal"), st.integers(1, 9), versions)
act_edits = st.tuples(
    st.just("act"),
    st.integers(1, 9),
    st.tuples(st.integers(1, 9), st.integers(-3, LAST + 3)).map(
        lambda pair: [
            {
                "valid_from": instant(-20),
                "opportunity_id": pair[0],
                "starts_at": instant(pair[1]),
                "type": "call",
            }
        ]
    ),
)
steps = st.lists(
    st.one_of(
        st.lists(st.one_of(deal_edits, act_edits), min_size=1, max_size=4),
        st.just("compacted"),
    ),
    min_size=2,
    max_size=6,
)


def same(one: Journeys, other: Journeys) -> None:
    for each in fields(Journeys):
        mine, theirs = getattr(one, each.name), getattr(other, each.name)
        if each.name in ("codes", "ids"):
            assert list(mine) == list(theirs) or set(mine) == set(theirs)
            for name in mine:
                assert np.array_equal(mine[name], theirs[name]), (each.name, name)
        elif each.name == "levels":
            assert list(mine.items()) == list(theirs.items())
        else:
            assert mine.dtype == theirs.dtype, each.name
            assert np.array_equal(mine, theirs, equal_nan=mine.dtype == float), each.name


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps, st.lists(st.lists(st.integers(0, LAST), min_size=1, max_size=5), min_size=6, max_size=6)
)
def test_what_is_kept_is_what_a_whole_reading_gives_to_the_bit(
    world: World, settings_of_home: Company, changes: list[Any], days: list[list[int]]
) -> None:
    whole = list(range(LAST + 1))
    world.clear()
    forget_all()
    for change, asked in zip(changes, days, strict=False):
        if change == "compacted":
            refreshing.compact(world.store, every=True)
        else:
            for kind, key, rows in change:
                (world.deals if kind == "deal" else world.acts).put(key, rows)
            world.refresh()
        kept = knowledge.read(FIRST, AT, settings_of_home)
        # only some days are asked each time: the trail goes on from wherever it was
        digests = kept.digests(asked)
        journeys = kept.journeys
        now = knowledge._Reading(FIRST, AT, settings_of_home, None)._read(None)
        same(journeys, now.journeys)
        cold = now.trail.digests(now.journeys, whole)
        assert digests == {day: cold[day] for day in set(asked)}
    assert knowledge.read(FIRST, AT, settings_of_home).digests(whole) == cold


def a_deal(day: int, **more: Any) -> dict[str, Any]:
    return {"valid_from": instant(day), "stage_id": 1, "created_date": FIRST, **more}


def test_after_an_edit_only_the_touched_deals_are_read(
    world: World, settings_of_home: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in range(1, 30):
        world.deals.put(key, [a_deal(key % 9)])
    world.refresh()
    refreshing.compact(world.store, every=True)
    before = knowledge.read(FIRST, AT, settings_of_home)
    weeks = before.digests(range(0, LAST, 7))
    world.deals.put(4, [a_deal(4), a_deal(LAST, stage_id=8, close_date=FIRST)])
    world.refresh()
    read: list[int] = []
    arrays = store.arrays

    def counted(name: str, *args: Any, **more: Any) -> Any:
        found = arrays(name, *args, **more)
        read.append(len(found["id"]))
        return found

    monkeypatch.setattr(store, "arrays", counted)
    after = knowledge.read(FIRST, AT, settings_of_home)
    assert len(after.journeys.deal) == len(before.journeys.deal) + 1
    assert read == [2], "the two spells of the deal that was touched, and no activities"
    assert after.digests(range(0, LAST, 7)) == weeks, "what was known on earlier days is the same"
    assert after.digests([LAST]) != before.digests([LAST])


def test_several_threads_read_once(
    world: World, settings_of_home: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in range(1, 200):
        world.deals.put(key, [a_deal(key % 9)])
    world.refresh()
    asked: list[str] = []
    arrays = store.arrays

    def counted(name: str, *args: Any, **more: Any) -> Any:
        asked.append(name)
        return arrays(name, *args, **more)

    monkeypatch.setattr(store, "arrays", counted)
    # the shapes of the declared tables were asked of the database by the refresh
    readings = [knowledge.read(FIRST, AT, settings_of_home) for __ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda one: one.journeys, readings))
    assert all(one is found[0] for one in found)
    assert sorted(asked) == ["insights.acts", "insights.spells"]


def test_without_a_model_on_record_no_journey_is_read(
    world: World, settings_of_home: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deals.put(1, [a_deal(0), a_deal(3, stage_id=8, close_date=FIRST)])
    world.refresh()

    def never(*_args: Any, **_more: Any) -> Any:
        raise AssertionError("journeys were read")

    monkeypatch.setattr(store, "arrays", never)
    known = knowledge.read(FIRST, AT, settings_of_home)
    assert lessons.days_of(known)
    assert lessons.on_record(known) == []
    assert FiscalCalendar().parse("2024-Q1").start == FIRST
    assert sessions.reader().manifest().version > 1
