"""Every page of people, asked as every role; the homes; settings; both languages."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from perilune.history.queries import state_as_of
from perilune.people import service, testing
from perilune.people.contracts import Right, Role
from perilune.people.queries import company, person_named, rights_of
from perilune.people.web import urls as own_urls

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES: dict[str, Right | None] = {
    "company": Right.MANAGE_SETTINGS,
    "rates": Right.MANAGE_SETTINGS,
    "users": Right.MANAGE_PEOPLE,
    "user": Right.MANAGE_PEOPLE,
    "reps": Right.MANAGE_PEOPLE,
    "rep_new": Right.MANAGE_PEOPLE,
    "rep": Right.MANAGE_PEOPLE,
    "teams": Right.MANAGE_PEOPLE,
    "quotas": Right.MANAGE_QUOTAS,
    "me": None,
    "home": None,
    "settings": None,
}
HOMES = {
    Role.OPS_DIRECTOR: ("Duties and risks", "Obligations et risques"),
    Role.OPS_MANAGER: ("The team&#x27;s load", "La charge de l’équipe"),
    Role.ANALYST: ("Data health", "Santé des données"),
    Role.OPS_REP: ("Today&#x27;s list", "La liste du jour"),
}


def address(name: str, cast: testing.Cast) -> str:
    arguments: dict[str, list[str | int]] = {"user": ["viewer"], "rep": [cast.organisation.rita]}
    return reverse(f"people:{name}", args=arguments.get(name, []))


def test_the_table_of_pages_is_complete() -> None:
    assert set(PAGES) == {pattern.name for pattern in own_urls.urlpatterns}
    assert isinstance(get_resolver(), URLResolver)


@pytest.mark.parametrize("role", list(Role))
def test_every_page_answers_each_role_as_its_rights_say(
    client: Client, people_cast: testing.Cast, role: Role
) -> None:
    user = people_cast.by_role()[role]
    testing.login(client, user.username)
    for name, right in PAGES.items():
        answer = client.get(address(name, people_cast))
        allowed = right is None or right in rights_of(user)
        expected = {200, 302} if allowed else {403}
        assert answer.status_code in expected, f"{role} {name} {answer.status_code}"
        if not allowed:
            posted = client.post(address(name, people_cast), {"name": "x"})
            assert posted.status_code == 403


def test_a_page_without_signing_in_leads_to_the_sign_in(
    client: Client, people_cast: testing.Cast
) -> None:
    for name in PAGES:
        url = address(name, people_cast)
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"] == f"/accounts/login/?next={url}"


def test_a_refusal_says_what_and_whom_to_ask(client: Client, people_cast: testing.Cast) -> None:
    testing.login(client, "rep")
    page = client.get(reverse("people:users")).content.decode()
    assert "You may not manage users, reps and teams. Ask director" in page
    french = client.get(reverse("people:users"), headers={"Accept-Language": "fr"})
    assert "Vous ne pouvez pas gérer" in french.content.decode()


@pytest.mark.parametrize("role", list(HOMES))
def test_each_sales_ops_role_opens_on_its_own_home(
    client: Client, people_cast: testing.Cast, role: Role
) -> None:
    testing.login(client, people_cast.by_role()[role].username)
    english, french = HOMES[role]
    assert english in client.get("/").content.decode()
    page = client.get("/", headers={"Accept-Language": "fr"}).content.decode()
    assert f"<h1>{french}" in page.replace("<h1>\n", "<h1>")


@pytest.mark.parametrize("role", [Role.SALES_LEADER, Role.SALES_MANAGER, Role.REP, Role.VIEWER])
def test_the_sales_force_opens_on_the_cockpit(
    client: Client, people_cast: testing.Cast, role: Role
) -> None:
    testing.login(client, people_cast.by_role()[role].username)
    assert client.get("/")["Location"] == "/cockpit/"


# -- as of ---------------------------------------------------------------------------------------


def test_the_as_of_is_kept_until_it_is_cleared(client: Client, people_cast: testing.Cast) -> None:
    testing.login(client, "director")
    first = client.get("/?as_of=2021-03-31")
    assert first.context["as_of"].day == date(2021, 3, 31)
    assert client.get("/").context["as_of"].day == date(2021, 3, 31)
    assert client.get("/?as_of=now").context["as_of"] == company().today
    client.get("/?as_of=2021-03-31")
    assert client.get("/?as_of=").context["as_of"] == company().today


def test_an_as_of_that_lies_ahead_is_today(client: Client, people_cast: testing.Cast) -> None:
    testing.login(client, "director")
    assert client.get("/?as_of=2999-01-01").context["as_of"] == company().today


def test_an_as_of_that_is_no_date_is_a_problem_page(
    client: Client, people_cast: testing.Cast
) -> None:
    testing.login(client, "director")
    answer = client.get("/?as_of=yesterday")
    assert answer.status_code == 400
    assert "is not a date such as 2026-12-31" in answer.content.decode()
    assert client.get("/").status_code == 200


def test_an_archive_opens_on_the_day_of_its_last_import(
    client: Client, people_cast: testing.Cast
) -> None:
    service.note_import(date(2022, 12, 31))
    testing.login(client, "director")
    assert client.get("/").context["as_of"].day == date(2022, 12, 31)
    service.note_import(None)
    assert client.get("/").context["as_of"].day > date(2022, 12, 31)


# -- settings ------------------------------------------------------------------------------------


def test_company_settings_are_saved_and_wrong_ones_say_where(
    client: Client, people_cast: testing.Cast
) -> None:
    testing.login(client, "director")
    good = {
        "name": "Acme SA",
        "currency": "EUR",
        "timezone": "Europe/Paris",
        "country": "FR",
        "language": "fr",
        "fiscal_start_month": "4",
        "fiscal_pattern": "months",
        "week_start": "0",
    }
    url = reverse("people:company")
    assert client.post(url, good).status_code == 302
    assert (company().name, company().calendar.start_month) == ("Acme SA", 4)
    wrong = client.post(url, {**good, "timezone": "Mars/Olympus", "name": "Other"})
    assert wrong.status_code == 422
    assert "is not a time zone such as" in wrong.content.decode()
    assert company().name == "Acme SA"


def test_a_user_is_added_changed_closed_and_reopened(
    client: Client, people_cast: testing.Cast
) -> None:
    testing.login(client, "director")
    values = {"username": "zoe", "role": "rep", "password": "tide-and-moon-7", "email": "z@acme.fr"}
    values["rep_id"] = str(people_cast.organisation.rolf)
    assert client.post(reverse("people:users"), values).status_code == 302
    again = client.post(reverse("people:users"), values)
    assert again.status_code == 422
    assert "There is a user named zoe already." in again.content.decode()
    url = reverse("people:user", args=["zoe"])
    client.post(url, {"form": "role", "role": "analyst", "rep_id": ""})
    zoe = person_named("zoe")
    assert zoe is not None
    assert (zoe.role, zoe.rep_id) == (Role.ANALYST, None)
    weak = client.post(url, {"form": "password", "password": "12345"})
    assert weak.status_code == 422
    client.post(url, {"form": "access", "open": ""})
    assert not Client().login(username="zoe", password="tide-and-moon-7")
    client.post(url, {"form": "access", "open": "1"})
    assert Client().login(username="zoe", password="tide-and-moon-7")


def test_the_last_owner_keeps_access(client: Client, people_cast: testing.Cast) -> None:
    testing.login(client, "director")
    answer = client.post(reverse("people:user", args=["director"]), {"form": "access", "open": ""})
    assert answer.status_code == 409
    assert Client().login(username="director", password=testing.PASSWORD)


def test_a_rep_is_hired_moved_and_leaves_through_pages(
    client: Client, people_cast: testing.Cast
) -> None:
    who = people_cast.organisation
    testing.login(client, "director")
    hired = {
        "name": "Tom",
        "hire_date": "2024-01-08",
        "team_id": str(who.north),
        "role": "seller",
        "fte": "0.8",
    }
    assert "product_family" not in client.get(reverse("people:rep_new")).content.decode()
    service.rep_move(
        people_cast.organisation.sara, actor="t", on=date(2024, 1, 1),
        team_id=people_cast.organisation.south, product_family="Cloud",
    )  # fmt: skip
    hired["product_family"] = "Boats"
    assert client.post(reverse("people:rep_new"), hired).status_code == 422, "none of record"
    hired["product_family"] = "Cloud"
    assert client.post(reverse("people:rep_new"), hired).status_code == 302
    page = client.get(reverse("people:reps")).content.decode()
    assert "Tom" in page
    url = reverse("people:rep", args=[who.rita])
    moved = {"form": "move", "on": "2024-07-01", "team_id": str(who.south), "role": "seller"}
    assert client.post(url, {**moved, "fte": "1"}).status_code == 302
    assert client.post(url, {"form": "leave", "last_day": "2024-12-31"}).status_code == 302
    state = state_as_of("rep", who.rita)
    assert state is not None
    assert state["leave_date"] == date(2024, 12, 31)
    early = client.post(url, {"form": "leave", "last_day": "2019-01-01"})
    assert early.status_code == 422
    assert client.post(url, {"form": "stay"}).status_code == 302
    state = state_as_of("rep", who.rita)
    assert state is not None
    assert state["leave_date"] is None


def test_a_quota_is_set_by_page_and_shown_with_its_level(
    client: Client, people_cast: testing.Cast
) -> None:
    testing.login(client, "analyst")
    values = {"unit": "company", "period": "2026-Q1", "amount": "1000000", "level": "board"}
    assert client.post(reverse("people:quotas"), values).status_code == 302
    page = client.get(reverse("people:quotas")).content.decode()
    assert "Board plan" in page
    wrong = client.post(reverse("people:quotas"), {**values, "period": "soon"})
    assert wrong.status_code == 422
    assert "is not a period such as" in wrong.content.decode()


def test_a_rate_and_a_team_are_added_by_page(client: Client, people_cast: testing.Cast) -> None:
    testing.login(client, "director")
    rate = {"rate_set": "budget", "currency": "usd", "starts": "2026-01-01", "value": "0.9"}
    assert client.post(reverse("people:rates"), rate).status_code == 302
    assert "USD" in client.get(reverse("people:rates")).content.decode()
    own = client.post(reverse("people:rates"), {**rate, "currency": "EUR"})
    assert own.status_code == 422
    team = {"name": "East", "parent_id": str(people_cast.organisation.north_region)}
    assert client.post(reverse("people:teams"), {**team, "level": "team"}).status_code == 302
    assert "East" in client.get(reverse("people:teams")).content.decode()


# -- languages -----------------------------------------------------------------------------------


def test_the_language_switch_is_remembered_with_the_user(
    client: Client, people_cast: testing.Cast
) -> None:
    testing.login(client, "director")
    client.post(reverse("set_language"), {"language": "fr", "next": "/"})
    elsewhere = Client()
    testing.login(elsewhere, "director")
    assert "Obligations et risques" in elsewhere.get("/").content.decode()


def test_every_page_speaks_french_without_english_left_over(
    client: Client, people_cast: testing.Cast
) -> None:
    service.user_set_language(people_cast.director.pk, "fr")
    testing.login(client, "director")
    for name in PAGES:
        page = client.get(address(name, people_cast), follow=True).content.decode()
        assert '<html lang="fr">' in page
        for english in ("Save", "Add a", "Hire", "Settings saved", "Manager", "Team "):
            assert f">{english}" not in page, f"{name}: {english}"
