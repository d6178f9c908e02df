"""Access tokens on one's own page: shown once, listed without their text, revoked for good."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from perilune.kernel.errors import Invalid, NotFound
from perilune.people import testing
from perilune.people.queries import tokens_of, user_of_token
from perilune.people.service import token_create, token_revoke
from perilune.people.testing import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ME = "/settings/me/"


@pytest.fixture
def cast() -> Cast:
    return testing.cast()


def signed_in(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.rep, "django.contrib.auth.backends.ModelBackend")
    return client


def test_a_token_is_made_shown_once_and_revoked(cast: Cast) -> None:
    client = signed_in(cast)
    made = client.post(ME, {"form": "token", "name": "Weekly <b>report</b>"})
    [text] = re.findall(r'value="(plt_[\w-]{43})"', made.content.decode())
    assert made["Cache-Control"] == "no-store"
    found = user_of_token(text, NOW.date())
    assert found is not None and found.username == cast.rep.username
    page = client.get(ME).content.decode()
    assert text not in page and "Weekly &lt;b&gt;report" in page and "last used on" in page
    [token] = tokens_of(cast.rep.username)
    assert client.post(ME, {"form": "revoke", "token": token.id}).status_code == 302
    assert user_of_token(text, NOW.date()) is None
    assert "Weekly" not in client.get(ME).content.decode()


def test_a_token_needs_a_name_and_the_language_form_is_another_one(cast: Cast) -> None:
    client = signed_in(cast)
    assert client.post(ME, {"form": "token", "name": " "}).status_code == 422
    assert not tokens_of(cast.rep.username)
    assert client.post(ME, {"form": "language", "language": "fr"}).status_code == 302
    cast.rep.refresh_from_db()
    assert cast.rep.language == "fr"
    assert "Accès pour les programmes" in client.get(ME).content.decode()


def test_nobody_revokes_the_token_of_somebody_else(cast: Cast) -> None:
    text = token_create(cast.director.username, "mine", NOW)
    [token] = tokens_of(cast.director.username)
    with pytest.raises(NotFound):
        token_revoke(cast.rep.username, token.id, NOW)
    assert signed_in(cast).post(ME, {"form": "revoke", "token": token.id}).status_code == 404
    assert user_of_token(text, NOW.date()) is not None


def test_tokens_in_force_are_counted_and_the_oldest_make_room_by_hand(cast: Cast) -> None:
    for number in range(20):
        token_create(cast.rep.username, f"n{number}", NOW)
    with pytest.raises(Invalid):
        token_create(cast.rep.username, "one more", NOW)
    token_revoke(cast.rep.username, tokens_of(cast.rep.username)[0].id, NOW)
    token_create(cast.rep.username, "one more", NOW)
