"""Submitting: in time, late or locked; the deals that changed; contested probabilities."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import Author, Contested, Submitted, Terms
from perilune.forecasting.tests.conftest import Quarter
from perilune.history.queries import state_as_of
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.people.queries import scope_for

pytestmark = pytest.mark.django_db

Q2 = FiscalCalendar().parse("2026-Q2")
ADDRESS = "/forecast/2026-Q2/submit/"
DAYS = st.dates(date(2026, 4, 1), date(2026, 6, 30))


def test_a_call_after_its_deadline_is_late_unless_the_round_was_answered_before() -> None:
    terms = Terms(Q2, (date(2026, 4, 6), date(2026, 4, 13)), Q2.end)
    assert terms.missed(date(2026, 4, 13), None) == date(2026, 4, 6)
    assert terms.missed(date(2026, 4, 13), date(2026, 4, 6)) is None
    assert terms.missed(date(2026, 4, 14), date(2026, 4, 7)) is None
    assert terms.missed(date(2026, 4, 14), date(2026, 4, 6)) == date(2026, 4, 13)
    assert terms.next_due(date(2026, 4, 7)) == date(2026, 4, 13)


@given(st.lists(DAYS, max_size=8), DAYS, st.one_of(st.none(), DAYS))
def test_whoever_answers_on_the_day_of_a_deadline_or_before_the_first_is_never_late(
    due, day, last
) -> None:
    terms = Terms(Q2, tuple(sorted(set(due))), Q2.end)
    if not any(each < day for each in due):
        assert terms.missed(day, last) is None
    missed = terms.missed(day, last)
    assert missed is None or missed < day
    if due and last is not None and last >= max((d for d in due if d < day), default=date.min):
        assert missed is None


def author(quarter: Quarter, user: str = "rep") -> Author:
    who = getattr(quarter.cast, user)
    return Author(who.username, str(who), who.rep_id)


def said(quarter: Quarter, day: date, amount: int = 5_000) -> int:
    call = Submitted(quarter.period, day, amount, "EUR", "Rita", rep_id=quarter.who.rita)
    made = service.submit(call, actor="rep")
    quarter.refresh()
    return made


def test_a_late_call_is_marked_and_keeps_the_deadline_it_missed(quarter: Quarter) -> None:
    service.deadline_set(
        quarter.period, service.Due(date(2026, 6, 1), 7, date(2026, 6, 30)), actor="director"
    )
    quarter.refresh()
    first = said(quarter, date(2026, 6, 3))
    second = said(quarter, date(2026, 6, 8))
    states = [state_as_of("submission", made) for made in (first, second)]
    assert [(s["is_late"], s["due_on"]) for s in states if s] == [
        (True, date(2026, 6, 1)), (False, date(2026, 6, 8)),
    ]  # fmt: skip
    found = queries.rollup(
        quarter.period, quarter.as_of, scope_for(quarter.cast.director), with_ranges=False
    )
    history = queries.call_history(found)
    assert [(each.before, each.amount) for each in history] == [(5_000, 5_000), (None, 5_000)]
    states_of = {each.unit: each.state for each in queries.timely(
        found, history, queries.terms_of(quarter.period, quarter.as_of)
    )}  # fmt: skip
    assert states_of["rep", quarter.who.rita] == "missing"  # 29 June is the last that passed
    assert states_of["rep", quarter.who.sara] == "missing"
    assert ("team", quarter.who.north) in states_of  # Nora leads it


def test_a_manager_with_a_deal_of_their_own_is_asked_for_the_team_alone(quarter: Quarter) -> None:
    quarter.deal("Nora's", owner_id=quarter.who.nora, amount=9_000)
    service.deadline_set(quarter.period, service.Due(date(2026, 6, 1), 7, None), actor="director")
    quarter.refresh()
    found = queries.rollup(
        quarter.period, quarter.as_of, scope_for(quarter.cast.director), with_ranges=False
    )
    assert any(row.label == "Nora" for row in found.rows)
    terms = queries.terms_of(quarter.period, quarter.as_of)
    asked = {each.unit for each in queries.timely(found, [], terms)}
    assert ("rep", quarter.who.nora) not in asked and ("rep", quarter.who.rolf) in asked


def test_after_the_last_day_neither_a_call_nor_a_deal_nor_an_override_is_taken(
    quarter: Quarter,
) -> None:
    service.deadline_set(
        quarter.period, service.Due(None, None, date(2026, 6, 29)), actor="director"
    )
    quarter.refresh()
    said(quarter, date(2026, 6, 29))
    with pytest.raises(Conflict):
        said(quarter, date(2026, 6, 30))
    change = {quarter.deals["Rita commit"]: {"next_step": "Sign"}}
    scope = scope_for(quarter.cast.rep)
    with pytest.raises(Conflict):
        service.prepare(
            quarter.period, service.Prepared(change), author(quarter), quarter.as_of, scope
        )


def test_a_deadline_makes_sense_or_is_refused(quarter: Quarter) -> None:
    for due in (
        service.Due(date(2026, 6, 10), None, date(2026, 6, 1)),
        service.Due(date(2026, 7, 10), None, None),
        service.Due(date(2026, 6, 1), 400, None),
    ):
        with pytest.raises(Invalid):
            service.deadline_set(quarter.period, due, actor="director")


def test_deals_that_changed_since_the_last_call_come_with_what_changed(quarter: Quarter) -> None:
    from perilune.crm.service import record_change

    scope, reps = scope_for(quarter.cast.rep), [quarter.who.rita]
    deal = quarter.deals["Rita best"]
    since = quarter.as_of.at - timedelta(days=1)
    record_change("opportunity", deal, {"close_date": date(2026, 8, 1)}, actor="rep")
    quarter.refresh()
    found = {
        each.id: each
        for each in queries.deals_since(quarter.period, quarter.as_of, scope, reps, since)
    }
    assert found[deal].changes == (("close_date", date(2026, 6, 30), date(2026, 8, 1)),)
    assert not found[quarter.deals["Rita commit"]].is_changed
    assert quarter.deals["Rolf likely"] not in found


def test_all_changes_are_written_or_none_and_only_on_deals_that_one_sees(quarter: Quarter) -> None:
    mine, other = quarter.deals["Rita commit"], quarter.deals["Sara pipeline"]
    scope = scope_for(quarter.cast.rep)

    def prepare(*deals: int, contests: tuple[Contested, ...] = ()) -> tuple[int, int]:
        changes = {deal: {"forecast_category": "best_case", "amount": 1} for deal in deals}
        prepared = service.Prepared(changes, contests)
        return service.prepare(quarter.period, prepared, author(quarter), quarter.as_of, scope)

    with pytest.raises(Refused):
        prepare(mine, other)
    state = state_as_of("opportunity", mine)
    assert state is not None and state["forecast_category"] is None
    assert prepare(mine) == (1, 0)
    state = state_as_of("opportunity", mine)
    assert state is not None
    assert (state["forecast_category"], state["amount"]) == ("best_case", 30_000)


def test_a_contested_probability_is_kept_with_what_was_shown_and_why(quarter: Quarter) -> None:
    deal = quarter.deals["Rita commit"]
    one = Contested(deal, quarter.period, 0.5, "stage", 0.9, "The board signed")
    scope = scope_for(quarter.cast.rep)
    for wrong in (
        Contested(deal, quarter.period, 0.5, "stage", 1.2, "The board signed"),
        Contested(deal, quarter.period, 0.5, "stage", 0.9, " "),
    ):
        with pytest.raises(service.DealProblem):
            service.prepare(
                quarter.period,
                service.Prepared({}, (wrong,)),
                author(quarter),
                quarter.as_of,
                scope,
            )
    service.prepare(
        quarter.period, service.Prepared({}, (one,)), author(quarter), quarter.as_of, scope
    )
    quarter.refresh()
    kept = queries.contests(quarter.period, quarter.as_of, scope)
    assert [(row["opportunity_id"], row["shown"], row["says"], row["method"]) for row in kept] == [
        (deal, 0.5, 0.9, "stage")
    ]
    assert queries.contests(quarter.period, quarter.as_of, scope_for(quarter.cast.outsider)) == []


def test_one_form_changes_the_deals_and_submits_the_call(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    rep, deal = as_user("rep"), quarter.deals["Rita commit"]
    page = rep.get(ADDRESS).content.decode()
    assert 'value="1000"' in page  # closed 700 and commit 300 are suggested
    form = {
        f"category-{deal}": "best_case",
        f"close-{deal}": "2026-06-30",
        f"next-{deal}": "Sign",
        "amount": "1 250",
        "suggested": "100000",
        "step": "call",
    }
    answer = rep.post(ADDRESS, form)
    assert answer.status_code == 302, answer.content.decode()
    state = state_as_of("opportunity", deal)
    assert state is not None
    assert (state["forecast_category"], state["next_step"]) == ("best_case", "Sign")
    quarter.refresh()
    calls = queries.latest_calls(quarter.period, quarter.as_of, "EUR")
    call = calls["rep", quarter.who.rita]
    assert (call.amount, call.suggested, call.category) == (125_000, 100_000, "call")


def test_what_cannot_be_taken_is_said_at_the_deal_and_what_was_typed_stays(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    rep, deal = as_user("rep"), quarter.deals["Rita commit"]
    form = {f"category-{deal}": "commit", f"close-{deal}": "2026-06-30", f"next-{deal}": "Sign it",
            "amount": "lots", "step": "call"}  # fmt: skip
    answer = rep.post(ADDRESS, form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "lots" in text and "Sign it" in text
    state = state_as_of("opportunity", deal)
    assert state is not None and state["next_step"] is None


def test_nobody_submits_for_others(quarter: Quarter, as_user: Callable[[str], Client]) -> None:
    assert as_user("rep").get(f"{ADDRESS}?unit=rep:{quarter.who.rolf}").status_code == 403
    assert as_user("viewer").get(ADDRESS).status_code == 403
    assert as_user("sales_manager").get(ADDRESS).status_code == 200
