"""Pages of databases and interfaces: tested before they are kept, named object by object."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.test import Client

from perilune.hub.models import Connection
from perilune.hub.testing import a_company
from perilune.hub.tests.syncing import synced
from perilune.people import testing as people
from tests.fakes.rest import serve
from tests.fakes.rest.server import filled

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
INDEX = "/settings/connections/"
HX = {"HX-Request": "true"}


@pytest.fixture
def ops(db: None) -> Client:
    a_company()
    client = Client()
    people.make_user("ops_director")
    people.login(client, "ops_director")
    return client


def test_a_database_is_tested_added_and_its_table_named(ops: Client, tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE firms(id INTEGER PRIMARY KEY, name TEXT, updated_at TEXT)")
        made.execute("INSERT INTO firms VALUES (1, 'Firme', '2026-01-05T10:00:00Z')")
    made.close()
    shown = ops.get(INDEX + "?system=sql").content.decode()
    assert 'name="password"' in shown
    assert 'name="client_id"' not in shown
    form = {"system": "sql", "name": "erp", "address": f"sqlite:///{tmp_path}/none.db"}
    tested = ops.post(INDEX, form | {"test": "1"}, headers=HX).content.decode()
    assert "There is no file" in tested
    assert not Connection.objects.exists()
    assert ops.post(INDEX, form).status_code == 422
    form["address"] = f"sqlite:///{path}"
    assert "sqlite 3" in ops.post(INDEX, form | {"test": "1"}, headers=HX).content.decode()
    added = ops.post(INDEX, form, follow=True)
    assert "No object yet" in added.content.decode()
    told = {"name": "firms", "kind": "account", "table": "firm"}
    new = INDEX + "erp/objects/"
    assert "no table firm" in ops.post(new, told | {"test": "1"}, headers=HX).content.decode()
    told["table"] = "firms"
    tested = ops.post(new, told | {"test": "1"}, headers=HX).content.decode()
    assert "1 row" in tested
    assert "updated_at tells when rows changed." in tested
    assert "Firme" in tested
    assert ops.post(new, {**told, "name": ""}).status_code == 422
    saved = ops.post(new, told, follow=True)
    assert saved.redirect_chain[-1][0] == INDEX + "erp/map/firms/"
    assert "_stamp" not in saved.content.decode()
    assert synced("erp").is_proved
    page = ops.get(INDEX + "erp/").content.decode()
    assert "No creation date" in page
    assert ">firms<" in ops.get(new + "firms/").content.decode()
    assert ops.post(new + "firms/drop/").status_code == 302
    assert "No object yet" in ops.get(INDEX + "erp/").content.decode()
    assert ops.get(new + "firms/").status_code == 404


def test_an_interface_is_tested_and_says_what_is_wrong_in_french_too(ops: Client) -> None:
    ops.cookies["django_language"] = "fr"
    with serve(filled(30)) as serving:
        token, _refresh = serving.doors.session()
        form = {"system": "rest", "name": "api", "address": serving.address, "login": "token"}
        tested = ops.post(INDEX, form | {"test": "1"}, headers=HX).content.decode()
        assert "Il manque quelque chose" in tested
        bad = ops.post(INDEX, form | {"token": "no", "test": "1"}, headers=HX).content.decode()
        assert "refuse l’accès" in bad
        ops.post(INDEX, form | {"token": token}, follow=True)
        new = INDEX + "api/objects/"
        told = {"name": "deals", "kind": "opportunity", "path": "/api/deals", "first": 1, "size": 9}
        tested = ops.post(new, told | {"test": "1"}, headers=HX).content.decode()
        assert "lignes sur" in tested
        told |= {"paging": "page", "page_name": "page", "size_name": "limit", "since_as": "iso"}
        tested = ops.post(new, told | {"test": "1"}, headers=HX).content.decode()
        assert "Lecture possible" in tested
        assert "chaque passage lit toute la liste" in tested
        assert ops.post(new, told).status_code == 302
        shown = ops.get(INDEX + "api/objects/deals/").content.decode()
        assert "data.items" in shown
        assert token not in shown + ops.get(INDEX + "api/").content.decode()
