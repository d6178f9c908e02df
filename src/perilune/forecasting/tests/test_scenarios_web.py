"""Who reads what a scenario does: its author and those named, as a page and on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from perilune.forecasting import queries
from perilune.forecasting.cli import app
from perilune.forecasting.queries.documents import scenario_document
from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company
from perilune.people.testing import login
from perilune.planning import service as planning
from perilune.store import service as store

if TYPE_CHECKING:
    from perilune.crm.testing import Book
    from perilune.people.testing import Cast

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))


def test_the_author_and_those_named_read_the_page_and_for_others_it_is_not_there(
    site_cast: Cast, book: Book
) -> None:
    store.refresh()
    id_ = planning.scenario_create("Lean", "2026-Q3", actor="director")
    address = f"/plan/scenarios/{id_}/results/"

    def page_for(name: str) -> Any:
        client = Client()
        login(client, name)
        return client.get(address)

    answer = page_for("director")
    assert answer.status_code == 200 and "No results here" not in answer.content.decode()
    assert "too few" in answer.content.decode()  # the small company has no history
    assert page_for(Role.ANALYST).status_code == 404
    with pytest.raises(NotFound):
        queries.scenario_result(
            id_, company().calendar.parse("2026-Q3"), company().today, Scope.company(), "analyst"
        )


def test_the_command_prints_the_same_answer_as_a_document(site_cast: Cast, book: Book) -> None:
    store.refresh()
    id_ = planning.scenario_create("Lean", "2026-Q3", actor="director")
    found = queries.scenario_result(
        id_, company().calendar.parse("2026-Q3"), company().today, Scope.company(), "director"
    )
    answer = CliRunner().invoke(app, ["scenario", str(id_), "--json"])
    assert json.loads(answer.stdout) == scenario_document(found)
    assert "Lean" in CliRunner().invoke(app, ["scenario", str(id_)]).stdout
