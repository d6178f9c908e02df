"""Pages of risks: worklist, filters, why, verbs with undo, files, roles, a deal's own page."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from perilune.forecasting.tests.test_risks import deal_of, met
from perilune.history.testing import made_once
from perilune.store import service as store

if TYPE_CHECKING:
    from perilune.crm.testing import Book
    from perilune.people.testing import Cast

pytestmark = [pytest.mark.django_db(databases=list(settings.DATABASES)), pytest.mark.once]

Q3 = "/forecast/2026-Q3/risks/"
UNTIL = (date(2026, 6, 30) + timedelta(days=20)).isoformat()


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    user = getattr(cast, name)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
@made_once
def late(site_cast: Cast, book: Book) -> int:
    """A deal of Rita's that is overdue, and nothing else."""
    deal = deal_of(book, site_cast.organisation.rita, close_date="2026-04-01", name="Tardis")
    met(deal, site_cast.organisation.rita, date(2026, 6, 20))
    store.refresh()
    return deal


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def named_in_file(client: Client, query: str = "") -> set[str]:
    text = text_of(client, f"{Q3}export.csv{query}").lstrip("\ufeff")
    return {row[0] for row in csv.reader(io.StringIO(text)) if row}


def act(client: Client, verb: str, deal: int, **more: str) -> int:
    posted = {"verb": verb, "id": str(deal), "ready": "1"} | more
    status = client.post(f"{Q3}act/", posted).status_code
    store.refresh()
    return int(status)


def test_the_list_names_deals_reasons_and_that_figures_are_missing(
    site_cast: Cast, late: int
) -> None:
    text = text_of(signed_in(site_cast, "director"), Q3)
    assert f'data-id="{late}"' in text
    assert "overdue" in text
    assert "risks are listed without revenue at risk" in text


def test_a_rep_sees_own_deals_and_a_viewer_none(site_cast: Cast, book: Book, late: int) -> None:
    rep = text_of(signed_in(site_cast, "rep"), Q3)
    assert f'data-id="{late}"' in rep
    assert f'data-id="{book.gamma}"' not in rep  # Sara's
    viewer = text_of(signed_in(site_cast, "viewer"), Q3)
    assert "data-id" not in viewer
    assert "You may see totals here" in viewer


def test_filters_cut_the_list_and_the_file_alike(site_cast: Cast, book: Book, late: int) -> None:
    client = signed_in(site_cast, "director")
    silent = text_of(client, f"{Q3}?kind=silent")
    assert f'data-id="{late}"' not in silent
    assert f'data-id="{book.gamma}"' in silent
    assert "Tardis" not in named_in_file(client, "?kind=silent")
    assert "Tardis" in named_in_file(client, "?kind=overdue")
    mine = text_of(signed_in(site_cast, "outsider"), f"{Q3}?mine=1")
    assert f'data-id="{late}"' not in mine


def test_the_drawer_tells_evidence_definition_and_query(site_cast: Cast, late: int) -> None:
    text = text_of(signed_in(site_cast, "rep"), f"{Q3}deal/{late}/")
    assert "90 days past its close date" in text
    assert "The deal is open and its expected close lies before the as-of." in text
    assert "No chance is known for this deal" in text
    assert "SELECT" in text


def test_nobody_reads_the_risks_of_a_deal_that_is_not_theirs(
    site_cast: Cast, book: Book, late: int
) -> None:
    client = signed_in(site_cast, "rep")
    assert client.get(f"{Q3}deal/{book.gamma}/").status_code == 404
    assert act(client, "take", book.gamma) == 403
    viewer = signed_in(site_cast, "viewer")
    assert viewer.get(f"{Q3}deal/{late}/").status_code == 404
    assert act(viewer, "take", late) == 403


def test_a_risk_is_put_to_sleep_in_bulk_woken_and_the_sleep_undone(
    site_cast: Cast, late: int
) -> None:
    client = signed_in(site_cast, "rep")
    asked = client.post(f"{Q3}act/", {"verb": "snooze", "id": str(late)})
    assert "Asleep until" in asked.content.decode()
    assert act(client, "snooze", late, reason="Champion away", until=UNTIL) == 302
    assert f'data-id="{late}"' not in text_of(client, Q3)
    assert f'data-id="{late}"' in text_of(client, f"{Q3}?state=asleep")
    assert act(client, "wake", late) == 302
    assert f'data-id="{late}"' in text_of(client, Q3)


def test_a_verb_can_be_taken_back(site_cast: Cast, late: int) -> None:
    from perilune.history.queries import recent_sets

    client = signed_in(site_cast, "rep")
    act(client, "snooze", late, reason="Champion away", until=UNTIL)
    client.post(f"/records/undo/{recent_sets(1)[0].id}/")
    store.refresh()
    assert f'data-id="{late}"' in text_of(client, Q3)


def test_a_risk_is_handed_over_only_to_those_whose_deals_one_sees(
    site_cast: Cast, late: int
) -> None:
    client = signed_in(site_cast, "sales_manager")
    assert act(client, "assign", late, owner="rep", due=UNTIL) == 302
    assert f'data-id="{late}"' in text_of(signed_in(site_cast, "rep"), f"{Q3}?mine=1")
    assert act(client, "assign", late, owner="outsider") == 400


@pytest.mark.parametrize(
    "posted",
    [
        {"verb": "snooze", "reason": "x"},
        {"verb": "snooze", "until": UNTIL},
        {"verb": "snooze", "reason": "x", "until": "tomorrow"},
        {"verb": "close", "outcome": "magic"},
        {"verb": "assign", "owner": "nobody"},
        {"verb": "vanish"},
    ],
)
def test_bad_input_is_refused_and_changes_nothing(
    site_cast: Cast, late: int, posted: dict[str, str]
) -> None:
    client = signed_in(site_cast, "rep")
    verb = posted.pop("verb")
    if verb == "close":
        act(client, "take", late)
    assert act(client, verb, late, **posted) == 400
    assert f'data-id="{late}"' in text_of(client, Q3)


def test_nothing_is_written_from_a_page_of_the_past(site_cast: Cast, late: int) -> None:
    client = signed_in(site_cast, "rep")
    client.get(f"{Q3}?as_of=2026-05-01")
    assert act(client, "take", late) == 409


def test_a_closed_act_stands_on_did_it_help_without_a_claim(site_cast: Cast, late: int) -> None:
    client = signed_in(site_cast, "rep")
    act(client, "take", late)
    assert act(client, "close", late, outcome="removed", reason="New date agreed") == 302
    text = text_of(client, f"{Q3}helped/")
    assert "New date agreed" in text
    assert "the risk is gone" in text
    assert "too few decided deals to tell" in text


def test_the_deals_own_page_asks_for_its_risks(site_cast: Cast, late: int) -> None:
    client = signed_in(site_cast, "rep")
    page = text_of(client, f"/records/opportunity/{late}/")
    assert f"/risks/deal/{late}/?part=1" in page
    part = text_of(client, f"{Q3}deal/{late}/?part=1")
    assert "90 days past its close date" in part
    assert "<html" not in part


def test_the_page_of_a_deal_that_is_over_asks_for_no_risks(site_cast: Cast, book: Book) -> None:
    rita = site_cast.organisation.rita
    won = deal_of(book, rita, stage_id=book.won_stage, close_date="2026-05-04")
    store.refresh()
    page = text_of(signed_in(site_cast, "rep"), f"/records/opportunity/{won}/")
    assert "/risks/deal/" not in page


def test_a_cell_of_the_file_runs_no_formula(site_cast: Cast, book: Book) -> None:
    rita = site_cast.organisation.rita
    deal_of(book, rita, name="=cmd()", close_date="2026-04-01")
    store.refresh()
    text = text_of(signed_in(site_cast, "director"), f"{Q3}export.csv")
    assert "'=cmd()" in text


def test_the_page_speaks_french(site_cast: Cast, late: int) -> None:
    users = type(site_cast.rep).objects.filter(username="rep")
    users.update(language="fr")
    text = text_of(signed_in(site_cast, "rep"), f"{Q3}deal/{late}/")
    assert "Date de clôture dépassée" in text
    assert "90 jours de retard sur la date de clôture prévue" in text


def test_the_drawer_of_a_portfolios_risk_tells_its_query_and_offers_acts_to_the_company(
    site_cast: Cast, late: int
) -> None:
    from perilune.crm.testing import KNOWN, make_record

    absence = {"rep_id": site_cast.organisation.rita, "first_day": "2026-07-01"}
    make_record("absence", absence | {"last_day": "2026-08-31", "fte": 1.0}, KNOWN)
    store.refresh()
    director = signed_in(site_cast, "director")
    text = text_of(director, f"{Q3}of/capacity_loss/")
    assert "working days of" in text
    assert "Without chances of deals there is no figure." in text
    assert "SELECT" in text
    assert "Take on" in text
    assert "Rita" not in text  # rule 24: no names
    posted = {"verb": "take", "portfolio": "capacity_loss:capacity"}
    assert director.post(f"{Q3}act/", posted).status_code == 302
    assert signed_in(site_cast, "rep").post(f"{Q3}act/", posted).status_code == 403
