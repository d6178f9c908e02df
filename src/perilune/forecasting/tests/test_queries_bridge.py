"""The bridge through records, history and store: against what the history says of either day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from perilune.forecasting.contracts import (
    OF_SEATS,
    Bridge,
    BridgeRequest,
    BridgeRow,
    By,
    Component,
)
from perilune.forecasting.queries import bridge_deals, bridge_for
from perilune.history import service as history
from perilune.history.queries import states_as_of
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.keeping import forget_all
from perilune.kernel.rates import RateSet
from perilune.kernel.scope import Scope
from perilune.people import testing as people
from perilune.people.queries import company
from perilune.people.service import note_import
from perilune.store import service as store

pytestmark = pytest.mark.django_db

C = Component
Q2 = FiscalCalendar().parse("2026-Q2")
EVERYONE = Scope.company()
START = date(2026, 4, 1)


class Clock(datetime):
    """A clock that stands where a test puts it: what is recorded, is recorded then."""

    at = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> Clock:
        return cls.at  # type: ignore[return-value]


@dataclass
class Home:
    """A small company with two open stages and the ends, and its records as they are written."""

    org: people.Organisation
    stage: dict[str, int]
    product: int

    def on(self, day: date) -> None:
        """Put the clock to the noon of a day."""
        Clock.at = noon(day)

    def make(self, kind: str, known: date | None = None, **values: Any) -> int:
        with history.change_set(actor="test", known_at=noon(known) if known else Clock.at) as w:
            return w.create(kind, values)

    def deal(self, known: date | None = None, **values: Any) -> int:
        facts = {
            "name": "Deal",
            "owner_id": self.org.rita,
            "stage_id": self.stage["open"],
            "amount": 10_000,
            "currency": "EUR",
            "close_date": date(2026, 6, 30),
        }
        return self.make("opportunity", known, **(facts | values))

    def change(self, id_: int, known: date | None = None, **values: Any) -> int:
        at = noon(known) if known else Clock.at
        with history.change_set(actor="test", known_at=at) as w:
            w.change("opportunity", id_, values)
        return w.id

    def end(self, id_: int, purpose: str = "edit") -> None:
        with history.change_set(actor="test", purpose=purpose, known_at=Clock.at) as w:
            w.delete("opportunity", id_)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture
def home(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr("perilune.history.service.datetime", Clock)
    Clock.at = datetime(2026, 1, 1, tzinfo=UTC)
    people.make_company(timezone="UTC", currency="EUR")
    note_import(date(2026, 12, 31))
    org = people.make_organisation()
    made = Home(org, {}, 0)
    for name, meaning, category in (
        ("open", "open", "pipeline"),
        ("commit", "open", "commit"),
        ("omitted", "open", "omitted"),
        ("won", "won", "closed"),
        ("lost", "lost", "omitted"),
    ):
        made.stage[name] = made.make("stage", name=name, meaning=meaning, category=category)
    made.product = made.make("product", name="Probe", list_price=1_230_000, currency="EUR")
    for kind, starts, value in (
        ("budget", date(2026, 1, 1), 1.1),
        ("budget", date(2026, 5, 1), 1.25),
        ("spot", date(2026, 1, 1), 1.5),
    ):
        made.make("rate", rate_set=kind, currency="USD", starts=starts, value=value)
    # on record before everything else: what comes later can be restated
    made.deal(name="First", amount=1)
    yield made
    forget_all()


def day(number: int) -> AsOf:
    """Return the end of a day of the quarter."""
    return AsOf.end_of(START + timedelta(days=number), company().zone)


def bridged(since: int, until: int, scope: Scope = EVERYONE, **more: Any) -> Bridge:
    store.refresh()
    more.setdefault("period", Q2)
    return bridge_for(BridgeRequest(day(since), day(until), **more), scope)


def lines(row: BridgeRow) -> dict[Component, int]:
    assert row.residual == 0
    return {line.component: line.value for line in row.lines}


def by_label(found: Bridge) -> dict[str, BridgeRow]:
    return {row.label: row for row in found.rows[1:]}


Act = Callable[[Home, int], Any]
ACTS: list[tuple[str, Act, dict[Component, int]]] = [
    ("nothing", lambda h, d: None, {}),
    ("new", lambda h, d: h.deal(amount=500), {C.NEW: 500}),
    ("pushed", lambda h, d: h.change(d, close_date=date(2026, 7, 1)), {C.PUSHED: -10_000}),
    ("omitted", lambda h, d: h.change(d, stage_id=h.stage["omitted"]), {C.OMITTED: -10_000}),
    ("lost", lambda h, d: h.change(d, stage_id=h.stage["lost"], amount=0), {C.LOST: -10_000}),
    (
        "won",
        lambda h, d: h.change(d, stage_id=h.stage["won"], amount=9_000, close_date=Clock.at.date()),
        {C.DECREASED: -1_000, C.WON: -9_000},
    ),
    ("deleted", lambda h, d: h.end(d), {C.DELETED: -10_000}),
    ("merged", lambda h, d: h.end(d, "merge"), {C.MERGED: -10_000}),
    ("left out", lambda h, d: h.change(d, is_excluded=True), {C.SCOPE: -10_000}),
    (
        "list price",
        lambda h, d: h.change(d, amount=None, product_id=h.product),
        {C.INCREASED: 2_300},
    ),
]


@pytest.mark.parametrize(("act", "expected"), [a[1:] for a in ACTS], ids=[a[0] for a in ACTS])
def test_each_act_has_its_reason(home: Home, act: Act, expected: dict[Component, int]) -> None:
    home.on(START)
    deal = home.deal()
    home.on(START + timedelta(days=10))
    act(home, deal)
    found = bridged(5, 15)
    assert lines(found.total) == expected
    assert (found.total.opening, found.total.opening_count) == (10_001, 2)
    assert found.total.closing == 10_001 + sum(expected.values())


def test_a_deal_may_be_reopened(home: Home) -> None:
    home.on(START)
    deal = home.deal(stage_id=home.stage["lost"])
    home.on(START + timedelta(days=10))
    home.change(deal, stage_id=home.stage["commit"])
    assert lines(bridged(5, 15).total) == {C.REOPENED: 10_000}


def test_budget_rates_change_with_their_year_and_actual_ones_on_a_switch(home: Home) -> None:
    home.on(START)
    home.deal(currency="USD")
    home.deal(currency="CHF")
    budget = bridged(5, 35)
    assert lines(budget.total) == {C.CURRENCY: 1_500}
    assert budget.total.opening == 11_001
    assert (budget.unrated, budget.gap) == (1, None)
    actual = bridged(5, 35, rates=RateSet.SPOT)
    assert lines(actual.total) == {}
    assert actual.total.opening == 15_001
    assert actual.gap is not None
    assert actual.gap.opening_budget + actual.gap.opening_difference == actual.total.opening
    assert (actual.gap.opening_difference, actual.gap.closing_difference) == (4_000, 2_500)


def test_a_type_that_changes_leaves_the_bridge_of_that_type(home: Home) -> None:
    home.on(START)
    deal = home.deal(type="new")
    home.on(START + timedelta(days=10))
    home.change(deal, type="renewal")
    assert lines(bridged(5, 15, deal_type="new").total) == {C.SCOPE: -10_000}
    assert lines(bridged(5, 15, deal_type="renewal").total) == {C.SCOPE: 10_000}
    assert lines(bridged(5, 15).total) == {}


def test_a_deal_goes_from_owner_to_owner_and_a_rep_from_team_to_team(home: Home) -> None:
    home.on(START)
    deal = home.deal()
    home.deal(owner_id=home.org.rolf, amount=700)
    home.on(START + timedelta(days=10))
    home.change(deal, owner_id=home.org.sara, amount=12_000)
    with history.change_set(actor="test", known_at=Clock.at) as w:
        seat = next(
            id_
            for id_, state in states_as_of("assignment", None).items()
            if state["rep_id"] == home.org.rolf
        )
        w.change("assignment", seat, {"effective_to": Clock.at.date()})
    home.make(
        "assignment",
        rep_id=home.org.rolf,
        team_id=home.org.south,
        fte=1.0,
        effective_from=Clock.at.date() + timedelta(days=1),
    )
    rows = by_label(bridged(5, 15, by=By.TEAM))
    assert lines(rows["North"]) == {C.OWNER_OUT: -10_000, C.REORGANISED: -700}
    assert lines(rows["South"]) == {C.OWNER_IN: 10_000, C.REORGANISED: 700, C.INCREASED: 2_000}
    restated = by_label(bridged(5, 15, by=By.TEAM, is_todays=True))
    assert lines(restated["North"]) == {C.OWNER_OUT: -10_000}
    assert restated["South"].opening == 700
    reps = by_label(bridged(5, 15, by=By.REP))
    assert lines(reps["Rolf"]) == {}
    assert reps["Sara"].closing == 12_000


def test_who_sees_some_owners_sees_what_came_and_went_but_not_where_to(home: Home) -> None:
    home.on(START)
    mine, theirs = home.deal(), home.deal(owner_id=home.org.sara, amount=300)
    home.on(START + timedelta(days=10))
    home.change(mine, owner_id=home.org.sara, amount=99_000)
    home.change(theirs, owner_id=home.org.rita, amount=500)
    scope = Scope(label="mine", owners=frozenset({home.org.rita}))
    found = bridged(5, 15, scope)
    expected = {C.OWNER_IN: 300, C.OWNER_OUT: -10_000, C.INCREASED: 200}
    assert lines(found.total) == expected
    # the very figures of the same row in the company's bridge
    assert lines(by_label(bridged(5, 15, by=By.REP))["Rita"]) == expected
    deals, count = bridge_deals(found.request, scope, C.OWNER_OUT)
    assert (count, deals[0].value, deals[0].after) == (1, -10_000, {})


def test_a_viewer_gets_groups_and_no_deals(home: Home) -> None:
    viewer = Scope(label="company", aggregates_only=True, smallest_group=3)
    home.on(START)
    home.deal()
    with pytest.raises(Refused):
        bridged(0, 5, viewer, by=By.REP)
    found = bridged(0, 5, viewer, by=By.TEAM)
    assert all(row.is_withheld and not row.lines for row in found.rows[1:])
    with pytest.raises(Refused):
        bridge_deals(found.request, viewer)


def test_a_split_deal_is_shared_to_the_cent_and_its_split_may_change(home: Home) -> None:
    home.on(START)
    deal = home.deal(amount=100)
    first = home.make("opportunity_split", opportunity_id=deal, rep_id=home.org.rita, share=3_333)
    home.make("opportunity_split", opportunity_id=deal, rep_id=home.org.sara, share=6_667)
    home.on(START + timedelta(days=10))
    with history.change_set(actor="test", known_at=Clock.at) as w:
        w.change("opportunity_split", first, {"rep_id": home.org.sami})
    home.change(deal, amount=101)
    found = bridged(5, 15, by=By.REP)
    rows = by_label(found)
    assert sum(row.closing for row in rows.values()) == found.total.closing == 102
    assert lines(rows["Rita"]) == {C.OWNER_OUT: -33}
    # Sami's part comes first now: his and Sara's sum to the deal all the same
    assert lines(rows["Sami"])[C.OWNER_IN] + lines(rows["Sara"]).get(C.OWNER_IN, 0) == 33


# -- what is recorded after its time ---------------------------------------------------------------


def test_what_is_backdated_or_taken_back_after_the_opening_is_restated(home: Home) -> None:
    home.on(START)
    deal, wrong = home.deal(), home.deal(amount=50)
    bad = home.change(wrong, amount=5_000)
    home.on(START + timedelta(days=10))
    late = home.deal(known=START, amount=700)
    home.change(deal, known=START + timedelta(days=1), amount=9_000)
    history.retract(bad, "test")
    home.change(late, amount=800)
    found = bridged(5, 15)
    assert lines(found.total) == {C.RESTATED: 700 - 1_000 - 4_950, C.INCREASED: 100}
    assert found.total.opening == 1 + 10_000 + 5_000
    deals, count = bridge_deals(found.request, EVERYONE, C.RESTATED)
    assert (count, sorted(each.value for each in deals)) == (3, [-4_950, -1_000, 700])
    by_value = {each.value: each for each in deals}
    # what stood there on the day, not what is known of the day by now
    assert by_value[-4_950].before["amount"] == 5_000
    assert by_value[700].before == {}
    # a week later nothing of it is news
    assert lines(bridged(12, 15).total) == {}


def test_a_company_that_moved_in_later_restates_nothing_and_says_since_when(home: Home) -> None:
    found = bridged(-200, 15)
    assert C.RESTATED not in lines(found.total)
    assert found.counted_from == date(2026, 1, 1)
    assert bridged(5, 15).counted_from is None


def test_from_later_to_earlier_there_is_no_bridge(home: Home) -> None:
    with pytest.raises(Invalid):
        bridged(15, 5)


# -- a random life ---------------------------------------------------------------------------------


def live(home: Home, seed: int) -> None:
    """Let sixty things happen to a dozen deals in ninety days, a third of them told late."""
    rng = np.random.default_rng(seed)
    deals: list[int] = []
    sets: list[int] = []
    org = home.org
    for number in sorted(int(n) for n in rng.integers(0, 90, 60)):
        today = START + timedelta(days=number)
        home.on(today)
        known = today - timedelta(days=int(rng.integers(0, 30))) if rng.random() < 0.3 else today
        values: dict[str, Any] = {
            "amount": int(rng.integers(1, 10**7)),
            "currency": str(rng.choice(["EUR", "USD", "CHF"])),
            "close_date": START + timedelta(days=int(rng.integers(-60, 150))),
            "stage_id": home.stage[str(rng.choice(["open", "commit", "omitted", "won", "lost"]))],
            "owner_id": [org.rita, org.rolf, org.sara, None][int(rng.integers(4))],
            "is_excluded": bool(rng.random() < 0.1),
        }
        chance = rng.random()
        if len(deals) < 12 and chance < 0.4:
            deals.append(home.deal(known=known, **values))
        elif deals and chance < 0.85:
            some = {name: value for name, value in values.items() if rng.random() < 0.4}
            if some:
                sets.append(home.change(int(rng.choice(deals)), known, **some))
        elif deals and chance < 0.92:
            home.end(deals.pop(int(rng.integers(len(deals)))), str(rng.choice(["edit", "merge"])))
        elif sets:
            history.retract(sets.pop(int(rng.integers(len(sets)))), "test")


def worth(home: Home, at: AsOf) -> int:
    """Add up what the history says of a day as it was on record that day."""
    total = 0
    usd = 1.25 if at.day >= date(2026, 5, 1) else 1.1
    for state in states_as_of("opportunity", None, at.at, at.at).values():
        is_open = state["stage_id"] in (home.stage["open"], home.stage["commit"])
        is_due = state["close_date"] is not None and state["close_date"] in Q2
        if is_open and is_due and not state["is_excluded"]:
            rate = {"EUR": 1.0, "USD": usd}.get(state["currency"], 0.0)
            total += int(state["amount"] * rate + 0.5)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_a_random_life_leaves_nothing_over_and_ends_are_what_was_on_record(
    home: Home, seed: int
) -> None:
    live(home, seed)
    store.refresh()
    rng = np.random.default_rng(seed)
    some = Scope(label="mine", owners=frozenset({home.org.rita, home.org.sara}))
    for since, until in ((0, 89), *(sorted(rng.integers(0, 90, 2).tolist()) for _ in range(4))):
        for by in OF_SEATS:
            found = bridged(since, until, by=by)
            assert (found.total.opening, found.total.closing) == (
                worth(home, day(since)),
                worth(home, day(until)),
            )
            assert all(row.residual == 0 for row in found.rows)
            if by is not By.TOTAL:
                for name in ("opening", "closing"):
                    parts = sum(getattr(row, name) for row in found.rows[1:])
                    assert parts == getattr(found.total, name)
            assert all(row.residual == 0 for row in bridged(since, until, some, by=by).rows)
            assert not bridged(since, since, by=by).total.lines
