"""The pages: finding, naive kept in the table, as-of, roles, record, recompute, export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from perilune.forecasting.contracts import METHOD
from perilune.forecasting.models import ForecastRun
from perilune.forecasting.queries import kept_inputs
from perilune.forecasting.testing import maven_company, maven_sales, maven_store
from perilune.forecasting.tests.test_queries import SUBMITTED
from perilune.forecasting.web import words
from perilune.forecasting.web.panels import panels
from perilune.history import service as history
from perilune.history.contracts import Batch, Creation, to_us
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, user_named
from perilune.people.service import user_add, user_set_language

# sessions live beside the queue
pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

Q4 = "/forecast/2017-Q4/"


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    # the shapes of the declared tables ask for custom fields; nothing is written
    with django_db_blocker.unblock(), maven_store(submission=SUBMITTED):
        yield


@pytest.fixture(autouse=True)
def home() -> None:
    maven_company()


def known_rep(rep_id: int) -> None:
    """Let the records know the rep of that number, whom the store holds."""
    at = datetime(2016, 1, 1, tzinfo=UTC)
    opened = history.bulk_open(source="test", actor="test", purpose="import", title="", known_at=at)
    history.bulk_append(opened, Batch("rep", [Creation(rep_id, to_us(at), {"name": "Anna"})]))
    history.bulk_complete(opened)


def signed_in(role: Role = Role.ANALYST, rep_id: int | None = None) -> Client:
    if rep_id is not None:
        known_rep(rep_id)
    user_add(role.value, role, rep_id=rep_id)
    client = Client()
    user = user_named(role.value)
    assert user is not None
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_states_the_finding_and_says_that_the_history_is_thin() -> None:
    text = signed_in().get(Q4 + "?as_of=2017-10-01").content.decode()
    assert "2017-Q4 is likely to land between $2.7M and $3.3M" in text
    assert "thin history" in text
    assert "5 past origins" in text
    assert "The season of the year is unknown" in text


def test_the_naive_forecast_stays_in_the_table_and_a_loss_against_it_is_said() -> None:
    text = signed_in().get("/forecast/2017-12/?as_of=2017-12-01").content.decode()
    assert "Same window one quarter back (naive)" in text
    assert "The window that has just ended (naive)" in text
    assert "the naive forecast would have done better" in text
    assert "Percentiles of rows do not sum" in text


def test_a_finished_period_is_told_as_such() -> None:
    text = signed_in().get("/forecast/2017-Q3/").content.decode()
    assert "2017-Q3 is over: $3M was won" in text or "2017-Q3 is over: $3.0M was won" in text


def test_a_period_before_the_data_is_unknown() -> None:
    assert "the data begins later" in signed_in().get("/forecast/2016-Q4/").content.decode()


def test_the_index_opens_the_quarter_under_way() -> None:
    assert "Forecast 2017-Q4" in signed_in().get("/forecast/").content.decode()


def test_an_unknown_period_or_cut_is_a_clear_problem() -> None:
    client = signed_in()
    assert client.get("/forecast/nonsense/").status_code == 400
    assert client.get(Q4 + "?by=planet").status_code == 400


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_an_answer_and_nobody_without_login(role: Role) -> None:
    client = signed_in(role, 101 if role in (Role.REP, Role.SALES_MANAGER) else None)
    for name in ("", "why/"):
        assert client.get(Q4 + name + "?as_of=2017-11-15").status_code == 200
    assert Client().get(Q4).status_code == 302


def test_a_rep_sees_their_own_deals_and_reads_that_they_are() -> None:
    text = signed_in(Role.REP, 101).get(Q4 + "?as_of=2017-11-15&by=rep").content.decode()
    assert "My deals" in text


def test_a_viewer_is_refused_single_reps() -> None:
    assert signed_in(Role.VIEWER).get(Q4 + "?by=rep").status_code == 403


def test_recording_needs_the_right_and_keeps_one_run() -> None:
    assert signed_in(Role.REP, 101).post(Q4 + "record/").status_code == 403
    client = signed_in()
    client.get(Q4 + "?as_of=2017-11-15")
    assert client.get(Q4 + "record/").status_code == 405
    assert client.post(Q4 + "record/", {"by": "region"}).status_code == 302
    run = ForecastRun.objects.get()
    assert (run.period, run.by, run.actor, run.as_of_day) == (
        "2017-Q4", "region", "analyst", date(2017, 11, 15),
    )  # fmt: skip
    assert reverse("forecasting:run", args=[run.id]) in client.get(Q4).content.decode()
    page = client.get(f"/forecast/runs/{run.id}/?recompute=1").content.decode()
    assert "Recomputed: the same digits." in page
    mix = run.parameters["mix"]
    assert sum(mix.values()) == pytest.approx(1)
    heaviest = words.member(max(mix, key=lambda name: mix[name]))
    assert f"<dt>{heaviest}</dt>" in page, "what the combination was made of"
    run.parameters["mix"] = {name: 0.5 * share for name, share in mix.items()}
    run.save()
    changed = client.get(f"/forecast/runs/{run.id}/?recompute=1").content.decode()
    assert "does not recompute to the same digits" in changed


def test_the_drawer_shows_contributions_that_sum_and_the_sql() -> None:
    text = signed_in().get(Q4 + "why/?as_of=2017-11-15").content.decode()
    assert "Won to date" in text and "Still to come" in text  # no model is on record
    assert "Share in the combination: " in text
    assert "valid_from" in text
    assert METHOD in text


def exported(form: str) -> bytes:
    found: Any = signed_in().get(Q4 + f"export.{form}?by=region&as_of=2017-11-15")
    return b"".join(found.streaming_content)


def test_the_export_is_what_is_shown_and_names_scope_and_as_of() -> None:
    rows = list(csv.reader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:5]] == ["Company", "Central", "East", "West"]
    won, share = ([float(row[at]) for row in rows[1:5]] for at in (1, 9))
    assert sum(won[1:]) == pytest.approx(won[0])
    assert sum(share[1:]) == pytest.approx(share[0]) == 1
    assert {"# Scope: Company", "# As of: 2017-11-15"} <= {row[0] for row in rows[5:] if row}


def test_the_excel_file_holds_the_same_rows() -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(exported("xlsx")))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["Company", "Central", "East", "West"]


def test_why_names_the_largest_deals_and_stops_for_who_sees_totals_only() -> None:
    address = Q4 + "why/?as_of=2017-11-15"
    text = signed_in().get(address).content.decode()
    largest = maven_sales()
    inside = (largest.close_date >= "2017-10-01") & (largest.close_date <= "2017-11-15")
    assert f"is won to date in {inside.sum()} deals (largest: " in text
    assert "open deals play no part in it yet" in text
    assert reverse("crm:record", args=["opportunity", 1])[:-2] in text
    withheld = signed_in(Role.VIEWER).get(address).content.decode()
    assert "single deals are not shown" in withheld
    assert "(largest:" not in withheld


def test_on_the_last_day_of_a_quarter_the_next_one_is_the_first_tab() -> None:
    text = signed_in().get("/forecast/?as_of=2017-12-31").content.decode()
    tabs = text[text.index('class="tabs"') :]
    assert tabs.index("2018-Q1") < tabs.index("2017-Q4")


def test_the_cockpits_panel_uses_what_the_page_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in().get(Q4 + "?as_of=2017-11-15")
    monkeypatch.setattr(kept_inputs, "read", None)  # asking the store again would fail
    as_of = AsOf.end_of(date(2017, 11, 15), ZoneInfo("UTC"))
    asked = SimpleNamespace(as_of=as_of, scope=Scope.company(), company=company())
    here = {each.place: each for each in panels()}
    quarter = company().calendar.parse("2017-Q4")
    box = here["cockpit"].render(asked, {"period": quarter, "later": lambda name: f"/later/{name}"})
    assert f'href="{Q4}"' in box
    assert 'hx-get="/later/forecasting.range"' in box, "the range comes after the page"
    text = here["cockpit.later"].render(asked, {"period": quarter, "target": 300_000_000})
    assert "$3M" in text or "$3.0M" in text
    assert "of outcomes inside" in text


def test_a_call_that_is_no_amount_is_refused() -> None:
    assert signed_in().post(Q4 + "call/", {"amount": "much"}).status_code == 400


def test_the_page_speaks_french() -> None:
    client = signed_in()
    user = user_named("analyst")
    assert user is not None
    user_set_language(user.pk, "fr")
    with translation.override("fr"):
        text = client.get(Q4 + "?as_of=2017-10-01").content.decode()
    assert "Prévision 2017-Q4" in text
    assert "historique court" in text
