"""Signing in and out, changing the password, and no way to sign up."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from perilune.people import testing

pytestmark = pytest.mark.django_db(databases="__all__")
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def no_memory_of_other_attempts() -> None:
    cache.clear()


def test_a_user_signs_in_and_out(client: Client, people_cast: testing.Cast) -> None:
    answer = client.post(LOGIN, {"login": "director", "password": testing.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get("/").status_code == 302


def test_an_address_signs_in_too(client: Client, people_cast: testing.Cast) -> None:
    testing.make_user("analyst", "eve", email="eve@acme.example")
    answer = client.post(LOGIN, {"login": "eve@acme.example", "password": testing.PASSWORD})
    assert answer.status_code == 302


def test_a_wrong_password_is_told_without_saying_which_was_wrong(
    client: Client, people_cast: testing.Cast
) -> None:
    known = client.post(LOGIN, {"login": "director", "password": "no"})
    unknown = client.post(LOGIN, {"login": "nobody", "password": "no"})
    for answer in (known, unknown):
        assert answer.status_code == 200
        assert "The user name or the password is not right." in answer.content.decode()
    assert client.get("/").status_code == 302


def test_the_password_is_changed_by_its_owner(client: Client, people_cast: testing.Cast) -> None:
    testing.login(client, "rep")
    url = reverse("account_change_password")
    assert client.get(url).status_code == 200
    wrong = {"oldpassword": "no", "password1": "lunar-tide-9", "password2": "lunar-tide-9"}
    assert client.post(url, wrong).status_code == 200
    good = {**wrong, "oldpassword": testing.PASSWORD}
    assert client.post(url, good).status_code == 302
    assert not Client().login(username="rep", password=testing.PASSWORD)
    assert Client().login(username="rep", password="lunar-tide-9")


def test_closed_access_cannot_sign_in(client: Client, people_cast: testing.Cast) -> None:
    people_cast.rep.is_active = False
    people_cast.rep.save()
    client.post(LOGIN, {"login": "rep", "password": testing.PASSWORD})
    assert client.get("/").status_code == 302


def test_nobody_signs_up(client: Client, people_cast: testing.Cast) -> None:
    url = reverse("account_signup")
    assert "Users are added by whoever manages people" in client.get(url).content.decode()
    values = {"username": "eve", "password1": "lunar-tide-9", "password2": "lunar-tide-9"}
    client.post(url, values)
    assert not Client().login(username="eve", password="lunar-tide-9")


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_signup"])
def test_the_doors_speak_french(client: Client, people_cast: testing.Cast, name: str) -> None:
    page = client.get(reverse(name), headers={"Accept-Language": "fr"}).content.decode()
    assert '<html lang="fr">' in page
    assert "Sign in" not in page
