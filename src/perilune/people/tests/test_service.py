"""The verbs: company, reps, quotas, and what they leave behind as of any day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from perilune.history.queries import state_as_of, timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Pattern
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.money import Money
from perilune.people import service, testing
from perilune.people.contracts import Role
from perilune.people.engine import fte_on
from perilune.people.queries import (
    assignments_as_of,
    company,
    company_or_none,
    employments_as_of,
    findings,
    target,
    team_loads,
    writing_time,
)

pytestmark = pytest.mark.django_db


def euros(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")


def year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


# -- company -------------------------------------------------------------------------------------


def test_a_home_has_one_company() -> None:
    assert company_or_none() is None
    with pytest.raises(NotFound):
        company()
    service.company_init(name="Acme", currency="usd", fiscal_start_month=4, language="fr")
    found = company()
    assert (found.currency, found.calendar.start_month, found.language) == ("USD", 4, "fr")
    with pytest.raises(Conflict):
        service.company_init(name="Second")


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency": "EURO"},
        {"timezone": "Mars/Olympus"},
        {"fiscal_start_month": 13},
        {"language": "de"},
        {"fiscal_pattern": "4-4-4"},
    ],
)
def test_a_wrong_setting_is_refused_and_leaves_no_company(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        service.company_init(**{"name": "Acme", **wrong})  # type: ignore[arg-type]
    assert caught.value.problems[0].field in wrong
    assert company_or_none() is None


def test_week_patterns_and_short_years_reach_the_calendar() -> None:
    short = [["2026", "2026-01-01", "2026-06-30"]]
    service.company_init(name="A", fiscal_pattern="4-4-5", week_start=6, short_years=short)
    calendar = company().calendar
    assert (calendar.pattern, calendar.week_start) == (Pattern.W445, 6)
    assert calendar.year(2026).end == date(2026, 6, 30)


def test_in_an_archive_an_edit_is_known_at_its_today() -> None:
    """Otherwise the edit would lie in the future of every page."""
    testing.make_company()
    assert writing_time() is None
    service.note_import(date(2017, 12, 31))
    assert company().today.day == date(2017, 12, 31)
    rep = service.rep_hire("Anna", actor="t", hire_date=date(2017, 1, 1))
    assert state_as_of("rep", rep, company().today.at) is not None


# -- organisation --------------------------------------------------------------------------------


def test_a_move_ends_the_old_place_the_day_before_and_keeps_the_past(
    people_cast: testing.Cast,
) -> None:
    who = people_cast.organisation
    service.rep_move(who.rita, actor="t", on=date(2024, 7, 1), team_id=who.south)
    theirs = [h for h in assignments_as_of(company().today) if h.rep_id == who.rita]
    spans = {(h.team_id, h.since, h.until) for h in theirs}
    assert spans == {
        (who.north, testing.START, date(2024, 6, 30)),
        (who.south, date(2024, 7, 1), None),
    }


def test_a_departure_is_taken_back_as_if_it_had_not_been(people_cast: testing.Cast) -> None:
    who = people_cast.organisation
    before = {h for h in assignments_as_of(company().today) if h.rep_id == who.rita}
    service.rep_leave(who.rita, date(2024, 12, 31), actor="t")
    away = employments_as_of(company().today)[who.rita]
    assert (fte_on(away, date(2024, 12, 31)), fte_on(away, date(2025, 1, 1))) == (1.0, 0.0)
    service.rep_stay(who.rita, actor="t")
    assert {h for h in assignments_as_of(company().today) if h.rep_id == who.rita} == before


def test_every_verb_leaves_its_author_in_the_timeline(people_cast: testing.Cast) -> None:
    rep = service.rep_hire(
        "Tom", actor="anne", hire_date=date(2024, 1, 8), team_id=people_cast.organisation.north
    )
    service.rep_leave(rep, date(2025, 1, 8), actor="bob")
    assert [(event.actor, event.field) for event in timeline("rep", rep)] == [
        ("bob", "leave_date"),
        ("anne", ""),
    ]


@pytest.mark.parametrize("fte", [0, -0.5, 1.2])
def test_an_impossible_fte_is_refused(people_cast: testing.Cast, fte: float) -> None:
    with pytest.raises(Invalid):
        service.rep_hire("Tom", actor="t", fte=fte)


def test_absence_has_dates_and_fte_and_no_reason(people_cast: testing.Cast) -> None:
    """Rule 25."""
    who = people_cast.organisation
    day = date(2024, 3, 1)
    record = service.absence_add(who.rita, day, date(2024, 3, 10), actor="t", fte=0.5)
    assert set(state_as_of("absence", record) or {}) == {
        "id", "rep_id", "first_day", "last_day", "fte",
    }  # fmt: skip
    assert fte_on(employments_as_of(company().today)[who.rita], day) == 0.5


# -- quotas --------------------------------------------------------------------------------------


def test_a_quota_set_twice_is_one_record_and_a_later_one_stands_beside_it(
    people_cast: testing.Cast,
) -> None:
    who, today = people_cast.organisation, company().today
    first, last = year(today.day)
    one = service.quota_set(euros(100), first, last, actor="t", rep_id=who.rita)
    assert service.quota_set(euros(120), first, last, actor="t", rep_id=who.rita) == one
    period = company().calendar.year_of(today.day)
    found = target(period, today, rep_id=who.rita)
    assert found is not None
    assert found.minor == 12_000
    later = service.quota_set(
        euros(150), first, last, actor="t", rep_id=who.rita, effective_from=first
    )
    assert later != one
    found = target(period, today, rep_id=who.rita)
    assert found is not None
    assert found.minor == 15_000


def test_a_target_names_its_level_and_what_it_sums(people_cast: testing.Cast) -> None:
    """Rule 29: every gap says against which."""
    who, today = people_cast.organisation, company().today
    first, last = year(today.day)
    period = company().calendar.year_of(today.day)
    assert target(period, today) is None
    for rep, amount in ((who.rita, 100), (who.rolf, 50), (who.sara, 30)):
        service.quota_set(euros(amount), first, last, actor="t", rep_id=rep, level="street")
    team = target(period, today, team_id=who.north)
    assert team is not None
    assert (team.minor, team.level, team.label) == (15_000, "street", "sum")
    region = target(period, today, team_id=who.north_region)
    assert region is not None
    assert region.minor == 15_000
    service.quota_set(euros(500), first, last, actor="t", level="board")
    for level, minor in (("board", 50_000), ("street", 18_000)):
        whole = target(period, today, level=level)
        assert whole is not None
        assert (whole.minor, whole.level) == (minor, level)


def test_a_target_as_of_an_earlier_day_does_not_know_a_later_quota(
    people_cast: testing.Cast,
) -> None:
    today = company().today
    service.quota_set(euros(100), *year(today.day), actor="t")
    before = AsOf.end_of(date(2021, 1, 1), company().zone)
    assert target(company().calendar.year_of(today.day), before) is None


def test_a_quota_of_nobody_known_or_of_no_days_is_refused(people_cast: testing.Cast) -> None:
    day = date(2026, 1, 1)
    with pytest.raises(NotFound):
        service.quota_set(euros(1), day, day, actor="t", rep_id=999_999)
    with pytest.raises(Invalid):
        service.quota_set(euros(1), day, date(2025, 1, 1), actor="t")
    with pytest.raises(Invalid):
        service.quota_set(euros(-1), day, day, actor="t")


# -- findings and load ---------------------------------------------------------------------------


def test_findings_name_each_gap_and_vanish_when_it_is_filled(people_cast: testing.Cast) -> None:
    who, today = people_cast.organisation, company().today
    period = company().calendar.year_of(today.day)
    lone = testing.make_rep("Uma", hire_date=None)
    found = {item.name: item for item in findings(today, period)}
    assert found["unassigned"].cases == ((lone, "Uma"),)
    assert found["without_manager"].cases == ((lone, "Uma"),)
    assert found["without_hire_date"].count == 1
    assert found["no_target"].count == 1
    assert {case for case, _name in found["quotas_missing"].cases} == {who.rita, who.rolf, who.sara}
    testing.make_assignment(lone, who.south, manager_id=who.sami)
    service.quota_set(euros(100), period.start, period.end, actor="t")
    names = {item.name for item in findings(today, period)}
    assert not names & {"unassigned", "without_manager", "no_target"}


def test_a_team_counts_its_own_and_those_below(people_cast: testing.Cast) -> None:
    who, today = people_cast.organisation, company().today
    period = company().calendar.year_of(today.day)
    service.absence_add(who.rita, today.day, today.day, actor="t")
    loads = {load.team_id: load for load in team_loads(today, period)}
    north, region = loads[who.north], loads[who.north_region]
    assert (north.reps, north.managers, north.away, north.depth) == (3, ("Nora",), 1, 1)
    assert (region.reps, region.managers, region.depth) == (4, ("Lea", "Nora"), 0)
    assert north.span == 3.0
    assert north.fte == pytest.approx(3 - 1 / period.days)


def test_a_user_needs_a_known_role_and_a_free_name() -> None:
    testing.make_company()
    testing.make_user(Role.ANALYST, "anne")
    with pytest.raises(Conflict):
        service.user_add("Anne", Role.VIEWER)
    with pytest.raises(Invalid):
        service.user_add("bob", "king")
    with pytest.raises(Invalid):
        service.user_add("bob", Role.REP, rep_id=77)
