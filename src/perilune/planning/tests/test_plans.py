"""An annual plan from last year to people's quotas: exact, approved by another, effective-dated."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history.queries import set_info
from perilune.history.service import change_set, retract
from perilune.history.testing import made_once
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.money import Money
from perilune.kernel.scope import Scope
from perilune.people import service as people
from perilune.people.queries import company, quota_spans, quotas_as_of, scope_for, target
from perilune.people.service import company_change, note_import
from perilune.planning import queries, service
from perilune.planning.contracts import (
    Absence,
    Hire,
    Leave,
    Level,
    Place,
    PlanState,
    UnitRow,
)
from perilune.planning.queries.plans import loaded_plan

pytestmark = pytest.mark.django_db
ALL = Scope.company()
START = datetime(2023, 1, 1, tzinfo=UTC)
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
TODAY = date(2025, 12, 15)
NEW_YEAR = date(2026, 1, 1)
EURO = 100


@pytest.fixture
@made_once
def plan(sold) -> int:
    return service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.25), **BY)


def _content(plan):
    return loaded_plan(plan).content


def _edition(plan):
    return loaded_plan(plan).head.edition


def _wrong(plan):
    found = loaded_plan(plan)
    return [check for check in queries.proof(found.head, found.content) if check.difference]


def _published(plan, day=NEW_YEAR):
    service.submit_plan(plan, _edition(plan), **BY)
    service.approve_plan(plan, _edition(plan), **OTHER)
    service.publish_plan(plan, _edition(plan), day, **OTHER)


def _on(day):
    """Let the archive's today be a day: the clock of these tests."""
    note_import(day)


def _quota(period, at=None, **unit):
    here = company()
    found = target(here.calendar.parse(period), at or here.today, **unit)
    return None if found is None else found.minor


def test_a_plan_from_last_year_has_its_bookings_grown_and_its_season(plan) -> None:
    content = _content(plan)
    # twelve complete months before 15 December: Dec 2024 to Nov 2025, 60,000 a month and 120,000
    base = 11 * 60_000 + 120_000
    assert content.year(Level.BOARD, "company") == round(base * 1.1) * EURO
    monthly = [content.amount(Level.OPERATING, "company", m) for m in range(1, 13)]
    assert monthly[11] == pytest.approx(2 * monthly[0], rel=1e-4)
    assert sum(monthly) == content.year(Level.OPERATING, "company")


def test_quotas_are_shared_out_to_the_cent_with_over_assignment(plan) -> None:
    assert service.reconcile(plan, 1, **BY) == []
    content = _content(plan)
    assert _wrong(plan) == []
    for team in (row.unit for row in content.units.values() if row.kind == "team"):
        reps = [u for u in content.children.get(team, ()) if u.startswith("rep:")]
        if reps:
            operating = content.year(Level.OPERATING, team)
            street = sum(content.year(Level.STREET, rep) for rep in reps)
            assert street == pytest.approx(1.25 * operating, abs=12)
            # Revcast: 125 % assigned is a factor of 80 %
            assert operating / street == pytest.approx(0.8, abs=1e-6)


def test_a_fixed_quota_is_kept_and_the_remainder_goes_to_the_others(plan, cast) -> None:
    rita, rolf = (f"rep:{r}" for r in (cast.organisation.rita, cast.organisation.rolf))
    service.reconcile(plan, 1, **BY)
    before = _content(plan)
    places = {Place(Level.STREET, rita, m): 1_000_000 for m in range(1, 13)}
    service.set_cells(plan, 2, places, **BY)
    assert _wrong(plan), "a typed quota leaves a gap until the rest is shared out again"
    assert service.reconcile(plan, 3, **BY) == []
    after = _content(plan)
    assert after.year(Level.STREET, rita) == 12_000_000
    assert after.year(Level.STREET, rolf) != before.year(Level.STREET, rolf)
    assert _wrong(plan) == []


def test_what_does_not_fit_is_named_with_its_amount(plan, cast) -> None:
    org = cast.organisation
    for unit in (f"rep:{org.rita}", f"rep:{org.rolf}"):
        row = _content(plan).units[unit]
        service.set_rule(plan, _edition(plan), UnitRow(unit, weight=row.weight, cap=1_200), **BY)
    places = {Place(Level.OPERATING, f"team:{org.north}", m): 5_000 for m in range(1, 13)}
    service.set_cells(plan, _edition(plan), places, **BY)
    misfits = service.reconcile(plan, _edition(plan), **BY)
    assert {one.unit for one in misfits} == {f"team:{org.north}"}
    assert sum(one.by for one in misfits) == 12 * 6_250 - 2 * 1_200
    with pytest.raises(Invalid, match="do not hold"):
        service.submit_plan(plan, _edition(plan), **BY)


def test_hires_ramp_and_leavers_carry_no_quota_once_gone(plan, cast) -> None:
    org = cast.organisation
    hire = service.people_add(plan, 1, Hire(org.north, date(2026, 7, 1), ramp_days=90), **BY)
    service.people_add(plan, 2, Leave(org.rolf, date(2026, 3, 31)), **BY)
    service.people_add(plan, 3, Absence(org.sara, date(2026, 5, 1), date(2026, 5, 31)), **BY)
    service.reconcile(plan, 4, **BY)
    content = _content(plan)
    street = Level.STREET
    new = f"rep:{-hire}"
    assert [content.amount(street, new, m) for m in (1, 6)] == [0, 0]
    assert 0 < content.amount(street, new, 7) < content.amount(street, new, 11)
    assert content.amount(street, f"rep:{org.rolf}", 3) > 0
    assert content.amount(street, f"rep:{org.rolf}", 4) == 0
    assert _wrong(plan) == []


def test_wrong_events_are_refused_by_name(plan, cast) -> None:
    org = cast.organisation
    with pytest.raises(Invalid, match="Rita cannot leave or be away on 2019-01-31, before"):
        service.people_add(plan, 1, Leave(org.rita, date(2019, 1, 31)), **BY)
    with pytest.raises(Invalid, match="does not sell in the plan's year"):
        service.people_add(plan, 1, Leave(org.nora, date(2026, 1, 31)), **BY)
    with pytest.raises(Invalid, match="The target of “Rita” in month 2 is negative"):
        service.set_cells(plan, 1, {Place(Level.STREET, f"rep:{org.rita}", 2): -1}, **BY)
    with pytest.raises(NotFound, match="no unit “team:999”"):
        service.set_cells(plan, 1, {Place(Level.OPERATING, "team:999", 2): 1}, **BY)


def test_teams_in_a_ring_are_named(sold) -> None:
    org = sold.organisation
    with change_set(actor="test", title="ring", known_at=START) as w:
        w.change("team", org.north_region, {"parent_id": org.north})
    with pytest.raises(Invalid, match="ring: North, North region"):
        service.create_plan("2026", 2026, **BY)


def test_undo_and_redo_give_every_edition_back(plan, cast) -> None:
    first = _content(plan)
    service.reconcile(plan, 1, **BY)
    second = _content(plan)
    service.undo_plan(plan, 2, **BY)
    assert _content(plan) == first
    service.redo_plan(plan, 3, **BY)
    assert _content(plan) == second


def test_who_changed_it_meanwhile_is_named(plan, cast) -> None:
    service.reconcile(plan, 1, **BY)
    with pytest.raises(Conflict) as conflict:
        service.set_cells(plan, 1, {Place(Level.OPERATING, "company", 1): 5}, **BY)
    assert conflict.value.params["by"] == "director"
    assert conflict.value.params["what"] == "reconciled the quotas"


def test_the_author_does_not_approve_but_in_a_small_team_after_a_pause(plan) -> None:
    service.reconcile(plan, 1, **BY)
    service.submit_plan(plan, 2, **BY)
    with pytest.raises(Refused, match="Somebody else"):
        service.approve_plan(plan, 3, **BY)
    company_change(is_small_team=True)
    with pytest.raises(Refused, match="15 minutes later"):
        service.approve_plan(plan, 3, **BY)
    submitted = loaded_plan(plan).head.submitted_at
    assert submitted is not None
    later = submitted + timedelta(minutes=16)
    service.approve_plan(plan, 3, at=later, **BY)
    assert loaded_plan(plan).head.is_self_approved


def test_quotas_show_from_the_day_on_and_not_before(plan, cast) -> None:
    org = cast.organisation
    service.reconcile(plan, 1, **BY)
    _published(plan)
    assert service.activate_plans() == [], "its day has not come"
    assert _quota("2026-01", rep_id=org.rita) is None
    _on(NEW_YEAR)
    done = service.activate_plans()
    assert len(done) == 1
    assert service.activate_plans() == [], "publishing is idempotent"
    content = _content(plan)
    assert _quota("2026-03", rep_id=org.rita) == content.amount(Level.STREET, f"rep:{org.rita}", 3)
    assert _quota("2026", team_id=org.north) == content.year(Level.OPERATING, f"team:{org.north}")
    assert _quota("2026-Q4", level="board") == sum(
        content.amount(Level.BOARD, "company", m) for m in (10, 11, 12)
    )
    eve = AsOf.end_of(NEW_YEAR - timedelta(days=1), company().zone)
    assert _quota("2026-03", eve, rep_id=org.rita) is None
    assert loaded_plan(plan).head.is_in_force


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    day=st.dates(NEW_YEAR, date(2026, 3, 31)),
    again=st.lists(st.integers(0, 40), min_size=1, max_size=3),
)
def test_publishing_is_idempotent_on_whatever_days_it_is_repeated(plan, day, again) -> None:
    """Activating once or many times, at once or days later, writes one set of the same quotas."""
    with transaction.atomic():
        _on(TODAY)
        service.reconcile(plan, _edition(plan), **BY)
        _published(plan, day)
        _on(day)
        assert len(service.activate_plans()) == 1
        written = loaded_plan(plan).head.change_set_id
        once = quota_spans(company().today, day, "EUR")
        for later in again:
            _on(day + timedelta(days=later))
            assert service.activate_plans() == []
            assert quota_spans(company().today, day, "EUR") == once
        assert loaded_plan(plan).head.change_set_id == written
        transaction.set_rollback(True)


def test_what_a_plan_wrote_is_taken_back_as_one(plan, cast) -> None:
    service.reconcile(plan, 1, **BY)
    _published(plan)
    _on(NEW_YEAR)
    (done,) = service.activate_plans()
    assert done.quotas == len(quotas_as_of(company().today))
    service.take_back_plan(plan, _edition(plan), **OTHER)
    assert quotas_as_of(company().today) == {}
    written = set_info(done.change_set_id)
    assert written is not None and written.retracted_at is not None
    assert loaded_plan(plan).head.state is PlanState.APPROVED


def test_a_roll_back_from_the_journal_is_known_to_the_plan(plan) -> None:
    service.reconcile(plan, 1, **BY)
    _published(plan)
    _on(NEW_YEAR)
    (done,) = service.activate_plans()
    retract(done.change_set_id, "director")
    assert not loaded_plan(plan).head.is_in_force


def test_a_published_plan_is_never_changed_but_superseded_with_proration(plan, cast) -> None:
    org = cast.organisation
    rita = f"rep:{org.rita}"
    service.reconcile(plan, 1, **BY)
    _published(plan)
    _on(NEW_YEAR)
    service.activate_plans()
    with pytest.raises(Invalid, match="is published: this cannot be done"):
        service.set_cells(plan, _edition(plan), {Place(Level.OPERATING, "company", 1): 5}, **BY)
    old = _content(plan)
    _on(date(2026, 7, 10))
    second = service.clone_plan(plan, "2026 second half", **BY)
    places = {Place(Level.STREET, rita, m): 700_000 for m in range(1, 13)}
    service.set_cells(second, 1, places, **BY)
    service.reconcile(second, 2, **BY)
    _published(second, date(2026, 7, 16))
    _on(date(2026, 7, 16))
    service.activate_plans()
    assert loaded_plan(plan).head.state is PlanState.SUPERSEDED
    june, july = (old.amount(Level.STREET, rita, m) for m in (6, 7))
    assert _quota("2026-06", rep_id=org.rita) == june
    # 15 of 31 days at the old quota, 16 at the new one
    assert _quota("2026-07", rep_id=org.rita) == round((15 * july + 16 * 700_000) / 31)
    assert _quota("2026-08", rep_id=org.rita) == 700_000
    before = AsOf.end_of(date(2026, 7, 15), company().zone)
    assert _quota("2026-08", before, rep_id=org.rita) == old.amount(Level.STREET, rita, 8)


def test_a_quarter_that_was_set_by_hand_does_not_outlive_the_plan(plan, cast) -> None:
    org = cast.organisation
    quarter = company().calendar.parse("2026-Q1")
    people.quota_set(Money.from_minor(99, "EUR"), quarter.start, quarter.end, actor="test",
                     rep_id=org.rita, level="street", effective_from=NEW_YEAR)  # fmt: skip
    service.reconcile(plan, 1, **BY)
    _published(plan)
    _on(NEW_YEAR)
    service.activate_plans()
    content = _content(plan)
    months = sum(content.amount(Level.STREET, f"rep:{org.rita}", m) for m in (1, 2, 3))
    assert _quota("2026-Q1", rep_id=org.rita) == months


def test_a_draft_is_seen_by_its_circle_and_a_manager_sees_their_reps_after(plan, cast) -> None:
    org = cast.organisation
    nora = scope_for(cast.sales_manager)
    mine = {"actor": cast.sales_manager.username, "scope": nora}
    with pytest.raises(NotFound):
        queries.plan(plan, nora, cast.sales_manager.username)
    assert queries.plans(nora, cast.sales_manager.username) == []
    service.people_add(plan, 1, Leave(org.rolf, date(2026, 3, 31)), **BY)
    service.reconcile(plan, 2, **BY)
    _published(plan)
    view = queries.plan(plan, nora, cast.sales_manager.username)
    # her team, its reps, and the region that consists of nothing else
    own = {f"team:{org.north}", f"rep:{org.rita}", f"rep:{org.rolf}"}
    assert view.seen == own | {f"team:{org.north_region}"}
    assert view.content.people == (), "who leaves is known to the circle alone"
    assert not view.is_whole
    with pytest.raises(Refused):
        service.take_back_plan(plan, _edition(plan), **mine)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    amounts=st.lists(st.integers(0, 10**11), min_size=12, max_size=12),
    overs=st.lists(st.integers(0, 3000), min_size=3, max_size=3),
)
def test_every_level_sums_to_the_cent_whatever_is_asked(plan, cast, amounts, overs) -> None:
    edition = _edition(plan)
    places = {Place(Level.OPERATING, "company", m): a for m, a in enumerate(amounts, 1)}
    service.set_cells(plan, edition, places, **BY)
    teams = ["company", f"team:{cast.organisation.north}", f"team:{cast.organisation.south}"]
    for unit, over in zip(teams, overs, strict=True):
        service.set_rule(plan, _edition(plan), UnitRow(unit, over=over), **BY)
    assert service.reconcile(plan, _edition(plan), **BY) == []
    assert _wrong(plan) == []


def test_a_plan_answers_whose_quotas_these_are_and_who_leaves_by_it(plan, cast) -> None:
    rita = cast.organisation.rita
    service.reconcile(plan, 1, **BY)
    service.people_add(plan, 2, Leave(rita, date(2026, 6, 30)), **BY)
    told = queries.year_plan(date(2026, 5, 1), ALL, "director")
    assert told is not None
    assert (told.name, told.state, told.is_in_force) == ("2026", "draft", False)
    assert (told.starts, told.ends) == (NEW_YEAR, date(2026, 12, 31))
    assert told.quotas[rita] == _content(plan).year(Level.STREET, f"rep:{rita}")
    assert queries.year_plan(date(2027, 5, 1), ALL, "director") is None
    assert queries.leavers(ALL, "director") == {rita: date(2026, 6, 30)}
    # a plan in the making is its circle's alone, and who leaves by it stays so
    unseen = queries.year_plan(NEW_YEAR, ALL, "ops_manager")
    assert unseen is not None
    assert (unseen.name, unseen.quotas) == ("", {}), "the year has a plan, and no more is told"
    service.submit_plan(plan, _edition(plan), **BY)
    shown = queries.year_plan(NEW_YEAR, ALL, "ops_manager")
    assert shown is not None and shown.state == "submitted"
    assert queries.leavers(ALL, "ops_manager") == {}
    rep = queries.year_plan(NEW_YEAR, scope_for(cast.rep), "rep")
    assert rep is None or set(rep.quotas) <= {cast.organisation.rita}
