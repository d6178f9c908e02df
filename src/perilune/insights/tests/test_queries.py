"""Insights through a small real store: knowledge, lessons kept once, chances that a scope sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from perilune.insights import queries, service
from perilune.insights.contracts import Outlook
from perilune.insights.engine.journeys import OPEN, WON
from perilune.insights.models import OutlookModel
from perilune.insights.queries import knowledge, lessons, recorded
from perilune.insights.testing import exits_of
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Invalid
from perilune.kernel.keeping import forget_all
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.service import company_init
from perilune.store import queries as store
from perilune.store import shelves
from perilune.store.service import current
from perilune.store.testing import store_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FIRST = date(2024, 1, 1)
ZONE = ZoneInfo("UTC")
LAST, DEALS = 130, 260
Q2 = FiscalCalendar().parse("2024-Q2")
EVERYONE = Scope.company()


def made_deals() -> list[dict[str, Any]]:
    """Make deals of three reps, open and then closed; the first one is lost on day 0."""
    rng = np.random.default_rng(21)
    created = np.sort(rng.integers(-20, LAST, DEALS))
    created[0] = -20
    when, how = exits_of(rng, created, 0.02, 0.02, LAST)
    when[0], how[0] = 0, 2
    rows = []
    for number in range(DEALS):
        if number and when[number] < 0:
            when[number] = 0
        known = {
            "id": number + 1,
            "owner_id": 1 + number % 3,
            "product_id": 1 + number % 2,
            "currency": "USD",
            "created_date": FIRST + timedelta(days=int(created[number])),
        }
        rows.append({**known, "stage_id": 1, "valid_from": morning(created[number])})
        if how[number] != OPEN:
            closed = {
                "stage_id": 2 if how[number] == WON else 3,
                "amount": 10_000 + number,
                "close_date": FIRST + timedelta(days=int(when[number])),
                "valid_from": morning(when[number]),
            }
            rows.append({**known, **closed})
    return rows


def morning(day: Any) -> datetime:
    return datetime.combine(FIRST + timedelta(days=int(day)), time(9))


ROWS: dict[str, list[dict[str, Any]]] = {
    "stage": [
        {"id": 1, "name": "Engaging", "meaning": "open"},
        {"id": 2, "name": "Won", "meaning": "won"},
        {"id": 3, "name": "Lost", "meaning": "lost"},
    ],
    "product": [
        {"id": 1, "name": "Lunar", "list_price": 90_000_000, "currency": "USD"},
        {"id": 2, "name": "Solar", "list_price": 50_000_000, "currency": "USD"},
    ],
    "rep": [{"id": n, "name": f"Rep {n}"} for n in (1, 2, 3)],
    "opportunity": made_deals(),
}


@pytest.fixture(scope="module", autouse=True)
def deals(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    # the shapes of the declared tables ask for custom fields; nothing is written
    with django_db_blocker.unblock(), store_of(ROWS, always={"currency": "USD"}):
        yield


@pytest.fixture(autouse=True)
def home() -> Iterator[None]:
    company_init(name="Orbit", currency="USD", timezone="UTC", country="US")
    forget_all()
    yield
    forget_all()


def as_of(day: int) -> AsOf:
    return AsOf.end_of(FIRST + timedelta(days=day), ZONE)


def known(day: int) -> knowledge.Knowledge:
    return knowledge.read(FIRST, as_of(day), company())


def test_numbers_come_as_arrays_and_are_those_of_the_rows() -> None:
    params = {"first_day": FIRST, "high": 0}
    found = store.arrays(
        "insights.spells", {**params, "currency": "USD"}, scope=EVERYONE, as_of=as_of(60)
    )
    rows = store.run(
        "insights.spells", {**params, "currency": "USD"}, scope=EVERYONE, as_of=as_of(60)
    ).rows
    assert list(found)[:4] == ["id", "day_from", "day_to", "state"]
    assert all(len(column) == len(rows) for column in found.values())
    assert [
        tuple(row) for row in zip(*(column.tolist() for column in found.values()), strict=True)
    ] == [tuple(row) for row in rows]
    mine = Scope(label="mine", owners=frozenset({1}))
    seen = store.arrays(
        "insights.spells", {**params, "currency": "USD"}, scope=mine, as_of=as_of(60)
    )
    assert set(seen["owner_id"].tolist()) == {1}
    with pytest.raises(Invalid):
        store.arrays("insights.spells", {}, scope=EVERYONE, as_of=as_of(60))


def test_journeys_of_a_day_are_the_deals_that_were_known_then() -> None:
    journeys = known(60).journeys
    told = {row["id"]: row for row in ROWS["opportunity"] if row["valid_from"] <= morning(60)}
    deal, spell = journeys.known(60)
    assert journeys.key[deal].tolist() == sorted(told)
    state = [told[key]["stage_id"] - 1 for key in sorted(told)]
    assert journeys.state[spell].tolist() == state
    value = [told[key].get("amount") for key in sorted(told)]
    price = {1: 900_000.0, 2: 500_000.0}  # minor units, where no amount is known
    assert journeys.value[spell].tolist() == [
        price[told[key]["product_id"]] if amount is None else amount
        for key, amount in zip(sorted(told), value, strict=True)
    ]


def test_a_later_as_of_tells_the_same_of_an_earlier_day() -> None:
    days = lessons.days_of(known(60))
    early, late = known(60), known(LAST)
    assert early.digests(days) == late.digests(days)


def test_lessons_are_kept_once_whoever_asks_and_however_often() -> None:
    done, wanted = service.learn(as_of(100))
    assert done == wanted == OutlookModel.objects.count() > 5
    before = dict(OutlookModel.objects.values_list("digest", "id"))
    assert service.learn(as_of(100)) == (done, wanted)
    assert dict(OutlookModel.objects.values_list("digest", "id")) == before
    # a week later just one more is learnt
    later, __ = service.learn(as_of(107))
    assert later == OutlookModel.objects.count() == wanted + 1


def test_an_outlook_of_a_past_day_is_kept_and_is_that_of_a_reading_of_its_own() -> None:
    service.learn(as_of(121))
    days = [84, 98, 112]
    first = queries.outlooks(FIRST, days, 28, as_of(121), company()).found
    later = queries.outlooks(FIRST, days, 28, as_of(125), company()).found
    assert list(first) == days
    assert all(later[day] is first[day] for day in days)
    assert queries.outlooks(FIRST, days, 91, as_of(121), company()).found[98] is not first[98]
    forget_all()
    shelves.empty_all(current().path)
    cold = queries.outlooks(FIRST, days, 28, as_of(121), company()).found
    for day in days:
        assert cold[day] is not first[day]
        assert same(cold[day], first[day])


def same(one: Outlook, other: Outlook) -> bool:
    pairs = [(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)]
    return all(type(a) is type(b) and np.array_equal(a, b) for a, b in pairs)


def test_a_new_process_takes_outlooks_of_past_days_from_the_shelf_to_the_digit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service.learn(as_of(121))
    shelves.empty_all(current().path)
    forget_all()
    first = queries.outlooks(FIRST, [98, 112, 121], 91, as_of(121), company()).found
    forget_all()  # as a new process would find it
    reckoned: list[int] = []
    # its name is that of the function which the package shows
    outlooks = import_module("perilune.insights.queries.outlooks")
    whole = outlooks._outlook

    def counted(*asked: Any) -> Outlook:
        reckoned.append(asked[2])
        found: Outlook = whole(*asked)
        return found

    monkeypatch.setattr(outlooks, "_outlook", counted)
    again = queries.outlooks(FIRST, [98, 112, 121], 91, as_of(121), company()).found
    assert not reckoned
    assert all(same(again[day], first[day]) for day in first)
    # a day later, a week is told anew where knowledge or models are others; the past is not
    queries.outlooks(FIRST, [98, 112, 122], 91, as_of(122), company())
    assert reckoned == [122]
    # another way of reckoning is another record
    monkeypatch.setattr(recorded, "RECKONING", "outlook-0")
    forget_all()
    queries.outlooks(FIRST, [98], 91, as_of(121), company())
    assert reckoned == [122, 98]


def test_the_job_keeps_outlooks_before_anybody_asks_in_steps_that_go_on() -> None:
    service.learn(as_of(121))
    shelves.empty_all(current().path)
    forget_all()
    done, wanted = service.keep_outlooks(as_of(121), seconds=0.0)
    assert 0 < done < wanted
    assert service.keep_outlooks(as_of(121)) == (wanted, wanted)
    assert len(list((current().path / "shelves" / "outlooks").iterdir())) == wanted


def test_learning_stops_in_time_and_goes_on_where_it_stopped() -> None:
    heard: list[tuple[int, int]] = []
    done, wanted = service.learn(as_of(100), seconds=0, tell=lambda *both: heard.append(both))
    assert (done, heard) == (1, [(1, wanted)])
    assert service.learn(as_of(100)) == (wanted, wanted)


def test_before_the_first_close_there_is_nothing_to_learn() -> None:
    assert service.learn(as_of(-5)) == (0, 0)
    assert queries.chances(Q2, as_of(-5), EVERYONE) == ()


def test_a_changed_fiscal_year_asks_for_models_of_its_own() -> None:
    service.learn(as_of(60))
    there = known(60)
    other = knowledge.season_of(FiscalCalendar(start_month=2), FIRST, as_of(60).day)
    moved = replace(there, season=other)
    assert lessons.on_record(there)
    assert not lessons.on_record(moved)


def test_without_models_on_record_nothing_is_said_and_learning_on_demand_writes_nothing() -> None:
    assert queries.chances(Q2, as_of(120), EVERYONE) == ()
    assert queries.chances(Q2, as_of(120), EVERYONE, learn=True)
    assert not OutlookModel.objects.exists()


def test_a_model_speaks_of_the_two_weeks_after_it_and_not_without_twenty_wins() -> None:
    found = lessons.all_of(known(100))
    last = found[-1]
    assert lessons.of_day(found, last.day) is last
    assert lessons.of_day(found, last.day + lessons.OLDEST) is last
    assert lessons.of_day(found, last.day + lessons.OLDEST + 1) is None
    few = replace(last, model=replace(last.model, events=(19, 400)))
    assert lessons.of_day([few], last.day) is None


def test_chances_of_open_deals_sum_to_one_and_name_their_reasons() -> None:
    service.learn(as_of(120))
    found = queries.chances(Q2, as_of(120), EVERYONE)
    there = known(120)
    deal, __ = there.journeys.open_at(120)
    assert {item.id for item in found} == set(there.journeys.key[deal].tolist())
    for item in found:
        assert item.win + item.lose + item.slip == pytest.approx(1)
        assert 0 <= item.win <= item.ever <= 1
        assert item.value > 0
        assert item.close is None or item.close > as_of(120).day
        assert all(not reason.level.startswith(("stage:", "product:")) for reason in item.reasons)
    worth = [item.win * item.value for item in found]
    assert worth == sorted(worth, reverse=True)


def test_a_rep_sees_the_own_deals_with_the_chances_that_the_company_sees() -> None:
    service.learn(as_of(120))
    everyone = {item.id: item for item in queries.chances(Q2, as_of(120), EVERYONE)}
    mine = queries.chances(Q2, as_of(120), Scope(label="mine", owners=frozenset({2})))
    assert mine
    assert {item.owner_id for item in mine} == {2}
    assert all(everyone[item.id].win == item.win for item in mine)


def test_outlooks_of_past_days_say_what_those_days_knew() -> None:
    service.learn(as_of(120))
    late = queries.outlooks(FIRST, [100, 120], 28, as_of(120), company())
    assert late.is_complete
    early = queries.outlooks(FIRST, [100], 28, as_of(100), company())
    one, two = early.found[100], late.found[100]
    assert np.array_equal(one.open_mean, two.open_mean)
    assert np.array_equal(one.conversion, two.conversion)
    assert np.array_equal(one.open_factor, two.open_factor)
    assert (np.diff(two.open_mean, axis=1) >= 0).all()
    deals = late.deals((0, 28))
    assert deals is not None
    assert float((deals.win[:, 1] * deals.value).sum()) == pytest.approx(
        float(late.found[120].open_mean[:, 28].sum())
    )


def test_a_rolling_origin_says_of_each_day_what_that_day_alone_would_have_said() -> None:
    end, day = as_of(125), 100
    rolling = queries.Rolling(FIRST, FIRST + timedelta(days=day), end, company())
    asked = [day - 14, day - 7, day]
    shared = rolling.outlooks(asked, 28, as_of(day))
    alone = queries.outlooks(FIRST, asked, 28, as_of(day), company(), learn=True)
    assert sorted(shared.found) == sorted(alone.found) == asked
    for at in asked:
        one, other = shared.found[at], alone.found[at]
        assert np.array_equal(one.owners, other.owners)
        assert one.open_mean == pytest.approx(other.open_mean)
        assert one.conversion == pytest.approx(other.conversion)
    assert shared.won_day.tolist() == alone.won_day.tolist()
    mine, theirs = shared.deals((0, 28)), alone.deals((0, 28))
    assert mine is not None
    assert theirs is not None
    assert np.array_equal(mine.key, theirs.key)
    assert mine.win == pytest.approx(theirs.win)
