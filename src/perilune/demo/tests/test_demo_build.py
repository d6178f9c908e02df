"""The build through the real services, on a real database and store."""

from __future__ import annotations

import pytest

from perilune.demo.contracts import LOGINS, PASSWORD, ROLES, Report
from perilune.demo.engine import drafts
from perilune.demo.testing import TODAY, build_small, built_anew
from perilune.forecasting import queries as forecasting
from perilune.forecasting.contracts import Doing, Outcome
from perilune.forecasting.queries import runs
from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.history.contracts import DELETED
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Conflict
from perilune.kernel.scope import Scope
from perilune.people import queries as people
from perilune.people.contracts import Role
from perilune.people.service import company_init
from perilune.planning import queries as planning
from perilune.planning.queries.segments import segmentations
from perilune.store import queries as store
from perilune.store import service as store_service

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])


def ask(sql: str) -> list[tuple[object, ...]]:
    today = people.company().today
    return list(store.run_sql(sql, {}, scope=Scope.company(), as_of=today).rows)


def test_the_small_company_is_there_with_all_that_is_told_of_it() -> None:
    report = build_small()  # a dozen seconds: built once, looked at from every side
    _the_small_company_is_built_in_the_store_with_its_logins_and_forecasts(report)
    _two_scenarios_stand_ready_and_the_wave_is_shared_with_the_leader()
    _segments_are_in_force_with_a_ratio_each_and_some_accounts_moved()
    _some_risks_are_on_lists_some_asleep_and_some_closed()
    _the_meetings_of_the_last_quarter_are_told_and_it_is_closed()
    _the_past_is_as_it_was_known(report)


def _the_small_company_is_built_in_the_store_with_its_logins_and_forecasts(report: Report) -> None:
    company = people.company()
    assert company.is_demo and company.today.day == TODAY
    assert 300 <= report.records["opportunity"] <= 550
    assert ask("SELECT count(*) FROM opportunity") == [(report.records["opportunity"],)]
    assert ask("SELECT count(*) FROM activity")[0][0] == report.records["activity"]
    won = ask("SELECT count(*), sum(value) FROM deal WHERE meaning = 'won' AND is_rate_missing")
    assert won[0][0] == 0
    for username, role in ROLES.items():
        person = people.person_named(username)
        assert person is not None and person.role == role
        assert (person.rep_id is not None) == (
            role in (Role.SALES_LEADER, Role.SALES_MANAGER, Role.REP)
        )
    assert set(LOGINS) == set(ROLES)
    assert runs(None, Scope.company())


def _two_scenarios_stand_ready_and_the_wave_is_shared_with_the_leader() -> None:
    heads = planning.heads("director")
    assert [head.name for head in heads] == ["A lost region", "Wave of hires"]
    assert all(head.edits for head in heads)
    assert [head.name for head in planning.heads("leader")] == ["Wave of hires"]
    for username in ("manager", "analyst", "teamlead"):
        assert planning.heads(username) == []


def _segments_are_in_force_with_a_ratio_each_and_some_accounts_moved() -> None:
    (version,) = segmentations()
    assert version.is_in_force and version.checked_by == "director" != version.author
    assert version.run is not None and version.run.changed and not version.run.unsegmented
    ratios = {market.segment: market.accounts_per_rep for market in version.markets}
    assert ratios == {"Small business": 90, "Mid-market": 45, "Enterprise": 18}


def _some_risks_are_on_lists_some_asleep_and_some_closed() -> None:
    today = people.company().today
    store_service.refresh()
    quarter = people.company().calendar.find(today.day, Grain.QUARTER)
    found = forecasting.risks_of(quarter, today, Scope.company())
    taken = [
        risk.mitigation for deal in found.deals for risk in deal.risks
        if risk.mitigation and risk.mitigation.doing is Doing.TAKEN
    ]  # fmt: skip
    assert len(taken) >= 3
    assert {act.owner for act in taken} >= {"manager", "analyst"}
    assert found.asleep
    closed = forecasting.closed(today, Scope.company())
    assert {act.mitigation.outcome for act in closed} >= {Outcome.REMOVED, Outcome.SMALLER}


def test_a_home_that_has_a_company_is_refused_and_stays_as_it_is() -> None:
    company_init(name="Acme")
    with pytest.raises(Conflict):
        built_anew()
    assert history.recent_sets(10) == []
    assert people.company().name == "Acme"


def test_a_build_that_was_cut_off_is_cleared_and_made_anew() -> None:
    from django.contrib.auth import authenticate

    from perilune.demo import service
    from perilune.demo.engine.truth import Truth

    class CutOffError(Exception):
        pass

    def cut_off(what: str, share: float) -> None:
        if share > 0.5:
            raise CutOffError

    with pytest.raises(CutOffError):
        service.demo_build(TODAY, truth=Truth.small(), progress=cut_off)
    assert people.company_or_none() is None
    assert history_service.unfinished_sets()
    report = built_anew()
    assert history_service.unfinished_sets() == []
    assert ask("SELECT count(*) FROM opportunity") == [(report.records["opportunity"],)]
    assert authenticate(username="rep", password=PASSWORD) is not None


def _the_meetings_of_the_last_quarter_are_told_and_it_is_closed() -> None:
    calendar, today = people.company().calendar, people.company().today
    last = calendar.parse("2026-Q1")
    close = forecasting.close_of(last, today)
    assert close is not None and not close.is_self_approved
    assert [step.actor for step in forecasting.steps(last)] == ["manager", "director"]
    rolled = forecasting.rollup(last, today, Scope.company(), with_ranges=False)
    assert rolled.total.closed == rolled.total.won_of_record
    assert forecasting.learnt(last, close, today, Scope.company()) == []
    assert forecasting.overrides(last, today) and forecasting.terms_of(last, today).due
    measured = forecasting.worth(rolled, forecasting.Reader(None, frozenset()), Scope.company())
    assert any(one.model is not None for one in measured.named)
    # nothing of it is known at the start of today
    early = AsOf.end_of(TODAY.replace(day=29), people.company().zone)
    assert len(forecasting.overrides(last, early)) == len(forecasting.overrides(last, today))


def _the_past_is_as_it_was_known(report: Report) -> None:
    zone = people.company().zone
    earlier = AsOf.end_of(TODAY.replace(year=TODAY.year - 1), zone)
    sql = "SELECT count(*) FROM opportunity"
    then = store.run_sql(sql, {}, scope=Scope.company(), as_of=earlier).rows[0][0]
    assert 0 < then < report.records["opportunity"]
    closed = store.run_sql(
        "SELECT count(*) FROM deal WHERE closed_date > :as_of_day",
        {},
        scope=Scope.company(),
        as_of=earlier,
    )
    assert closed.rows == [(0,)]


def test_the_engine_ends_records_as_history_does() -> None:
    assert drafts.DELETED == DELETED
