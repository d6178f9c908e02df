"""The pages of the house: schedules and the journal are found, and say what is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypedDict

import pytest
from django.conf import settings
from django.test import Client

from perilune.crm.service import opportunity_move, record_change, record_delete
from perilune.crm.testing import Book
from perilune.history.queries import recent_sets
from perilune.jobs.contracts import Cadence, ScheduleStatus
from perilune.kernel.scope import Scope
from perilune.people import testing
from perilune.people.contracts import RIGHTS
from perilune.people.testing import Cast
from perilune.planning.contracts import Leave, Move
from perilune.planning.service import edit_add, edit_change, edit_remove, scenario_create
from perilune.site.navigation import DAY, day_of
from perilune.site.standing import STANDING, ensure_schedules
from perilune.site.web.schedules import finding_of, state_of
from perilune.store import service as store

pytestmark = [pytest.mark.django_db(databases=list(settings.DATABASES)), pytest.mark.once]

AsUser = Callable[[str], Client]


class By(TypedDict):
    """Who writes."""

    actor: str
    scope: Scope


def text_of(client: Client, url: str, language: str = "en") -> str:
    answer = client.get(url, headers={"Accept-Language": language})
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def test_an_address_without_a_page_is_answered_by_one_of_the_house(
    site_cast: Cast, client: Client, as_user: AsUser
) -> None:
    answer = as_user("analyst").get("/nowhere/", headers={"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert "Il n’y a pas de page à cette adresse" in answer.content.decode()
    bare = client.get("/nowhere/")
    assert bare.status_code == 404 and "data-room" not in bare.content.decode()


@pytest.mark.parametrize(
    ("role", "seen"), [("director", True), ("analyst", True), ("ops_rep", False), ("rep", False)]
)
def test_journal_and_schedules_have_a_way_in_for_those_who_may(
    site_cast: Cast, as_user: AsUser, role: str, seen: bool
) -> None:
    shown = text_of(as_user(role), "/settings/me/")
    assert ('class="tab" href="/journal/"' in shown) == seen, "among the settings"
    assert (shown.count('href="/journal/"') == 2) == seen, "in the person's menu"
    assert ('href="/schedules/"' in shown) == (role != "rep")


def test_a_schedule_that_never_ran_is_on_time_nowhere(site_cast: Cast, as_user: AsUser) -> None:
    store.refresh()
    ensure_schedules()
    for url in ("/schedules/", "/"):
        shown = text_of(as_user("analyst"), url)
        assert shown.count("Not run yet") == len(STANDING), url
        assert "on time" not in shown and "Everything ran" not in shown, url
    told = text_of(as_user("analyst"), "/schedules/")
    assert f"{len(STANDING)} schedules have never run." in told


def _schedule(**facts: Any) -> ScheduleStatus:
    ran = datetime(2026, 6, 1, 6, tzinfo=UTC)
    told: dict[str, Any] = {
        "id": 1, "name": "pack", "label": "Pack", "kind": "pack", "params": {}, "every": 1,
        "cadence": Cadence.DAILY, "at_hour": 6, "weekday": 0, "is_enabled": True,
        "last_run_at": ran, "last_state": "done", "next_run_at": ran, "is_late": False,
    }  # fmt: skip
    return ScheduleStatus(**{**told, **facts})


@pytest.mark.parametrize(
    ("facts", "state", "finding"),
    [
        ({}, "Done", "Everything ran when it should."),
        ({"is_late": True}, "Late", "1 schedule is late."),
        ({"last_state": "failed"}, "Failed", "1 failed the last time."),
        ({"last_run_at": None, "last_state": ""}, "Not run yet", "1 schedule has never run."),
        ({"is_enabled": False, "last_run_at": None}, "Off", ""),
    ],
)
def test_a_schedule_is_said_to_be_what_it_is(
    facts: dict[str, Any], state: str, finding: str
) -> None:
    schedule = _schedule(**facts)
    assert (state_of(schedule).label, finding_of([schedule])) == (state, finding)


def test_the_journal_names_records_stages_and_people(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    moved = opportunity_move(book.beta, book.proposal, actor="director")
    given = record_change(
        "account", book.north_account, {"owner_id": site_cast.organisation.sara}, actor="director"
    )
    client = as_user("director")
    listed = text_of(client, "/journal/")
    assert "Stage changed · beta" in listed.replace("Beta", "beta")
    assert "Owner changed · Ariane Nord" in listed
    shown = text_of(client, f"/journal/{moved.change_set_id}/")
    assert "Prospecting" in shown and "Proposal" in shown
    assert f'href="/records/opportunity/{book.beta}/"' in shown
    shown = text_of(client, f"/journal/{given.change_set_id}/")
    assert "Rita" in shown and "Sara" in shown


def test_the_journal_still_names_what_is_gone(book: Book, as_user: AsUser) -> None:
    done = record_delete("opportunity", book.beta, actor="director")
    shown = text_of(as_user("director"), f"/journal/{done.change_set_id}/")
    assert "beta" in shown.lower() and "(deleted)" in shown


def test_the_journal_says_what_a_scenario_assumes(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    store.refresh()
    who, by = site_cast.organisation, By(actor="director", scope=Scope.company())
    made = scenario_create("A wave", "2026-Q3", actor="director")
    day = date(2026, 9, 1)
    left = edit_add(made, Leave(who.rita, day), **by)
    moved = edit_add(made, Move(who.sara, day, accounts=(book.north_account,)), **by)
    edit_change(made, left, Leave(who.rita, date(2026, 9, 30)), **by)
    edit_change(made, moved, Move(who.rolf, day, accounts=(book.north_account,)), **by)
    edit_remove(made, left, actor="director")
    client = as_user("director")
    listed = text_of(client, "/journal/").replace("\xa0", " ")
    for line in (
        "Edit added: Rita leaves on Sep 1, 2026; open deals are spread over the team · A wave",
        "Edit added: Ariane Nord: to Sara on Sep 1, 2026 · A wave",
        "Edit changed: Last day: Sep 30, 2026 · A wave",
        "Edit changed: To the rep: Rolf · A wave",
        "Edit removed: Rita leaves on Sep 30, 2026; open deals are spread over the team · A wave",
    ):
        assert line in listed, line
    shown = text_of(client, f"/journal/{recent_sets(5)[-1].id}/", "fr")
    assert "Départ" in shown and "leave" not in re.sub(r"<[^>]+>", "", shown)
    assert "Rita" in shown and "Position" not in shown


def test_the_journal_speaks_the_readers_language(book: Book, as_user: AsUser) -> None:
    record_delete("opportunity", book.beta, actor="director")
    shown = text_of(as_user("director"), "/journal/", "fr")
    assert "Supprimé" in shown and "Deleted" not in shown


@pytest.mark.parametrize(
    ("role", "text", "url"),
    [
        ("director", "couverture", "/explain/coverage/"),
        ("director", "mesures", "/measures/"),
        ("director", "journal", "/journal/"),
        ("director", "planif", "/schedules/"),
        ("director", "fiab", "/forecast/track-record/"),
        ("director", "importer", "/data/"),
        ("viewer", "couverture", "/explain/coverage/"),
        ("viewer", "prevision", "/forecast/"),
    ],
)
def test_the_search_finds_pages_measures_and_verbs(
    book: Book, as_user: AsUser, role: str, text: str, url: str
) -> None:
    shown = text_of(as_user(role), f"/search/?q={text}&format=json", "fr")
    assert f'"url": "{url}"' in shown


@pytest.mark.parametrize(("role", "text"), [("rep", "journal"), ("viewer", "affaires"),
                                            ("rep", "planif"), ("viewer", "importer")])  # fmt: skip
def test_the_search_offers_no_page_that_would_refuse(
    book: Book, as_user: AsUser, role: str, text: str
) -> None:
    client = as_user(role)
    found = client.get(f"/search/?q={text}&format=json", headers={"Accept-Language": "fr"}).json()
    for group in found["groups"]:
        for entry in group["entries"]:
            assert client.get(entry["url"]).status_code < 400, entry


def test_every_entry_of_the_search_opens_for_whom_it_is_offered(
    book: Book, as_user: AsUser
) -> None:
    from django.urls import reverse

    from perilune.site.navigation import entries

    client = as_user("director")
    for entry in entries():
        answer = client.get(reverse(entry.route, args=entry.args))
        assert answer.status_code < 400, entry
        assert "No data before" not in getattr(answer, "text", ""), entry


def test_a_found_deal_carries_stage_amount_and_date(book: Book, as_user: AsUser) -> None:
    found = as_user("director").get("/search/?q=beta&format=json").json()
    entry = found["groups"][0]["entries"][0]
    assert "Prospecting" in entry["detail"] and "€2,500" in entry["detail"]
    assert "Feb" in entry["detail"] and "2027" in entry["detail"], entry


@pytest.mark.parametrize("url", ["/cockpit/", "/", "/pipeline/", "/measures/", "/pack/"])
def test_before_the_data_begin_nothing_is_said_to_be_calm(
    book: Book, as_user: AsUser, url: str
) -> None:
    shown = text_of(as_user("director"), f"{url}?as_of=2025-01-01")
    assert "No data before Jan" in shown and "not zero" in shown
    assert 'class="kpi' not in shown and "data-table" not in shown


def test_once_the_data_begin_pages_say_so_no_more(book: Book, as_user: AsUser) -> None:
    assert "No data before" not in text_of(as_user("director"), "/cockpit/?as_of=2026-02-01")


def test_pages_that_are_not_of_a_day_open_before_the_data_begin(
    book: Book, as_user: AsUser
) -> None:
    client = as_user("director")
    client.get("/cockpit/?as_of=2025-01-01")  # kept for the session
    assert "data-table" in text_of(client, "/journal/")


def test_a_day_to_come_says_that_the_page_stands_at_today(book: Book, as_user: AsUser) -> None:
    client = as_user("director")
    shown = text_of(client, "/cockpit/?as_of=2030-01-01")
    assert "Nothing is known of" in shown and "2030" in shown and "stands at today" in shown
    assert "Nothing is known of" not in text_of(client, "/cockpit/")


def test_the_owner_of_a_home_has_every_room_whatever_the_role(
    site_cast: Cast, client: Client
) -> None:
    viewer = site_cast.viewer
    testing.login(client, viewer.username)
    before = {item.name for item in client.get("/cockpit/").context["navigation"]}
    assert not {"data", "pipeline"} & before
    viewer.is_owner = True
    viewer.save(update_fields=["is_owner"])
    rooms = [item.name for item in client.get("/cockpit/").context["navigation"]]
    assert {"data", "pipeline", "records", "plan"} <= set(rooms)
    assert rooms[-1] == "settings"


def test_a_role_has_every_room_that_its_rights_open() -> None:
    for role, day in DAY.items():
        assert day_of(role, RIGHTS[role]) == day


def test_a_page_of_the_past_that_cannot_change_anything_leads_back_to_today(
    book: Book, as_user: AsUser
) -> None:
    client = as_user("director")
    client.get("/cockpit/?as_of=2026-01-31")
    refused = client.get("/records/opportunity/new/?account_id=3")
    assert refused.status_code == 409
    assert refused.context["title"] == "Nothing can be changed in the past"
    back, _start = refused.context["report"].actions
    assert (back.label, back.url) == (
        "Back to today",
        "/records/opportunity/new/?account_id=3&as_of=",
    )
    assert client.get(back.url).status_code == 200


def test_what_a_page_of_the_past_posts_leads_back_to_that_page(book: Book, as_user: AsUser) -> None:
    client = as_user("director")
    client.get("/cockpit/?as_of=2026-01-31")
    seen = "https://elsewhere.example//pipeline/board/?team=3&as_of=2026-01-31"
    refused = client.post(
        f"/records/opportunity/{book.beta}/delete/", headers={"HX-Current-URL": seen}
    )
    assert refused.status_code == 409
    assert refused.context["report"].actions[0].url == "/pipeline/board/?team=3&as_of="
