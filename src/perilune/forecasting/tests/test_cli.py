"""The command line of the range: what is left out is said, in the table and in the document."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from typer.testing import CliRunner

from perilune.crm.testing import Book
from perilune.forecasting.cli import app
from perilune.forecasting.tests.test_risks import deal_of
from perilune.people.testing import Cast
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))
ASKED = ["--as-of", "2026-06-30", "--period", "2026-Q2"]


def test_won_deals_without_a_rate_are_counted_aloud(site_cast: Cast, book: Book) -> None:
    def said() -> tuple[str, int]:
        store.refresh()
        shown = CliRunner().invoke(app, ASKED)
        told = CliRunner().invoke(app, [*ASKED, "--json"])
        assert (shown.exit_code, told.exit_code) == (0, 0), shown.output + told.output
        return shown.output, json.loads(told.stdout)["uncounted"]

    text, count = said()
    assert "exchange rate" not in text and count == 0
    rita, won = site_cast.organisation.rita, book.won_stage
    for name in ("Kyoto", "Osaka"):
        deal_of(book, rita, name, stage_id=won, currency="JPY", close_date="2026-05-04")
    text, count = said()
    assert "Deals without an exchange rate, not counted: 2" in text and count == 2
