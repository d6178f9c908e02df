"""The pages of the house: schedules and the journal are found, and say what is true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from perilune.crm.service import opportunity_move, record_change, record_delete
from perilune.crm.testing import Book
from perilune.jobs.models import Schedule
from perilune.people.testing import Cast
from perilune.site.standing import ensure_schedules
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

AsUser = Callable[[str], Client]


def text_of(client: Client, url: str, language: str = "en") -> str:
    answer = client.get(url, headers={"Accept-Language": language})
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


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
        assert shown.count("Not run yet") == 6, url
        assert "on time" not in shown and "Everything ran" not in shown, url
    assert "6 schedules have never run." in text_of(as_user("analyst"), "/schedules/")


def test_page_and_home_tell_one_truth_about_late_and_failed_schedules(
    site_cast: Cast, as_user: AsUser
) -> None:
    store.refresh()
    ensure_schedules()
    ran = datetime.now(UTC)
    Schedule.objects.update(last_run_at=ran, next_run_at=ran + timedelta(days=1))
    assert "Everything ran when it should." in text_of(as_user("analyst"), "/schedules/")
    Schedule.objects.filter(name="pack").update(next_run_at=ran - timedelta(hours=1))
    assert "1 schedule is late." in text_of(as_user("analyst"), "/schedules/")
    assert text_of(as_user("analyst"), "/").count("Late") == 1


def test_the_journal_names_records_stages_and_people(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    moved = opportunity_move(book.beta, book.proposal, actor="director")
    given = record_change(
        "account", book.north_account, {"owner_id": site_cast.organisation.sara}, actor="director"
    )
    client = as_user("director")
    listed = text_of(client, "/journal/")
    assert "beta · Stage changed" in listed.replace("Beta", "beta")
    assert "Ariane Nord · Owner changed" in listed
    shown = text_of(client, f"/journal/{moved.change_set_id}/")
    assert "Prospecting" in shown and "Proposal" in shown
    assert f'href="/records/opportunity/{book.beta}/"' in shown
    shown = text_of(client, f"/journal/{given.change_set_id}/")
    assert "Rita" in shown and "Sara" in shown


def test_the_journal_still_names_what_is_gone(book: Book, as_user: AsUser) -> None:
    done = record_delete("opportunity", book.beta, actor="director")
    shown = text_of(as_user("director"), f"/journal/{done.change_set_id}/")
    assert "beta" in shown.lower() and "(deleted)" in shown


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


def test_a_found_deal_carries_stage_amount_and_date(book: Book, as_user: AsUser) -> None:
    found = as_user("director").get("/search/?q=beta&format=json").json()
    entry = found["groups"][0]["entries"][0]
    assert "Prospecting" in entry["detail"] and "€2,500" in entry["detail"]
    assert "Feb" in entry["detail"] and "2027" in entry["detail"], entry
