"""The pages of repairs: groups, rows side by side, accept, reject, edit, all, undo, providers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from perilune.history import queries as history
from perilune.history.service import change_set
from perilune.hub.cli.repairs import app
from perilune.hub.queries import mending as queries
from perilune.hub.queries.enriching import provider
from perilune.people.contracts import Role
from perilune.people.testing import login, make_user

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.usefixtures("company"),
]
PHONES = ("account", "phone")


@pytest.fixture
def ops(client: Client) -> Client:
    make_user(Role.OPS_MANAGER)
    login(client, Role.OPS_MANAGER)
    return client


@pytest.fixture
def accounts() -> list[int]:
    with change_set(actor="ana") as writer:
        return [
            writer.create(
                "account", {"name": f"C{n} S.A.R.L.", "country": "France", "phone": f"014227000{n}"}
            )
            for n in range(3)
        ]


def text(response: Any) -> str:
    return str(response.content.decode())


def phone(record: int) -> str:
    return str(history.states_as_of("account", [record])[record]["phone"])


def test_rows_are_accepted_rejected_and_edited_side_by_side(
    ops: Client, accounts: list[int]
) -> None:
    page = text(ops.get(reverse("hub:repairs")))
    assert "Telephone numbers in one form" in page and "0142270000" in page
    rows = text(ops.get(reverse("hub:repairs_of", args=PHONES)))
    assert "+33 1 42 27 00 00" in rows and 'data-shortcut="a"' in rows
    first, second, third = [row.id for row in queries.rows("account", "phone", "")]
    pick = reverse("hub:repairs_pick", args=PHONES)
    ops.post(pick, {"verb": "accept", "id": [first]})
    ops.post(pick, {"verb": "reject", "id": [second]})
    assert [phone(one) for one in accounts] == ["+33 1 42 27 00 00", "0142270001", "0142270002"]
    edit = reverse("hub:repair_edit", args=[third])
    assert "+33 1 42 27 00 02" in text(ops.get(edit))
    ops.post(edit, {"phone": "+33 9 99 99 99 99"})
    assert phone(accounts[2]) == "+33 9 99 99 99 99"
    assert queries.count_of(*PHONES, "") == 0
    ops.post(pick, {"verb": "reopen"})
    assert second in [row.id for row in queries.rows("account", "phone", "")]


def test_all_of_a_kind_say_first_what_they_would_do_and_are_taken_back(
    ops: Client, accounts: list[int]
) -> None:
    ops.get(reverse("hub:repairs"))
    address = reverse("hub:repairs_all", args=PHONES)
    assert "3 fields of 3 records" in text(ops.get(address))
    ops.post(address)
    assert phone(accounts[0]) == "+33 1 42 27 00 00"
    (run,) = queries.runs()
    undo = reverse("hub:repairs_undo", args=[run.id])
    assert "Take these repairs back?" in text(ops.get(undo))
    ops.post(undo)
    assert phone(accounts[0]) == "0142270000"
    export = ops.get(reverse("hub:repairs_export", args=PHONES), {"form": "csv"})
    assert "0142270002" in b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_provider_is_given_a_file_and_says_what_it_may_do(
    ops: Client, accounts: list[int]
) -> None:
    assert ops.get(reverse("hub:providers")).status_code == 200
    file = SimpleUploadedFile("list.csv", b"siren,city\n552100554,Lyon\n")
    told = {"name": "liste", "kind": "account", "files": [file], "threshold": "80"}
    answer = ops.post(reverse("hub:provider_upload"), told)
    page = reverse("hub:provider", args=["liste"])
    assert answer["Location"] == page and ops.get(page).status_code == 200
    ops.post(page, {"policy-city": "ask", "policy-naf": "fill"})
    info = provider("liste")
    assert (dict(info.policies), info.threshold) == ({"city": "ask"}, 0.8)


def test_typing_avoided_shows_its_definition_and_takes_seconds(
    ops: Client, accounts: list[int]
) -> None:
    address = reverse("hub:typing")
    assert "keystroke-level model" in text(ops.get(address))
    ops.post(address, {"text": "5,5"})
    assert "set by the company" in text(ops.get(address))


@pytest.mark.parametrize("name", ["repairs", "providers", "typing"])
def test_who_does_not_see_everything_mends_nothing(name: str, client: Client) -> None:
    make_user(Role.REP)
    login(client, Role.REP)
    assert client.get(reverse(f"hub:{name}")).status_code == 403


def test_the_terminal_lists_applies_and_takes_back(accounts: list[int]) -> None:
    make_user(Role.OPS_DIRECTOR)

    def run(*args: str) -> dict[str, Any]:
        result = CliRunner().invoke(app, [*args, "--json"])
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.output))

    assert run("look")["waiting"] == 6
    groups = {(one["kind"], one["rule"]): one["count"] for one in run("list")["groups"]}
    assert groups == {PHONES: 3, ("account", "company_form"): 3}
    assert run("apply", "account/phone", "--dry-run")["fields"] == 3
    done = run("apply", "account/phone", "--cap", "2")
    assert (done["fields"], done["left"]) == (2, 1)
    assert run("undo", str(done["run"]))["fields"] == 2
    assert phone(accounts[0]) == "0142270000"
