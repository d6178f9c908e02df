"""The bridge's pages, files and verb: one finding, its deals, for each role what it may see."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from typer.testing import CliRunner

from perilune.crm import testing
from perilune.forecasting.cli import app
from perilune.history.service import change_set
from perilune.kernel.keeping import forget_all
from perilune.people.queries import user_named
from perilune.people.testing import cast
from perilune.store import service as store

# sessions live beside the queue
pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

URL = "/forecast/all/bridge/"
WEEK = "?from=2026-06-20&to=2026-06-30"


@pytest.fixture
def book(db: None) -> testing.Book:
    """Alpha (Rita, 1,000) grew by 200 on 25 June; Gamma (Sara, 4,000) went to Rita."""
    people = cast()
    made = testing.make_book(people)
    with change_set(actor="t", known_at=datetime(2026, 6, 25, 9, tzinfo=UTC)) as w:
        w.change("opportunity", made.alpha, {"amount": 120_000})
        w.change("opportunity", made.gamma, {"owner_id": people.organisation.rita})
    store.refresh()
    forget_all()
    return made


def client_of(name: str) -> Client:
    client = Client()
    user = user_named(name)
    assert user is not None
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    # dates and amounts keep together by spaces that do not break
    return " ".join(str(answer.content.decode()).split())


def test_the_page_states_the_finding_and_every_reason_leads_to_its_deals(
    book: testing.Book,
) -> None:
    client = client_of("analyst")
    page = text(client.get(URL + WEEK + "&level=team"))
    assert "€7.5K on Jun 20, 2026 became €7.7K on Jun 30, 2026" in page
    assert "Increased" in page and "Owner in" in page
    assert "component=owner_in" in page and "unit=team" in page
    deals = text(client.get(f"{URL}deals/{WEEK}&component=increased&unit=total"))
    assert "Alpha" in deals and "€1,000 → €1,200" in deals
    assert "Gamma" not in deals


def test_without_dates_it_is_the_last_week_up_to_the_pages_as_of(book: testing.Book) -> None:
    client = client_of("analyst")
    assert "Jun 23, 2026" in text(client.get(URL))
    earlier = text(client.get(URL + "?as_of=2026-06-24&to=2026-06-30"))
    assert "Jun 17, 2026" in earlier and "Increased" not in earlier


def test_a_rep_sees_what_came_and_whom_it_is_about(book: testing.Book) -> None:
    page = text(client_of("rep").get(URL + WEEK))
    assert "My deals" in page
    assert "Owner in" in page


def test_a_viewer_sees_totals_and_is_told_why_there_are_no_deals(book: testing.Book) -> None:
    client = client_of("viewer")
    page = client.get(URL + WEEK)
    assert page.status_code == 200
    assert "bridge/deals/" not in text(page)
    refused = client.get(f"{URL}deals/{WEEK}&component=increased")
    assert refused.status_code == 403
    assert "Your role sees totals" in text(refused)
    assert client.get(URL + WEEK + "&level=rep").status_code == 403


def test_the_page_speaks_french(book: testing.Book) -> None:
    client = client_of("analyst")
    client.cookies["django_language"] = "fr"
    with translation.override("fr"):
        page = text(client.get(URL + WEEK, HTTP_ACCEPT_LANGUAGE="fr"))
    assert "Variation du pipeline" in page
    assert "Augmentées" in page


def test_the_files_hold_what_the_page_shows(book: testing.Book) -> None:
    client = client_of("analyst")
    answer = client.get(f"{URL}export.csv{WEEK}&level=team")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = [row for row in csv.reader(io.StringIO(content)) if len(row) == 4]
    south = {row[1]: Decimal(row[3]) for row in rows if row[0] == "South"}
    assert south == {"Opening": 4000, "Owner out": -4000, "Closing": 0}
    for form in ("csv", "xlsx"):
        deals = client.get(
            f"{URL}deals/export.{form}{WEEK}&level=team&component=owner_in&unit=team:3"
        )
        assert deals.status_code == 200


def test_nonsense_is_told_and_not_guessed(book: testing.Book) -> None:
    client = client_of("analyst")
    assert client.get(URL + "?from=2026-07-30&to=2026-06-30").status_code == 400
    assert client.get(URL + "?level=planet").status_code == 400
    assert client.get(f"{URL}deals/?component=magic").status_code == 404
    assert client.get(f"{URL}deals/{WEEK}&unit=team:999").status_code == 400


def test_the_verb_prints_the_same_figures(book: testing.Book) -> None:
    days = ["--from", "2026-06-20", "--to", "2026-06-30", "--period", "all"]
    asked = ["bridge", *days, "--by", "team", "--deals", "increased", "--json"]
    found = CliRunner().invoke(app, asked)
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    total, *below = document["rows"]
    assert (total["opening"]["value"], total["closing"]["value"]) == ("7500.00", "7700.00")
    assert total["components"] == {"increased": {"value": "200.00", "deals": 1}}
    assert {row["unit"]: row["closing"]["value"] for row in below} == {
        "North": "7700.00",
        "South": "0.00",
    }
    assert document["deals"][0]["before"]["amount"] == "1000.00"
    told = CliRunner().invoke(app, ["bridge", *days])
    assert told.exit_code == 0
    assert "Increased" in told.stdout


def test_the_range_is_still_what_the_verb_prints_by_itself(book: testing.Book) -> None:
    found = CliRunner().invoke(app, ["--as-of", str(date(2026, 6, 30)), "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["schema"] == 1
