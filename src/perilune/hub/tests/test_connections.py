"""Connections: who may come in, what is refused at the door, what the terminal says."""

from __future__ import annotations

import json
from importlib import import_module
from urllib.parse import unquote

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from typer.testing import CliRunner

from perilune.hub.cli import sync as cli
from perilune.hub.cli.sync import hub_app
from perilune.hub.contracts.sync import SyncState
from perilune.hub.models import Connection, MissingAnswer, SyncRun
from perilune.hub.queries import connections as queries
from perilune.hub.service import sync
from perilune.hub.service.sync import secrets
from perilune.hub.tests.syncing import connected, synced
from perilune.kernel.errors import Conflict, Invalid, Refused, Unavailable
from tests.fakes.salesforce import CLIENT, SECRET, Serving, serve
from tests.fakes.salesforce.made import filled

pytestmark = [
    pytest.mark.usefixtures("company"),
    pytest.mark.django_db(databases=["default", "queue"]),
]
BACK = "http://127.0.0.1/settings/connections/back/"


def _allowed(door: str) -> tuple[str, str]:
    """Allow access as somebody in a browser would; (code, state) as they come back."""
    sent = requests.get(door + "&allow=1", timeout=5, allow_redirects=False)
    query = sent.headers["Location"].partition("?")[2]
    found = dict(part.split("=", 1) for part in query.split("&"))
    return found["code"], unquote(found["state"])


@pytest.fixture
def serving() -> object:
    with serve(filled(5)) as found:
        yield found


def test_access_comes_by_a_code_that_only_who_asked_can_use(serving: Serving) -> None:
    sync.connection_add("Acmé CRM", serving.address, CLIENT, SECRET)
    door, verifier = sync.connection_door("acme-crm", BACK, "ann")
    code, state = _allowed(door)
    for given in (
        (code, state + "x", BACK, "ann", verifier),  # forged
        (code, state, BACK, "bob", verifier),  # asked for by somebody else
        (code, state, BACK, "ann", ""),  # not from this browser
        ("stolen", state, BACK, "ann", verifier),
    ):
        with pytest.raises(Refused):
            sync.connection_arrive(*given)
    assert not Connection.objects.get().is_connected
    assert sync.connection_arrive(code, state, BACK, "ann", verifier) == "acme-crm"
    assert synced("acme-crm").is_proved
    with pytest.raises(Refused):  # a code is good once
        sync.connection_arrive(code, state, BACK, "ann", verifier)


def test_an_app_that_signs_for_itself_needs_no_page(serving: Serving) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    serving.doors.keys["app"] = public.decode()
    sync.connection_add("a", serving.address, "app", private_key=private, user="ops@acme.example")
    sync.connection_sign_in("a")
    assert synced("a").is_proved
    sync.connection_add("b", serving.address, "app", private_key="no key", user="ops@acme.example")
    with pytest.raises(Invalid, match="private key"):
        sync.connection_sign_in("b")


@pytest.mark.parametrize("address", [
    "http://acme.example", "ftp://127.0.0.1", "https://a.example/path", "https://me@a.example", "",
])  # fmt: skip
def test_only_https_or_this_machine_is_an_address(address: str) -> None:
    with pytest.raises(Invalid):
        sync.connection_add("x", address, CLIENT)


def test_keys_sealed_with_another_secret_open_nothing(settings: object) -> None:
    text = secrets.sealed({"client_secret": "s3cret"})
    assert "s3cret" not in text
    assert secrets.opened(text) == {"client_secret": "s3cret"}
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match="connect again"):
        secrets.opened(text)


@pytest.mark.parametrize("system", ["hubspot", "pipedrive"])
def test_other_systems_let_in_by_a_code_or_by_a_token(
    system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_refresh", lambda: None)
    fake = import_module(f"tests.fakes.{system}")
    filled_with = import_module(f"tests.fakes.{system}.made").filled(5)
    with fake.serve(filled_with) as serving:
        sync.connection_add("a", serving.address, fake.CLIENT, fake.SECRET, provider=system)
        door, verifier = sync.connection_door("a", BACK, "ann")
        code, state = _allowed(door)
        with pytest.raises(Refused):
            sync.connection_arrive("stolen", state, BACK, "ann", verifier)
        assert sync.connection_arrive(code, state, BACK, "ann", verifier) == "a"
        for command in (["sync", "a", "--json"], ["proof", "a"]):
            assert CliRunner().invoke(hub_app, command).exit_code == 0
        sync.connection_add("b", serving.address, token="wrong", provider=system)
        with pytest.raises(Refused):
            sync.connection_sign_in("b")
        assert not Connection.objects.get(name="b").is_connected
        sync.connection_forget("b")
        token, _refresh = serving.doors.session()
        sync.connection_add("b", serving.address, token=token, provider=system)
        sync.connection_sign_in("b")
        found = Connection.objects.get(name="b")
        assert found.is_connected
        assert token not in found.credentials
        assert queries.connection("b").system.lower() == system


def test_a_token_is_taken_only_where_a_system_gives_one() -> None:
    with pytest.raises(Invalid, match="no tokens"):
        sync.connection_add("x", "https://a.example", token="t")
    with pytest.raises(Invalid, match="no kind"):
        sync.connection_add("x", "https://a.example", CLIENT, provider="nothing")
    with pytest.raises(Invalid, match="not an address"):
        sync.connection_add("x", "", token="t", provider="pipedrive")  # each has its own
    sync.connection_add("x", "", token="t", provider="hubspot")
    assert Connection.objects.get().address == "https://api.hubapi.com"


def test_a_name_is_taken_once_and_what_runs_is_not_forgotten() -> None:
    sync.connection_add("x", "https://a.example", CLIENT)
    with pytest.raises(Conflict, match="already"):
        sync.connection_add("X", "https://b.example", CLIENT)
    found = Connection.objects.get()
    SyncRun.objects.create(connection=found, mode="full")
    with pytest.raises(Conflict, match="under way"):
        sync.connection_forget("x")
    SyncRun.objects.update(state=SyncState.FAILED.value)
    sync.connection_forget("x")
    assert not Connection.objects.exists()


def test_a_mapped_field_of_the_company_is_read_from_the_beginning() -> None:
    org = filled(5)
    for key in org.rows["Opportunity"]:
        org.rows["Opportunity"][key]["Region__c"] = "North"
    with connected(org):
        synced()
        info = queries.connection("acme")
        assert "Sales region" in next(o for o in info.objects if o.name == "Opportunity").unread
        table = sync.object_choice("acme", "Opportunity")
        chosen = {column.column: column.field for column in table.columns}
        sync.connection_choose("acme", "Opportunity", chosen | {"Region__c": "competitor"}, True)
        with pytest.raises(Invalid):
            sync.connection_choose("acme", "Opportunity", {"Nothing__c": "name"}, True)
        run = synced()
        assert run.counts["written"]["opportunity"]["changed"] == 5
        from perilune.history.queries import states_as_of

        assert {s["competitor"] for s in states_as_of("opportunity", None).values()} == {"North"}


def test_a_schedule_that_did_not_succeed_turns_the_connection_grey() -> None:
    org = filled(5)
    with connected(org):
        synced()
        sync.sync_schedule("acme", 60)
        info = queries.connection("acme")
        assert (info.schedule is not None, info.is_late, info.is_proved) == (True, False, True)
        found = Connection.objects.get()
        found.health["succeeded_at"] = "2026-01-01T00:00:00+00:00"
        found.save()
        assert queries.connection("acme").is_late
        sync.sync_schedule("acme", 0)
        assert not queries.connection("acme").is_late


def test_the_terminal_syncs_and_proves_with_the_exit_code_of_the_truth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "_refresh", lambda: None)
    org = filled(8)
    with connected(org):
        told = CliRunner().invoke(hub_app, ["sync", "acme", "--json"])
        assert told.exit_code == 0, told.output
        found = json.loads(told.stdout)
        assert (found["is_proved"], found["seen"]["Opportunity"]) == (True, 8)
        proof = json.loads(CliRunner().invoke(hub_app, ["proof", "acme", "--json"]).stdout)
        assert sum(p["there"] for p in proof if p["object"] == "Opportunity") == 8
        assert all(p["is_equal"] and p["sum_there"] == p["sum_here"] for p in proof)
        org.purge("Opportunity", next(iter(org.rows["Opportunity"])))
        assert CliRunner().invoke(hub_app, ["sync", "acme", "--repair"]).exit_code == 3
        assert CliRunner().invoke(hub_app, ["proof", "acme"]).exit_code == 3
        assert MissingAnswer.objects.count() == 1
        assert CliRunner().invoke(hub_app, ["sync", "nobody"]).exit_code == 4
        assert CliRunner().invoke(hub_app, ["sync", "acme", "--full", "--repair"]).exit_code == 2
