"""Departure, absence, change of team: private until the day, then one change set (rule 30)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from perilune.crm.testing import make_record
from perilune.forecasting import queries, service
from perilune.forecasting.contracts.departures import Departure, Going, Rule, Standing, Taker, Terms
from perilune.forecasting.models import PlannedDeparture
from perilune.forecasting.tests.conftest import Quarter
from perilune.history.queries import set_info, state_as_of, states_as_of
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, user_named, user_of_token
from perilune.people.service import note_import, token_create
from perilune.planning.contracts import Absence, Leave, Move
from perilune.planning.queries import scenario, way_back

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

LAST = date(2026, 7, 15)
DAY = LAST + timedelta(days=1)
PLANNER = "ops_manager"


def begun(quarter: Quarter, going: Going = Going.LEAVE, **terms: Any) -> int:
    """Begin the guide for Rita and give it its terms."""
    first = Terms(going, quarter.who.rita, reports_to=quarter.who.nora)
    given = {"last_day": LAST} if going is Going.LEAVE else {"first_day": DAY}
    number = service.departure_begin(first, actor=PLANNER, scope=Scope.company())
    service.departure_change(number, lambda t: t.but(**{**given, **terms}), actor=PLANNER)
    return number


def planned(quarter: Quarter, going: Going = Going.LEAVE, **terms: Any) -> int:
    number = begun(quarter, going, **terms)
    service.departure_confirm(number, actor=PLANNER)
    return number


def come(day: date) -> list[int]:
    """Let a day come, and the schedule run."""
    note_import(day)
    return service.activate_due()


def seen(number: int) -> Departure:
    return queries.departure(number, PLANNER)


def owner(kind: str, record_id: int, at: datetime | None = None) -> int | None:
    state = state_as_of(kind, record_id, at)
    return None if state is None else state["owner_id"]


# -- rule 24: nobody else sees it ------------------------------------------------------------------

ADDRESSES = (
    "/", "/cockpit/", "/settings/reps/", "/settings/reps/{rita}/", "/settings/teams/",
    "/settings/quotas/", "/settings/departures/", "/journal/", "/jobs/", "/schedules/",
    "/search/?q=rita", "/records/opportunity/", "/records/account/", "/forecast/2026-Q3/",
    "/forecast/2026-Q3/risks/", "/plan/scenarios/", "/notices/", "/territories/",
    "/metrics/", "/measures/?by=rep&m=won_amount", "/api/v1/openapi.json",
)  # fmt: skip
ROLES = (
    "director", "analyst", "ops_rep", "sales_leader", "sales_manager", "rep", "viewer", "outsider",
)  # fmt: skip


def read(client: Client, quarter: Quarter) -> Iterator[tuple[str, int, str]]:
    for address in ADDRESSES:
        answer = client.get(address.format(rita=quarter.who.rita))
        text = answer.content.decode() if not answer.streaming else ""
        text = re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken"?:|nonce)[^>]*', "", text)
        yield address, answer.status_code, text


@pytest.mark.roles
@pytest.mark.parametrize("role", ROLES)
def test_whatever_others_open_reads_the_same_with_and_without_a_planned_departure(
    quarter: Quarter, as_user: Callable[[str], Client], role: str
) -> None:
    client = as_user(role)
    list(read(client, quarter))  # what a first visit makes is no news
    before = list(read(client, quarter))
    number = planned(quarter)
    assert list(read(client, quarter)) == before
    for address in (
        f"{number}/",
        f"{number}/forecast/",
        f"{number}/share/",
        f"{number}/step/what/",
    ):
        assert client.get(f"/settings/departures/{address}").status_code in {403, 404}
    for verb in ("confirm", "take-back", "tell", "scenario"):
        assert client.post(f"/settings/departures/{number}/do/{verb}/").status_code in {403, 404}
    assert seen(number).standing is Standing.PLANNED


def test_it_shows_to_its_author_and_to_those_named_within_their_own_scope(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    number = planned(quarter)
    address = f"/settings/departures/{number}/"
    mine = as_user(PLANNER)
    assert "Planned" in mine.get(f"/settings/reps/{quarter.who.rita}/").content.decode()
    assert "Alpha" in mine.get(address).content.decode()
    service.departure_share(number, ["sales_manager", "analyst"], actor=PLANNER)
    nora = as_user("sales_manager")
    listed = nora.get("/settings/departures/").content.decode()
    assert f'href="{address}"' in listed
    assert 'href="/plan/scenarios/"' in listed and "contingencies/" in listed, "the room's tabs"
    assert "Alpha" in nora.get(address).content.decode()
    assert as_user("sales_leader").get(address).status_code == 404
    assert nora.post(f"{address}do/take-back/").status_code == 403
    with pytest.raises(Refused):
        service.departure_take_back(number, actor="analyst")
    with pytest.raises(Invalid):  # never to whom it is about, nor to who makes no scenarios
        service.departure_share(number, ["rep"], actor=PLANNER)


def test_who_leaves_is_known_to_its_circle_alone_once_it_is_decided(quarter: Quarter) -> None:
    company_wide, rita = Scope.company(), quarter.who.rita
    number = begun(quarter)
    assert queries.leavers(company_wide, PLANNER) == {}, "nothing is decided yet"
    service.departure_confirm(number, actor=PLANNER)
    assert queries.leavers(company_wide, PLANNER) == {rita: LAST}
    assert queries.leavers(Scope("mine", frozenset({quarter.who.sara})), PLANNER) == {}
    assert queries.leavers(company_wide, "analyst") == {}
    service.departure_share(number, ["analyst"], actor=PLANNER)
    assert queries.leavers(company_wide, "analyst") == {rita: LAST}
    service.departure_take_back(number, actor=PLANNER)
    assert queries.leavers(company_wide, PLANNER) == {}


def test_who_does_not_have_the_rep_in_scope_reads_no_figure_even_when_it_is_shared(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    number = planned(quarter)
    service.departure_share(number, ["sales_manager"], actor=PLANNER)
    scope = Scope(label="team:South", owners=frozenset({quarter.who.sara}))
    found = queries.follows(seen(number), company().today, scope)
    assert found.refused and not found.deals and not found.accounts and not found.quotas


# -- the day ---------------------------------------------------------------------------------------


def test_on_its_day_everything_is_one_change_set_known_from_the_start_of_the_day(
    quarter: Quarter,
) -> None:
    who, book = quarter.who, quarter.book
    facts = {"type": "task", "subject": "Send", "is_done": False}
    place = {"owner_id": who.rita, "account_id": book.north_account}
    task = make_record("activity", facts | place)
    quota = make_record("quota", {"rep_id": who.rita, "starts": date(2026, 7, 1),
                                  "ends": date(2026, 9, 30), "amount": 92_000,
                                  "currency": "EUR"})  # fmt: skip
    token = token_create("rep", "script", datetime(2026, 6, 1, tzinfo=UTC))
    quarter.refresh()
    number = planned(quarter, keeps_commit=False)
    assert come(LAST) == [] and owner("account", book.north_account) == who.rita
    assert come(DAY) == [number] and come(DAY) == []
    for kind, record in (
        ("account", book.north_account), ("opportunity", book.beta), ("opportunity", book.alpha),
        ("activity", task),
    ):  # fmt: skip
        assert owner(kind, record) == who.rolf, kind
    assert owner("opportunity", book.won) == who.rita  # rule 3: what was won stays with who won it
    eve = AsOf.end_of(LAST, company().zone)
    assert owner("account", book.north_account, eve.at) == who.rita
    assert owner("account", book.north_account, eve.at + timedelta(microseconds=1)) == who.rolf
    rita = state_as_of("rep", who.rita)
    assert rita is not None and rita["leave_date"] == LAST
    quotas = [q for q in states_as_of("quota", None).values() if q["rep_id"] == who.rita]
    assert {(q["id"] == quota, q["amount"], q["effective_from"]) for q in quotas} == {
        (True, 92_000, None), (False, 15_000, DAY),
    }  # fmt: skip
    user = user_named("rep")
    assert user is not None and not user.is_active
    assert user_of_token(token, DAY) is None
    change_set = seen(number).change_set_id
    assert change_set is not None
    info = set_info(change_set)
    assert info is not None and info.purpose == "departure"


def test_a_session_that_is_open_ends_with_the_access(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    client = as_user("rep")
    assert client.get("/cockpit/").status_code == 200
    planned(quarter)
    come(DAY)
    answer = client.get("/cockpit/")
    assert answer.status_code in {302, 403}
    assert "Alpha" not in answer.content.decode()


def test_deals_in_commit_stay_until_they_close_by_the_hold_over_of_rule_31(
    quarter: Quarter,
) -> None:
    planned(quarter)
    come(DAY)
    assert owner("opportunity", quarter.deals["Rita commit"]) == quarter.who.rita
    assert owner("opportunity", quarter.deals["Rita best"]) == quarter.who.rolf


def test_several_holders_take_over_by_rule_and_the_team_the_rest(quarter: Quarter) -> None:
    who = quarter.who
    made = {
        name: make_record("account", {"name": name, "owner_id": who.rita, "segment": name})
        for name in ("Large", "Small")
    }
    quarter.refresh()
    lines = (Taker(who.sara, "Large"), Taker(who.sami, "Small"))
    planned(quarter, rule=Rule.HAND, takers=lines)
    come(DAY)
    assert owner("account", made["Large"]) == who.sara
    assert owner("account", made["Small"]) == who.sami
    assert owner("account", quarter.book.north_account) == who.rolf


def test_the_nearest_territory_in_force_takes_over(quarter: Quarter) -> None:
    who, places = quarter.who, {"Paris": (48.9, 2.3), "Nice": (43.7, 7.3), "Lyon": (45.8, 4.8)}
    owners = {"Paris": who.rolf, "Nice": who.sara, "Lyon": who.rita}
    ids = {
        name: make_record(
            "account",
            {"name": name, "owner_id": owners[name], "latitude": lat, "longitude": lon},
        )
        for name, (lat, lon) in places.items()
    }
    for name in ("Paris", "Nice"):
        since = {"effective_from": date(2026, 1, 1)}
        land = make_record("territory", {"name": name, **since})
        make_record("territory_seat", {"territory_id": land, "rep_id": owners[name], **since})
        make_record("territory_account", {"territory_id": land, "account_id": ids[name], **since})
    quarter.refresh()
    planned(quarter, rule=Rule.NEAR)
    come(DAY)
    assert owner("account", ids["Lyon"]) == who.sara  # Nice is nearer than Paris
    assert owner("account", quarter.book.north_account) == who.rolf  # no place: the team


def test_the_people_of_who_leaves_get_another_manager_on_the_day(quarter: Quarter) -> None:
    who = quarter.who
    terms = Terms(Going.LEAVE, who.nora, last_day=LAST, reports_to=who.lea)
    number = service.departure_begin(terms, actor=PLANNER, scope=Scope.company())
    service.departure_confirm(number, actor=PLANNER)
    come(DAY)
    held = [s for s in states_as_of("assignment", None).values() if s["rep_id"] == who.rita]
    spans = sorted((s["effective_from"], s["effective_to"], s["manager_id"]) for s in held)
    assert spans == [(date(2020, 1, 1), LAST, who.nora), (DAY, None, who.lea)]


# -- back ------------------------------------------------------------------------------------------


def test_before_the_day_one_click_takes_it_back_and_nothing_was_ever_written(
    quarter: Quarter,
) -> None:
    number = planned(quarter)
    service.departure_take_back(number, actor=PLANNER)
    assert come(DAY) == [] and owner("account", quarter.book.north_account) == quarter.who.rita
    assert seen(number).standing is Standing.CANCELLED
    note_import(LAST)
    service.departure_plan_again(number, actor=PLANNER)
    assert come(DAY) == [number]


def test_after_the_day_the_change_set_is_rolled_back_and_access_opens_again(
    quarter: Quarter,
) -> None:
    kinds = ("rep", "assignment", "account", "opportunity", "quota", "activity")
    before = {kind: states_as_of(kind, None) for kind in kinds}
    number = planned(quarter)
    come(DAY)
    assert {kind: states_as_of(kind, None) for kind in kinds} != before
    service.departure_take_back(number, actor=PLANNER)
    assert {kind: states_as_of(kind, None) for kind in kinds} == before
    user = user_named("rep")
    assert user is not None and user.is_active


def test_told_to_all_the_dates_are_known_at_once_and_accounts_follow_on_the_day(
    quarter: Quarter,
) -> None:
    who = quarter.who
    number = planned(quarter)
    service.departure_tell(number, actor=PLANNER)
    rita = state_as_of("rep", who.rita)
    assert rita is not None and rita["leave_date"] == LAST
    assert owner("account", quarter.book.north_account) == who.rita
    with pytest.raises(Conflict):
        service.departure_change(number, lambda t: t, actor=PLANNER)
    service.departure_take_back(number, actor=PLANNER)
    rita = state_as_of("rep", who.rita)
    assert rita is not None and rita["leave_date"] is None
    service.departure_plan_again(number, actor=PLANNER)
    service.departure_tell(number, actor=PLANNER)
    assert come(DAY) == [number]
    assert owner("account", quarter.book.north_account) == who.rolf


# -- absence and change of team --------------------------------------------------------------------


def test_after_an_absence_what_is_still_held_goes_back_and_the_rest_stays(
    quarter: Quarter,
) -> None:
    who, book = quarter.who, quarter.book
    number = planned(quarter, Going.ABSENCE, last_day=date(2026, 8, 31), fte=1.0)
    come(DAY)
    absences = [dict(state) for state in states_as_of("absence", None).values()]
    assert [(a["rep_id"], a["first_day"], a["last_day"]) for a in absences] == [
        (who.rita, DAY, date(2026, 8, 31))
    ]
    # rule 25: dates and FTE, and no field in which a reason could stand
    assert set(absences[0]) == {"id", "rep_id", "first_day", "last_day", "fte"}
    assert owner("opportunity", book.beta) == who.rolf
    from perilune.history.service import change_set

    with change_set(actor="test", known_at=datetime(2026, 8, 1, tzinfo=UTC)) as writer:
        writer.change("opportunity", book.beta, {"owner_id": who.sara})
    come(date(2026, 9, 1))
    assert owner("account", book.north_account) == who.rita
    assert owner("opportunity", book.beta) == who.sara
    assert seen(number).standing is Standing.OVER
    user = user_named("rep")
    assert user is not None and user.is_active


def test_a_change_of_team_ends_the_assignment_and_restarts_the_ramp_in_part(
    quarter: Quarter,
) -> None:
    who = quarter.who
    first = service.first_terms(Going.MOVE, who.rita, None)
    # half of an even ramp of 180 days, on which its month goes on from 59 %
    assert (first.ramp_days, first.ramp_loss, *way_back(company().today)[2:]) == (87, 0.5, False)
    number = planned(quarter, Going.MOVE, team_id=who.south, manager_id=who.sami,
                     product_family="Cloud")  # fmt: skip
    preview = queries.follows(seen(number), company().today, Scope.company())
    fte = {(one.team, one.period.name): (one.before, one.after) for one in preview.capacity}
    gone = (date(2026, 9, 30) - LAST).days / 92
    assert fte["North", "2026-Q3"] == pytest.approx((3.0, 3.0 - gone))
    assert fte["South", "2026-Q3"] == pytest.approx((2.0, 2.0 + gone))
    made = service.departure_as_scenario(number, "Rita goes south", actor=PLANNER,
                                         scope=Scope.company())  # fmt: skip
    edits = [item.edit for item in scenario(made, None, PLANNER).assumptions]
    assert [type(edit) for edit in edits] == [Move, Absence, Absence, Absence]
    with pytest.raises(NotFound):
        scenario(made, None, "analyst")
    come(DAY)
    held = [s for s in states_as_of("assignment", None).values() if s["rep_id"] == who.rita]
    assert sorted((s["team_id"], s["effective_from"], s["effective_to"]) for s in held) == sorted(
        [(who.north, date(2020, 1, 1), LAST), (who.south, DAY, None)]
    )
    assert {s["effective_from"]: s["product_family"] for s in held}[DAY] == "Cloud"


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("going", "terms", "field"),
    [
        (Going.LEAVE, {"last_day": None}, "last_day"),
        (Going.LEAVE, {"last_day": date(2019, 1, 1)}, "last_day"),
        (Going.ABSENCE, {"last_day": date(2026, 7, 1)}, "last_day"),
        (Going.ABSENCE, {"fte": 1.5}, "fte"),
        (Going.MOVE, {"team_id": None}, "team_id"),
        (Going.MOVE, {"team_id": 10**6}, "team_id"),
    ],
)
def test_what_cannot_be_is_named_at_its_field(
    quarter: Quarter, going: Going, terms: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as said:
        begun(quarter, going, **terms)
    assert [problem.field for problem in said.value.problems] == [field]


def test_nobody_takes_over_from_themselves_and_an_absence_is_not_recorded_twice(
    quarter: Quarter,
) -> None:
    with pytest.raises(Invalid):
        begun(quarter, rule=Rule.HAND, takers=(Taker(quarter.who.rita),))
    make_record("absence", {"rep_id": quarter.who.rita, "first_day": DAY, "last_day": DAY})
    with pytest.raises(Invalid):
        begun(quarter, Going.ABSENCE)


def test_what_cannot_be_written_on_its_day_says_why_and_stays_planned(quarter: Quarter) -> None:
    from perilune.people.service import rep_leave

    number = planned(quarter)
    rep_leave(quarter.who.rita, date(2026, 7, 3), actor="director")
    assert come(DAY) == []
    assert seen(number).standing is Standing.PLANNED
    assert "leaves on 2026-07-03" in queries.departure_problem(number)


def test_the_edit_of_another_window_is_not_overwritten(quarter: Quarter) -> None:
    number = begun(quarter)
    edition = seen(number).edition
    service.departure_change(number, lambda t: t.but(keeps_commit=False), actor=PLANNER)
    with pytest.raises(Conflict):
        service.departure_confirm(number, actor=PLANNER, edition=edition)


# -- the guide -------------------------------------------------------------------------------------


def test_the_guide_leads_from_a_rep_to_the_preview_and_back(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    client, rita = as_user(PLANNER), quarter.who.rita
    page = client.get(f"/settings/departures/new/{rita}/leave/")
    assert page.status_code == 200 and not PlannedDeparture.objects.exists()
    wrong = client.post(f"/settings/departures/new/{rita}/leave/", {"last_day": "2019-01-01"})
    assert wrong.status_code == 422 and not PlannedDeparture.objects.exists()
    client.post(f"/settings/departures/new/{rita}/leave/", {"last_day": LAST.isoformat()})
    number = PlannedDeparture.objects.get().pk
    base = f"/settings/departures/{number}/"
    over = client.post(base + "step/hand-over/", {"rule": "hand"})
    assert over.status_code == 422 and "Say who takes over" in over.content.decode()
    assert client.post(base + "step/hand-over/", {"rule": "team"}).status_code == 302
    assert client.post(base + "step/rest/", {"prorates": "on"}).status_code == 302
    found = seen(number).terms
    assert (found.rule, found.keeps_commit, found.closes_access) == (Rule.TEAM, False, False)
    text = client.get(base).content.decode()
    assert re.search(r"Plan for .*16", text) and "Rolf" in text
    assert client.get(base + "forecast/").status_code == 200
    client.post(base + "do/confirm/")
    assert seen(number).standing is Standing.PLANNED
    client.post(base + "do/take-back/")
    assert seen(number).standing is Standing.CANCELLED


def test_a_scenario_s_departure_fills_the_guide_in(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    from perilune.planning.service import edit_add, scenario_create

    who = quarter.who
    made = scenario_create("Rita goes", "2026-Q3", actor=PLANNER)
    edit = edit_add(made, Leave(who.rita, LAST, who.sara), actor=PLANNER, scope=Scope.company())
    address = f"/settings/departures/new/{who.rita}/leave/?scenario={made}&edit={edit}"
    assert f'value="{LAST.isoformat()}"' in as_user(PLANNER).get(address).content.decode()
    assert as_user("director").get(address).status_code == 404  # rule 24: it is not shared
