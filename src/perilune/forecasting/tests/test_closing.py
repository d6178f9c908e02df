"""The close of a period: maker and checker, figures of record, what is learnt afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import Rollup, Step
from perilune.forecasting.models import PeriodStep
from perilune.forecasting.tests.conftest import Quarter
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import COOLING
from perilune.people.queries import company
from perilune.people.service import company_change

pytestmark = pytest.mark.django_db

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
UNMET = ("without_quota",)


@pytest.fixture
def march(quarter: Quarter) -> Period:
    """Give the quarter before, in which one deal was won."""
    book = quarter.book
    quarter.deal(
        "Early", owner_id=quarter.who.rita, amount=60_000, stage_id=book.won_stage,
        close_date=date(2026, 2, 2),
    )  # fmt: skip
    quarter.refresh()
    return company().calendar.parse("2026-Q1")


def closed(period: Period) -> None:
    accepted = [check.name for check in service.checks(period) if not check.holds]
    service.close_propose(period, accepted, "", actor="director", at=AT)
    service.close_approve(period, actor="ops_manager", at=AT)


def rolled(period: Period, quarter: Quarter) -> Rollup:
    return queries.rollup(period, quarter.as_of, Scope.company(), with_ranges=False)


def test_a_period_that_is_not_over_cannot_be_closed(quarter: Quarter) -> None:
    with pytest.raises(Invalid):
        service.close_propose(quarter.period, ["over"], "", actor="director", at=AT)


def test_what_does_not_hold_is_accepted_by_name_or_stops_the_close(
    quarter: Quarter, march: Period
) -> None:
    unmet = {check.name: check.count for check in service.checks(march) if not check.holds}
    assert unmet == {"without_quota": 4}
    with pytest.raises(Invalid):
        service.close_propose(march, [], "", actor="director", at=AT)
    quarter.deal("Late", owner_id=quarter.who.rita, amount=1, close_date=date(2026, 3, 1))
    quarter.refresh()
    with pytest.raises(Invalid):
        service.close_propose(march, UNMET, "", actor="director", at=AT)
    service.close_propose(march, [*UNMET, "overdue"], "known", actor="director", at=AT)
    kept = queries.steps(march)[0].checklist
    assert {row["name"] for row in kept if row["is_accepted"]} == {"without_quota", "overdue"}


def test_who_proposes_does_not_approve(march: Period) -> None:
    service.close_propose(march, UNMET, "", actor="director", at=AT)
    with pytest.raises(Refused):
        service.close_approve(march, actor="director", at=AT + timedelta(days=1))
    service.close_approve(march, actor="ops_manager", at=AT)
    assert [step.step for step in queries.steps(march)] == [Step.CLOSED, Step.PROPOSED]


def test_in_a_small_team_one_may_after_a_pause_and_it_is_marked(march: Period) -> None:
    company_change(is_small_team=True)
    service.close_propose(march, UNMET, "", actor="director", at=AT)
    with pytest.raises(Refused):
        service.close_approve(march, actor="director", at=AT + COOLING - timedelta(seconds=1))
    service.close_approve(march, actor="director", at=AT + COOLING)
    assert queries.steps(march)[0].is_self_approved


def test_figures_of_record_stay_whatever_is_learnt_and_say_what_they_are(
    quarter: Quarter, march: Period
) -> None:
    from perilune.crm.service import record_change
    from perilune.store.service import current

    assert rolled(march, quarter).total.won_of_record is None
    closed(march)
    record_change("opportunity", quarter.deals["Early"], {"amount": 80_000}, actor="rep")
    quarter.refresh()
    found = rolled(march, quarter)
    assert found.closed_on == quarter.as_of.day
    assert (found.total.closed, found.total.won_of_record) == (60_000, 60_000)
    rita = found.row(f"rep:{quarter.who.rita}@{quarter.who.north}")
    assert rita is not None and rita.won_of_record == 60_000
    step = queries.close_of(march, quarter.as_of)
    assert step is not None and step.store_version in current().pinned()


def test_what_is_learnt_later_is_listed_with_who_when_and_why_and_counts_in_the_open_period(
    quarter: Quarter, march: Period
) -> None:
    from perilune.crm.service import record_change

    closed(march)
    record_change("opportunity", quarter.deals["Early"], {"amount": 80_000}, actor="rep")
    quarter.deal(
        "Found late", owner_id=quarter.who.sara, amount=5_000, stage_id=quarter.book.won_stage,
        close_date=date(2026, 3, 3),
    )  # fmt: skip
    quarter.refresh()
    step = queries.close_of(march, quarter.as_of)
    assert step is not None
    late = queries.learnt(march, step, quarter.as_of, Scope.company(), with_facts=True)
    assert [(one.name, one.before, one.after) for one in late] == [
        ("Early", 60_000, 80_000), ("Found late", 0, 5_000),
    ]  # fmt: skip
    told = [(fact.actor, fact.field, fact.old, fact.new) for fact in late[0].facts]
    assert ("rep", "amount", 60_000, 80_000) in told
    now = rolled(quarter.period, quarter)
    assert [(one.period, one.deals, one.amount) for one in now.carried] == [("2026-Q1", 2, 25_000)]
    north = now.row(f"team:{quarter.who.north}")
    assert north is not None and (north.closed, north.carried) == (70_000, 20_000)
    assert north.attainment == (70_000 + 20_000) / 200_000


def test_a_period_opened_again_is_live_and_carries_nothing(quarter: Quarter, march: Period) -> None:
    from perilune.crm.service import record_change

    closed(march)
    record_change("opportunity", quarter.deals["Early"], {"amount": 80_000}, actor="rep")
    quarter.refresh()
    with pytest.raises(Invalid):
        service.period_reopen(march, " ", actor="director", at=AT)
    service.period_reopen(march, "An invoice was missing", actor="director", at=AT)
    assert rolled(march, quarter).total.closed == 80_000
    assert rolled(quarter.period, quarter).carried == ()
    with pytest.raises(Conflict):
        service.period_reopen(march, "Again", actor="director", at=AT)
    assert PeriodStep.objects.get(number=2).figures[0]["won"] == 60_000  # kept as evidence


def test_the_steps_are_in_order_and_a_withdrawn_proposal_closes_nothing(march: Period) -> None:
    with pytest.raises(Conflict):
        service.close_approve(march, actor="director", at=AT)
    service.close_propose(march, UNMET, "", actor="director", at=AT)
    with pytest.raises(Conflict):
        service.close_propose(march, UNMET, "", actor="ops_manager", at=AT)
    service.close_withdraw(march, actor="director", at=AT)
    with pytest.raises(Conflict):
        service.close_approve(march, actor="ops_manager", at=AT)


def test_only_who_may_close_acts_and_the_others_read(
    march: Period, as_user: Callable[[str], Client]
) -> None:
    address = "/forecast/2026-Q1/close/"
    assert as_user("analyst").post(address + "propose/").status_code == 403
    assert as_user("rep").get(address).status_code == 200
    form = {"accepted": list(UNMET), "reason": "All in"}
    assert as_user("director").post(address + "propose/", form).status_code == 302
    assert as_user("director").post(address + "approve/").status_code == 403
    assert as_user("ops_manager").post(address + "approve/").status_code == 302
    text = as_user("viewer").get(address).content.decode()
    assert "of record" in text and "Early" not in text


def test_figures_of_record_outlive_the_store_they_were_read_from(
    quarter: Quarter, march: Period, as_user: Callable[[str], Client]
) -> None:
    import shutil

    from perilune.store import service as store

    closed(march)
    shutil.rmtree(store.current().path)
    store.rebuild()
    found = rolled(march, quarter)
    assert found.total.won_of_record == 60_000
    assert rolled(quarter.period, quarter).carried == ()
    answer = as_user("director").get("/forecast/2026-Q1/close/")
    assert answer.status_code == 200
    assert "The store was made anew since" in answer.content.decode()
