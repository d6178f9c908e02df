"""What calls and overrides were worth: against the model and the naive forecast, seen by whom."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting import queries
from perilune.forecasting.contracts import Measured, Worth
from perilune.forecasting.engine import worth as engine
from perilune.forecasting.models import ForecastRun
from perilune.forecasting.tests.conftest import Quarter
from perilune.history.service import change_set
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company, personal_scope_for, scope_for

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 2, 2)
AMOUNT = st.integers(0, 10**9)


def one(said: int, actual: int, model: int | None = None, naive: int | None = None) -> Measured:
    return Measured(
        ("rep", 1), frozenset({1}), "call", "call", MONDAY, "A", said, actual,
        model=model, naive=naive,
    )  # fmt: skip


@given(AMOUNT, AMOUNT, AMOUNT)
def test_value_added_is_the_error_of_the_other_less_ones_own(said, actual, model) -> None:
    measured = one(said, actual, model)
    assert measured.added(model) == abs(model - actual) - abs(said - actual)
    assert measured.added(said) == 0
    assert measured.added(None) is None


def test_errors_are_pooled_over_the_same_figures() -> None:
    # |120-100| + |90-100| over 200, the model |110-100| + |100-100|; the third has no run
    pooled = engine.pool([one(120, 100, 110, 150), one(90, 100, 100, 100), one(900, 100)])
    assert (pooled.figures, pooled.compared, pooled.people) == (3, 2, 1)
    assert pooled.wape == pytest.approx(30 / 200)
    assert pooled.bias == pytest.approx(10 / 200)
    assert pooled.wape_model == pytest.approx(10 / 200)
    assert pooled.wape_naive == pytest.approx(50 / 200)
    assert pooled.closer == 0
    assert engine.pool([one(5, 0)]).wape is None


def test_a_brier_score_is_the_mean_squared_error_of_probabilities() -> None:
    assert engine.brier([]) is None
    found = engine.brier([(1, 0.5, 0.9, True), (1, 0.5, 0.9, False)])
    assert found is not None
    assert found.shown == pytest.approx(0.25)
    assert found.said == pytest.approx((0.01 + 0.81) / 2)


@pytest.fixture
def q1(quarter: Quarter) -> Period:
    """Give the quarter before: Rita won 600, called 900 and had 1,000 in commit after a week."""
    who, book = quarter.who, quarter.book
    period = company().calendar.parse("2026-Q1")
    quarter.deal(
        "Early", owner_id=who.rita, amount=60_000, stage_id=book.won_stage,
        close_date=date(2026, 2, 20),
    )  # fmt: skip
    calls: list[dict[str, Any]] = [
        {"rep_id": who.rita, "amount": 90_000, "author": "Rita"},
        {"team_id": who.north, "amount": 70_000, "author": "Nora"},
        {"amount": 65_000, "author": "Lea"},
    ]
    span = {"period_start": period.start, "period_end": period.end}
    with change_set(actor="test", known_at=datetime(2026, 2, 2, 9, tzinfo=UTC)) as writing:
        for call in calls:
            facts = {"made_on": MONDAY, "category": "call", "currency": "EUR"}
            writing.create("submission", {**span, **facts, **call})
        writing.create(
            "adjustment",
            {
                **span, "rep_id": who.rita, "category": "commit", "basis": "cumulative",
                "level": "manager", "amount": 62_000, "computed": 80_000, "currency": "EUR",
                "reason": "Too hopeful", "made_on": MONDAY, "author": "Nora",
                "author_rep_id": who.nora,
            },
        )  # fmt: skip
    _run(period, quarter)
    quarter.refresh()
    return period


def _run(period: Period, quarter: Quarter) -> None:
    as_of = AsOf.end_of(MONDAY, company().zone)
    members = [{"name": "quarter_back", "remainder": 50_000}]
    rows = [
        {"unit": unit, "p50": p50, "won_to_date": 0, "members": members}
        for unit, p50 in (("total", 66_000), (f"rep:{quarter.who.rita}", 80_000))
    ]
    ForecastRun.objects.create(
        as_of_at=as_of.at, as_of_day=as_of.day, period=period.name, starts=period.start,
        ends=period.end, by="rep", scope_label="company", scope_digest=Scope.company().digest(),
        currency="EUR", store_version=1, inputs_digest="x", method="test",
        created_at=as_of.at, actor="test", rows=rows,
        parameters={},
    )  # fmt: skip


def found(quarter: Quarter, period: Period, user: str) -> Worth:
    who = getattr(quarter.cast, user)
    scope = scope_for(who)
    rolled = queries.rollup(period, quarter.as_of, scope, with_ranges=False)
    named = personal_scope_for(who).owners or frozenset()
    return queries.worth(rolled, queries.Reader(who.rep_id, named), scope)


def test_a_call_stands_beside_the_run_of_its_day_and_what_came(
    quarter: Quarter, q1: Period
) -> None:
    mine = [each for each in found(quarter, q1, "rep").named if each.unit[0] == "rep"]
    call = next(each for each in mine if each.kind == "call")
    assert (call.said, call.actual, call.model, call.naive) == (90_000, 60_000, 80_000, 50_000)
    assert (call.error, call.added(call.model), call.added(call.naive)) == (
        30_000, -10_000, -20_000,
    )  # fmt: skip


def test_an_override_is_measured_for_who_made_it_not_for_whom_it_was_made(
    quarter: Quarter, q1: Period
) -> None:
    assert not [each for each in found(quarter, q1, "rep").named if each.kind == "override"]
    its = [each for each in found(quarter, q1, "sales_manager").named if each.kind == "override"]
    assert [(each.author, each.added(each.computed)) for each in its] == [("Nora", 18_000)]


def test_the_companys_call_is_open_to_all_and_the_persons_only_to_themselves(
    quarter: Quarter, q1: Period
) -> None:
    for user in ("director", "analyst", "viewer"):
        worth = found(quarter, q1, user)
        assert [each.unit for each in worth.named] == [("total", 0)]
        assert worth.pools == () and worth.reliability == ()
    assert set(found(quarter, q1, "director").withheld) == {"rep", "team", "override"}


def test_others_are_pooled_from_five_people_on(quarter: Quarter, q1: Period) -> None:
    from perilune.people.testing import make_assignment, make_rep

    def call(names: str) -> None:
        for name in names:
            rep = make_rep(name)
            make_assignment(rep, quarter.who.south)
            with change_set(actor="test", known_at=datetime(2026, 2, 2, 9, tzinfo=UTC)) as writing:
                writing.create(
                    "submission",
                    {"rep_id": rep, "amount": 10_000, "author": name, "made_on": MONDAY,
                     "category": "call", "currency": "EUR", "period_start": q1.start,
                     "period_end": q1.end},
                )  # fmt: skip
        quarter.refresh()

    call("ABC")  # with Rita they are four
    worth = found(quarter, q1, "director")
    assert worth.pools == () and "rep" in worth.withheld
    call("D")
    worth = found(quarter, q1, "director")
    assert [(kind, pool.people, pool.figures) for kind, pool in worth.pools] == [("rep", 5, 5)]
    # Rita sees her own: the four others are too few to be told apart from her
    assert found(quarter, q1, "rep").pools == ()


def test_a_direct_manager_sees_the_reps_once_staff_were_informed_and_the_council_consulted(
    quarter: Quarter, q1: Period
) -> None:
    from perilune.people.service import company_change

    def reps() -> list[str]:
        worth = found(quarter, q1, "sales_manager")
        return [
            each.author for each in worth.named if each.unit[0] == "rep" and each.kind == "call"
        ]

    assert reps() == []
    company_change(is_staff_informed=True)
    assert reps() == []
    company_change(is_council_consulted=True)
    assert reps() == ["Rita"]


def test_commit_reliability_is_what_was_won_of_what_stood_in_commit(
    quarter: Quarter, q1: Period
) -> None:
    book, who = quarter.book, quarter.who
    with change_set(actor="test", known_at=datetime(2026, 1, 6, tzinfo=UTC)) as writing:
        facts = {"owner_id": who.rita, "currency": "EUR", "stage_id": book.proposal,
                 "close_date": date(2026, 3, 31)}  # fmt: skip
        won = writing.create("opportunity", {**facts, "name": "Kept", "amount": 40_000})
        writing.create("opportunity", {**facts, "name": "Slipped", "amount": 60_000})
    with change_set(actor="test", known_at=datetime(2026, 3, 1, tzinfo=UTC)) as writing:
        writing.change(
            "opportunity", won, {"stage_id": book.won_stage, "close_date": date(2026, 3, 1)}
        )
    quarter.refresh()
    lines = {line.week: line for line in found(quarter, q1, "rep").reliability}
    assert (lines[4].committed, lines[4].won) == (100_000, 40_000)
    assert lines[4].ratio == 0.4


def test_nothing_is_measured_before_the_period_is_over(quarter: Quarter) -> None:
    from django.test import Client

    client = Client()
    client.force_login(quarter.cast.director, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/forecast/2026-Q2/value/").content.decode()
    assert "Measured once the period is over" in text
