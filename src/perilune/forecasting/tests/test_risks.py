"""Risks through the store and the services: facts, figures, scope, sleep, acts, did it help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from perilune.forecasting import queries
from perilune.forecasting.contracts import Outcome, RiskKey, RiskKind, RiskList
from perilune.forecasting.queries import mitigations, risk_inputs
from perilune.forecasting.service import risks as verbs
from perilune.forecasting.service.risks import Asked
from perilune.insights.contracts import DealChance
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.keeping import forget_all
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.store import service as store

if TYPE_CHECKING:
    from perilune.crm.testing import Book
    from perilune.people.testing import Cast

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

DAY = date(2026, 6, 30)
AT = AsOf.end_of(DAY, ZoneInfo("Europe/Paris"))
Chance = Callable[[int], float]


def quarter() -> Period:
    return company().calendar.parse("2026-Q3")


def asked(actor: str = "rep") -> Asked:
    return Asked(actor, DAY, quarter())


def deal_of(book: Book, owner: int, name: str = "Late", **more: Any) -> int:
    from perilune.crm.testing import KNOWN, make_record

    values = {
        "name": name, "owner_id": owner, "account_id": book.north_account, "amount": 100_000,
        "currency": "EUR", "stage_id": book.prospecting, "pipeline_id": book.pipeline,
        "created_date": "2026-01-02", "close_date": "2026-09-01", "next_step": "Call",
    }  # fmt: skip
    return make_record("opportunity", values | more, KNOWN)


def met(deal: int, owner: int, day: date, **more: Any) -> None:
    from perilune.crm.testing import KNOWN, make_record

    at = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("UTC"))
    values = {"type": "meeting", "is_done": True, "opportunity_id": deal, "owner_id": owner}
    make_record("activity", values | {"starts_at": at} | more, KNOWN)


@pytest.fixture
def with_chances(monkeypatch: pytest.MonkeyPatch) -> Callable[[Chance], None]:
    """Hand in chances, as `insights` will: by the id of the deal."""

    def hand_in(chance: Chance) -> None:
        def found(_period: Period, as_of: AsOf) -> dict[int, DealChance]:
            ids = risk_inputs.read(as_of).ids.tolist()
            return {
                id_: DealChance(
                    id_, None, 100_000.0, chance(id_), 0.0, 1 - chance(id_), chance(id_), None
                )
                for id_ in ids
            }

        monkeypatch.setattr(risk_inputs, "chances", found)
        forget_all()

    return hand_in


def listed(scope: Scope | None = None, as_of: AsOf = AT) -> RiskList:
    store.refresh()
    return queries.risks_of(quarter(), as_of, scope or Scope.company())


def kinds_of(deal: int, found: RiskList) -> set[str]:
    return {kind.value for each in found.deals if each.id == deal for kind in each.kinds}


def test_facts_of_a_deal_become_its_risks(site_cast: Cast, book: Book) -> None:
    rita = site_cast.organisation.rita
    late = deal_of(book, rita, close_date="2026-04-01", next_step=None)
    well = deal_of(book, rita, "Well")
    for deal in (late, well):
        met(deal, rita, date(2026, 6, 20))
    found = listed()
    assert kinds_of(late, found) == {"overdue", "no_next_step"}
    assert well not in {deal.id for deal in found.deals}


def test_a_deal_that_loses_nothing_against_others_like_it_is_not_listed(
    site_cast: Cast, book: Book, with_chances: Callable[[Chance], None]
) -> None:
    rita = site_cast.organisation.rita
    dead = deal_of(book, rita, "Dead", close_date="2026-04-01")
    missed = deal_of(book, rita, "Missed", close_date="2026-04-01", stage_id=book.proposal)
    cold = {deal_of(book, rita, f"Cold {number}") for number in range(20)}
    warm = {deal_of(book, rita, f"Warm {number}", stage_id=book.proposal) for number in range(20)}
    for deal in (dead, missed, *cold, *warm):
        met(deal, rita, date(2026, 6, 20))
    with_chances(lambda id_: 0.3 if id_ in warm else 0.002 if id_ in cold else 0.0)
    found = listed()
    made = {dead, missed, *cold, *warm}
    assert made & {deal.id for deal in found.deals} == {missed}
    whole = queries.deal_risks(dead, quarter(), AT, Scope.company())
    assert whole is not None and not whole.is_awake
    assert whole.risks[0].figure.revenue


def test_silence_ends_with_what_the_customer_takes_part_in(site_cast: Cast, book: Book) -> None:
    rita = site_cast.organisation.rita
    called, mailed = deal_of(book, rita, "Called"), deal_of(book, rita, "Mailed")
    met(called, rita, date(2026, 6, 20), type="call", direction="out", outcome="connected")
    met(mailed, rita, date(2026, 6, 20), type="email", direction="out")
    found = listed()
    assert "silent" not in kinds_of(called, found)
    assert "silent" in kinds_of(mailed, found)


def test_a_deal_is_as_silent_for_its_new_owner_as_for_the_director(
    site_cast: Cast, book: Book
) -> None:
    org = site_cast.organisation
    handed = deal_of(book, org.rita, close_date="2026-04-01")
    met(handed, org.rolf, date(2026, 6, 20))  # a colleague's meeting, which Rita may not see
    found = listed(scope_for(site_cast.rep, AT))
    assert kinds_of(handed, found) == {"overdue"}


def test_a_person_at_the_customer_more_ends_single_threading(site_cast: Cast, book: Book) -> None:
    from perilune.crm.testing import KNOWN, make_record

    rita = site_cast.organisation.rita
    alone, joined = deal_of(book, rita, "Alone"), deal_of(book, rita, "Joined")
    other = make_record("contact", {"name": "Second", "owner_id": rita}, KNOWN)
    for contact in (book.contact, other):
        role = {"opportunity_id": joined, "contact_id": contact}
        make_record("opportunity_contact", role, KNOWN)
    found = listed()
    assert "single_threaded" in kinds_of(alone, found)
    assert "single_threaded" not in kinds_of(joined, found)


def test_two_moves_to_a_later_quarter_are_a_risk_and_one_is_not(
    site_cast: Cast, book: Book
) -> None:
    from perilune.history.service import change_set

    rita = site_cast.organisation.rita
    pushed, moved = deal_of(book, rita, "Pushed"), deal_of(book, rita, "Moved")
    steps = [(pushed, "2026-10-05"), (pushed, "2027-01-05"), (moved, "2026-10-05")]
    for number, (deal, day) in enumerate(steps):
        known = datetime(2026, 2, 1 + number, 9, tzinfo=ZoneInfo("UTC"))
        with change_set(actor="test", title="", known_at=known) as writing:
            writing.change("opportunity", deal, {"close_date": day})
    found = listed()
    assert "pushed" in kinds_of(pushed, found)
    assert "pushed" not in kinds_of(moved, found)


def test_a_past_day_knows_only_what_was_known(site_cast: Cast, book: Book) -> None:
    late = deal_of(book, site_cast.organisation.rita, close_date="2026-04-01")
    before = AsOf.end_of(date(2026, 3, 1), ZoneInfo("Europe/Paris"))
    assert "overdue" in kinds_of(late, listed())
    assert "overdue" not in kinds_of(late, listed(as_of=before))


# -- figures ---------------------------------------------------------------------------------------


def test_without_chances_risks_are_listed_without_figures_and_the_list_says_so(
    site_cast: Cast, book: Book
) -> None:
    late = deal_of(book, site_cast.organisation.rita, close_date="2026-04-01")
    found = listed()
    assert late in {deal.id for deal in found.deals}
    assert found.note is not None
    assert found.revenue is None
    assert all(deal.revenue is None for deal in found.deals)
    assert all(risk.figure.why_none for deal in found.deals for risk in deal.risks)


def test_revenue_at_risk_compares_with_like_deals_and_the_most_at_stake_comes_first(
    site_cast: Cast, book: Book, with_chances: Callable[[Chance], None]
) -> None:
    rita = site_cast.organisation.rita
    for number in range(20):
        met(deal_of(book, rita, f"Well {number}"), rita, date(2026, 6, 20))
    late = deal_of(book, rita, close_date="2026-04-01")
    with_chances(lambda id_: 0.1 if id_ == late else 0.4)
    found = listed()
    first = found.deals[0]
    overdue = next(risk for risk in first.risks if risk.kind is RiskKind.OVERDUE)
    assert first.id == late
    assert overdue.figure.revenue == pytest.approx(100_000 * (0.4 - 0.1))
    assert overdue.figure.peers >= 20
    assert found.revenue == pytest.approx(sum(deal.revenue or 0 for deal in found.deals))


def test_a_rep_sees_the_same_figure_of_a_deal_and_no_other_deals(
    site_cast: Cast, book: Book, with_chances: Callable[[Chance], None]
) -> None:
    org = site_cast.organisation
    for number in range(20):
        met(deal_of(book, org.sara, f"Sara's {number}"), org.sara, date(2026, 6, 20))
    late = deal_of(book, org.rita, close_date="2026-04-01")
    with_chances(lambda id_: 0.1 if id_ == late else 0.4)
    whole, mine = listed(), listed(scope_for(site_cast.rep, AT))
    own = {deal.id: deal.revenue for deal in mine.deals}
    assert own[late] == {deal.id: deal.revenue for deal in whole.deals}[late]
    assert {deal.owner_id for deal in mine.deals} == {org.rita}


def test_who_may_see_totals_only_is_named_no_deal(site_cast: Cast, book: Book) -> None:
    deal_of(book, site_cast.organisation.rita, close_date="2026-04-01")
    found = listed(Scope("company", aggregates_only=True, smallest_group=3))
    assert found.deals == ()
    assert queries.top_risks(AT, Scope("company", aggregates_only=True)) == []


def test_the_cockpit_and_the_page_name_the_same_risks(site_cast: Cast, book: Book) -> None:
    deal_of(book, site_cast.organisation.rita, close_date="2026-04-01", next_step=None)
    page = {deal.id: deal.kinds for deal in listed().deals}
    cockpit = {deal.id: deal.kinds for deal in queries.top_risks(AT, Scope.company(), 100)}
    assert cockpit == page


def test_a_few_deals_or_one_customer_that_carry_the_period_are_named(
    site_cast: Cast, book: Book, with_chances: Callable[[Chance], None]
) -> None:
    rita = site_cast.organisation.rita
    for number in range(12):
        deal_of(book, rita, f"Small {number}", account_id=None)
    large = deal_of(book, rita, "Large")
    with_chances(lambda id_: 0.9 if id_ == large else 0.01)
    found = {risk.kind: risk for risk in listed().portfolio}
    few, one = found[RiskKind.FEW_DEALS], found[RiskKind.ONE_CUSTOMER]
    assert few.deals == (large,)
    assert few.figure.revenue == pytest.approx(90_000)
    assert one.subject == f"account:{book.north_account}"
    assert RiskKind.ONE_REP not in found  # under five reps nobody is named (rule 26)


def test_rule_24_capacity_is_not_told_of_fewer_than_five_reps(site_cast: Cast, book: Book) -> None:
    from perilune.crm.testing import KNOWN, make_record

    absence = {"rep_id": site_cast.organisation.rita, "first_day": "2026-07-01"}
    make_record("absence", absence | {"last_day": "2026-07-31", "fte": 1.0}, KNOWN)
    mine = listed(scope_for(site_cast.sales_manager, AT))
    assert RiskKind.CAPACITY_LOSS not in {risk.kind for risk in mine.portfolio}
    whole = {risk.kind: risk for risk in listed().portfolio}
    told = whole[RiskKind.CAPACITY_LOSS]
    assert float(told.facts["reps"]) >= 5
    assert "name" not in told.facts


def test_too_little_history_gives_no_chances(site_cast: Cast, book: Book) -> None:
    deal_of(book, site_cast.organisation.rita)
    store.refresh()
    assert risk_inputs.chances(quarter(), AT) == {}
    assert risk_inputs.chances(quarter(), AsOf.end_of(date(1999, 1, 1), ZoneInfo("UTC"))) == {}


def test_one_known_person_alone_puts_no_deal_on_the_list(site_cast: Cast, book: Book) -> None:
    from perilune.crm.testing import KNOWN, make_record

    rita = site_cast.organisation.rita
    alone, late = deal_of(book, rita, "Alone"), deal_of(book, rita, close_date="2026-04-01")
    for deal in (alone, late):
        met(deal, rita, date(2026, 6, 20))
    other = deal_of(book, rita, "Two know us")
    for number in (1, 2):
        contact = make_record("contact", {"last_name": f"C{number}"}, KNOWN)
        role = {"opportunity_id": other, "contact_id": contact}
        make_record("opportunity_contact", role, KNOWN)
    found = listed()
    assert kinds_of(late, found) == {"overdue", "single_threaded"}
    assert alone not in {deal.id for deal in found.deals}
    shown = queries.deal_risks(alone, quarter(), AT, Scope.company())
    assert shown is not None
    assert shown.kinds == (RiskKind.SINGLE_THREADED,)


def test_the_list_opens_with_the_deals_that_carry_eight_tenths_of_what_is_at_stake(
    site_cast: Cast, book: Book, with_chances: Callable[[Chance], None]
) -> None:
    rita = site_cast.organisation.rita
    for number in range(20):
        met(deal_of(book, rita, f"Well {number}"), rita, date(2026, 6, 20))
    late = [deal_of(book, rita, f"Late {at}", close_date="2026-04-01") for at in range(5)]
    # 30,000 are at stake in each of the first two, 10,000 in the third, 1,000 in the others
    missing = dict(zip(late, (0.3, 0.3, 0.1, 0.01, 0.01), strict=True))
    with_chances(lambda id_: 0.4 - missing.get(id_, 0.0))
    found = listed()
    assert [deal.id for deal in found.core] == late[:2]
    assert {deal.id for deal in found.deals} >= set(late)
    assert [deal.id for deal in queries.top_risks(AT, Scope.company(), 2)] == late[:2]


# -- acts ------------------------------------------------------------------------------------------


def key(deal: int, kind: RiskKind = RiskKind.OVERDUE) -> RiskKey:
    return RiskKey(kind, deal)


def test_a_risk_sleeps_until_its_day_and_nothing_is_closed(site_cast: Cast, book: Book) -> None:
    late = deal_of(book, site_cast.organisation.rita, close_date="2026-04-01")
    met(late, site_cast.organisation.rita, date(2026, 6, 20))
    verbs.snooze([key(late)], asked(), reason="Champion away", until=DAY + timedelta(days=7))
    found = listed()
    assert late not in {deal.id for deal in found.deals}
    (asleep,) = [deal for deal in found.asleep if deal.id == late]
    assert asleep.silenced[0].mitigation is not None
    assert asleep.silenced[0].mitigation.reason == "Champion away"
    later = AsOf.end_of(DAY + timedelta(days=8), ZoneInfo("Europe/Paris"))
    assert "overdue" in kinds_of(late, listed(as_of=later))


@pytest.mark.parametrize(
    ("reason", "days"), [("", 7), ("  ", 7), ("Known", 0), ("Known", -3), ("Known", 181)]
)
def test_a_sleep_needs_a_reason_and_an_end_that_is_not_far(
    site_cast: Cast, book: Book, reason: str, days: int
) -> None:
    with pytest.raises(Invalid):
        verbs.snooze([key(book.beta)], asked(), reason=reason, until=DAY + timedelta(days=days))


def test_a_risk_is_taken_handed_over_and_closed_as_one_act(site_cast: Cast, book: Book) -> None:
    late = deal_of(book, site_cast.organisation.rita, close_date="2026-04-01")
    verbs.take([key(late)], asked())
    due = DAY + timedelta(days=3)
    verbs.take([key(late)], asked(), owner="sales_manager", due=due)
    store.refresh()
    (act,) = mitigations.current(AT, Scope.company()).values()
    assert (act.owner, act.due) == ("sales_manager", due)
    verbs.close([key(late)], asked(), outcome=Outcome.REMOVED)
    store.refresh()
    assert mitigations.current(AT, Scope.company()) == {}
    (closed,) = queries.closed(AT, Scope.company())
    assert closed.mitigation.outcome is Outcome.REMOVED
    assert closed.meaning == "open"
    assert "overdue" in kinds_of(late, listed())  # its facts still hold


def test_only_what_was_taken_on_is_closed_and_only_people_here_take_it_on(
    site_cast: Cast, book: Book
) -> None:
    with pytest.raises(Invalid):
        verbs.close([key(book.beta)], asked(), outcome=Outcome.STANDS)
    with pytest.raises(NotFound):
        verbs.take([key(book.beta)], asked(), owner="nobody")
    with pytest.raises(Invalid):
        verbs.take([key(book.beta)], asked(), due=DAY - timedelta(days=1))


def test_an_act_on_a_deal_is_seen_with_the_deal_and_a_portfolios_by_the_company(
    site_cast: Cast, book: Book
) -> None:
    verbs.take([key(book.gamma), RiskKey(RiskKind.SEASONALITY, None, "season")], asked("director"))
    store.refresh()
    everybody = mitigations.current(AT, Scope.company(), quarter())
    assert len(everybody) == 2
    assert mitigations.current(AT, scope_for(site_cast.rep, AT), quarter()) == {}


def test_nothing_is_claimed_of_acts_under_twenty_decided_deals(site_cast: Cast, book: Book) -> None:
    late = deal_of(book, site_cast.organisation.rita, close_date="2026-04-01")
    verbs.take([key(late)], asked())
    verbs.close([key(late)], asked(), outcome=Outcome.SMALLER)
    store.refresh()
    every, overdue = queries.helped(AT, Scope.company())
    assert every.kind is None
    assert (overdue.kind, overdue.worked, overdue.worked_decided) == (RiskKind.OVERDUE, 1, 0)
    assert overdue.difference is None


def test_deals_worked_on_stand_beside_like_deals_left_alone(site_cast: Cast, book: Book) -> None:
    from perilune.history.service import change_set

    rita = site_cast.organisation.rita
    ids = [deal_of(book, rita, f"Late {n}", close_date="2026-04-01") for n in range(50)]
    worked, left = ids[:20], ids[20:]
    earlier = replace(asked(), day=date(2026, 5, 10))
    verbs.take([key(deal) for deal in worked], earlier)
    verbs.close([key(deal) for deal in worked], earlier, outcome=Outcome.REMOVED)
    with change_set(
        actor="test", title="", known_at=datetime(2026, 5, 25, 9, tzinfo=ZoneInfo("UTC"))
    ) as writing:
        for number, deal in enumerate((*worked, *left)):
            is_won = number < 15 or 20 <= number < 26
            stage = book.won_stage if is_won else book.lost_stage
            writing.change("opportunity", deal, {"stage_id": stage, "close_date": "2026-05-25"})
    store.refresh()
    overdue = next(row for row in queries.helped(AT, Scope.company()) if row.kind)
    assert (overdue.worked_won, overdue.worked_decided) == (15, 20)
    assert (overdue.left_won, overdue.left_decided) == (6, 30)
    assert overdue.difference == pytest.approx(15 / 20 - 6 / 30)
    assert overdue.interval is not None
    assert overdue.interval[0] > 0
