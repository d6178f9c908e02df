"""Pages and commands of write-back, as those who may write and those who may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from perilune.crm import service as crm
from perilune.hub.cli.writing import hub_app
from perilune.hub.contracts.writing import BatchState, LineState
from perilune.hub.models import WriteBatch
from perilune.hub.queries import writing as queries
from perilune.hub.tests.syncing import connected, synced
from perilune.hub.tests.test_outbox import DEAL, allow, edited, first, ids
from perilune.jobs import service as jobs
from perilune.jobs.queries import recent_jobs
from perilune.people import testing as people
from tests.fakes.salesforce import Org, Serving
from tests.fakes.salesforce.made import filled
from tests.fakes.salesforce.schema import Field

pytestmark = [
    pytest.mark.usefixtures("company"),
    pytest.mark.django_db(databases=["default", "queue"]),
]


@pytest.fixture
def org() -> Org:
    return filled(4, moves=1)


@pytest.fixture
def serving(org: Org) -> Iterator[Serving]:
    with connected(org) as found:
        synced()
        org.pass_time(hours=1)
        yield found


@pytest.fixture
def manager(client: Client) -> Client:
    people.make_user("ops_manager")
    people.login(client, "ops_manager")
    return client


def _work() -> None:
    """Do what the worker beside the site would do with the last batch."""
    for step in range(9):
        [job] = recent_jobs(1, "hub.write")
        if job.state.is_over:
            return
        jobs.step(job.id, step)


def _url(name: str, *where: Any) -> str:
    return reverse(f"connections:{name}", args=["acme", *where])


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def test_fields_are_chosen_the_difference_looked_at_written_and_taken_back(
    manager: Client, org: Org, serving: Serving
) -> None:
    key = edited(org, next_step="Call Ann")
    assert "No field may be written yet" in _text(manager.get(_url("write")))
    shown = _text(manager.get(_url("write_fields", "Opportunity")))
    assert 'name="policy-NextStep"' in shown
    assert 'name="policy-IsWon"' not in shown
    chosen = {f"policy-{name}": "ask" for name in DEAL}
    manager.post(_url("write_fields", "Opportunity"), chosen)
    page = _text(manager.get(_url("write")))
    assert "Call Ann" in page
    assert "1 record was edited here" in page
    assert manager.post(_url("write"), {"purpose": ""}).status_code == 422
    answer = manager.post(_url("write"), {"purpose": "Monday call"})
    [info] = queries.batches("acme")
    assert answer["Location"] == _url("batch", info.id)
    assert "1 value would be written" in _text(manager.get(answer["Location"]))
    assert serving.writes.log == []
    manager.post(_url("batch_verb", info.id, "go"))
    assert "steps" in _text(manager.get(_url("batch", info.id)))
    _work()
    assert manager.get(_url("batch_progress", info.id)).headers["HX-Redirect"]
    assert org.rows["Opportunity"][key]["NextStep"] == "Call Ann"
    page = _text(manager.get(_url("batch", info.id)))
    assert "1 value written" in page
    assert "Take it back" in page
    undo = manager.post(_url("batch_verb", info.id, "undo"))["Location"]
    assert "The batch that it takes back" in _text(manager.get(undo))
    manager.post(_url("batch_verb", queries.batches("acme")[0].id, "go"))
    _work()
    assert org.rows["Opportunity"][key]["NextStep"] != "Call Ann"
    assert "taken back" in _text(manager.get(_url("write")))
    assert manager.post(_url("batch_verb", info.id, "explode")).status_code == 404
    assert "Opportunity" in _text(manager.get(_url("show")))


def test_conflicts_are_decided_and_lines_left_out_on_the_page(
    manager: Client, org: Org, serving: Serving
) -> None:
    allow()
    key = edited(org, 0, amount=100_00)
    edited(org, 1, next_step="Not today")
    org.update("Opportunity", key, Amount=500.0)
    where = manager.post(_url("write"), {"purpose": "Tidy"})["Location"]
    [info] = queries.batches("acme")
    WriteBatch.objects.update(state="looking")  # as a process that was killed leaves it
    assert "Look at what stands there" in _text(manager.get(where))
    manager.post(_url("batch_verb", info.id, "look"))
    page = _text(manager.get(where, headers={"accept-language": "fr"}))
    assert "modifiée des deux côtés" in page
    asked, waits = (
        queries.lines(info.id, states=[state])[0].id for state in (LineState.ASK, LineState.WAITS)
    )
    manager.post(_url("batch_verb", info.id, "leave"), {"id": [waits]})
    manager.post(_url("batch_verb", info.id, "ours"), {"id": [asked, "x"]})
    assert "?state=left" in _text(manager.get(f"{where}?state=waits"))
    manager.post(_url("batch_verb", info.id, "go"))
    _work()
    assert [(name, own) for name, _key, own in serving.writes.log] == [
        ("Opportunity", {"Amount": 100.0})
    ]
    where = manager.post(_url("write"), {"purpose": "Again"})["Location"]
    manager.post(_url("batch_verb", queries.batches("acme")[0].id, "discard"))
    assert queries.batches("acme")[0].state is BatchState.DISCARDED


def test_who_may_not_write_sees_no_page_and_writes_nothing(
    client: Client, org: Org, serving: Serving
) -> None:
    allow()
    edited(org)
    for role in ("analyst", "sales_leader", "rep", "viewer"):
        people.make_user(role)
        people.login(client, role)
        for url in (_url("write"), _url("write_fields", "Opportunity"),
                    reverse("connections:write_part", args=[1])):  # fmt: skip
            assert client.get(url).status_code == 403
        assert client.post(_url("write"), {"purpose": "x"}).status_code == 403
    people.login(client, "analyst")
    assert "Write back" not in _text(client.get(_url("show")))
    assert queries.batches("acme") == []


def test_a_change_set_such_as_a_plan_is_offered_alone(
    manager: Client, org: Org, serving: Serving
) -> None:
    part = reverse("connections:write_part", args=[1])
    assert "No connection may be written to" in _text(manager.get(part))
    allow()
    edited(org)
    accounts = [ids("account")[first(org, "Account", at)] for at in range(3)]
    done = crm.account_reassign(accounts, ids("rep")[first(org, "User", 5)], actor="plan")
    part = _text(manager.get(reverse("connections:write_part", args=[done.change_set_id])))
    where = f"{_url('write')}?set={done.change_set_id}"
    assert where in part
    assert "Only what one change set wrote" in _text(manager.get(where))
    manager.post(where, {"purpose": "Territories"})
    [info] = queries.batches("acme")
    assert {one.kind for one in queries.lines(info.id)} == {"account"}


def test_the_terminal_shows_the_difference_writes_and_takes_back(
    org: Org, serving: Serving
) -> None:
    allow()
    key = edited(org, next_step="Call Ann")
    run = CliRunner().invoke
    assert run(hub_app, ["write", "acme"]).exit_code == 2
    looked = run(hub_app, ["write", "acme", "--for", "Tidy", "--json"])
    told = json.loads(looked.stdout)
    assert (looked.exit_code, told["state"], told["lines"][0]["state"]) == (0, "ready", "waits")
    assert serving.writes.log == []
    batch = str(told["batch"])
    done = json.loads(run(hub_app, ["write", "acme", "--batch", batch, "--go", "--json"]).stdout)
    assert (done["state"], done["counts"]) == ("done", {"written": 1})
    assert org.rows["Opportunity"][key]["NextStep"] == "Call Ann"
    org.pass_time(minutes=1)
    org.update("Opportunity", key, NextStep="Somebody was here")
    undo = run(hub_app, ["write-undo", "acme", batch, "--go", "--json"])
    assert (undo.exit_code, json.loads(undo.stdout)["counts"]) == (3, {"left": 1})
    assert run(hub_app, ["write-log", "acme"]).exit_code == 0
    assert run(hub_app, ["write-log", "acme", batch]).exit_code == 0
    assert run(hub_app, ["write-log", "acme", "99"]).exit_code == 4
    assert run(hub_app, ["write", "nobody", "--for", "x"]).exit_code == 4


def test_new_and_ended_records_are_looked_at_made_and_deleted_on_the_page(
    manager: Client, org: Org, serving: Serving
) -> None:
    org.kinds["Account"].fields["Perilune_Id__c"] = Field(
        "Perilune_Id__c", "string", "Perilune id", is_external=True
    )
    crm.record_create("account", {"name": "Fresh & Co"}, actor="ann")
    deal = first(org)
    crm.record_delete("opportunity", ids("opportunity")[deal], actor="ann")
    assert "Fresh &amp; Co" not in _text(manager.get(_url("write")))
    shown = _text(manager.get(_url("write_fields", "Account")))
    assert 'value="Perilune_Id__c"' in shown
    manager.post(_url("write_fields", "Account"), {"match": "Perilune_Id__c"})
    manager.post(_url("write_fields", "Opportunity"), {"ends": "1"})
    page = _text(manager.get(_url("write")))
    assert "1 new record is not there." in page
    assert "1 record that was ended here may stand there." in page
    assert manager.post(_url("write"), {"what": "make", "purpose": ""}).status_code == 422
    for what, said, done in (
        ("make", "Up to 1 record would be made there", "written"),
        ("end", "1 record would be deleted there", "1 record deleted there"),
    ):
        where = manager.post(_url("write"), {"purpose": "Tidy", "what": what})["Location"]
        assert said in _text(manager.get(where))
        manager.post(_url("batch_verb", queries.batches("acme")[0].id, "go"))
        _work()
        assert done in _text(manager.get(where))
    assert [kind for kind, _key in serving.writes.made] == ["Account"]
    assert serving.writes.ended == [("Opportunity", deal)]
