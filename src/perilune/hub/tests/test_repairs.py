"""Repairs: every kind is proposed, applied as one change set, taken back, rejected for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.history.contracts import Batch, Creation, Sent, to_us
from perilune.history.service import (
    bulk_append,
    bulk_complete,
    bulk_open,
    change_set,
    reserve_ids,
)
from perilune.hub.contracts import FieldMap, FileMap, RecordMap, Shape, to_json
from perilune.hub.contracts.mending import Rule
from perilune.hub.models import Connection, WriteRule
from perilune.hub.queries import mending as queries
from perilune.hub.queries.proposals import proposals
from perilune.hub.service import mending
from perilune.kernel.errors import Conflict, Invalid

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.usefixtures("company"),
]
PHONES = ("account", Rule.PHONE.value, "")


def create(kind: str, **values: Any) -> int:
    with change_set(actor="ana") as writer:
        return writer.create(kind, values)


def change(kind: str, record_id: int, **values: Any) -> None:
    with change_set(actor="bob") as writer:
        writer.change(kind, record_id, values)


def state(kind: str, record_id: int) -> dict[str, Any]:
    return history.states_as_of(kind, [record_id])[record_id]


def found() -> dict[tuple[str, str], tuple[Any, Any, int, int]]:
    return {
        (group.rule.value, row.field): (row.old, row.new, row.agree, row.of)
        for group in queries.groups()
        for row in queries.rows(group.kind, group.rule.value, group.origin)
    }


@pytest.fixture
def dupont() -> int:
    account = create(
        "account", name="Dupont S.A.R.L.", country="France", phone="01 42 27 00 00",
        postcode="75 001", siret="552 100 554 00013", vat_number="n/a", city=" Paris  2",
    )  # fmt: skip
    for user in ("a", "b"):
        create("contact", name="Ana Roy", email=f"{user}@dupont.fr", account_id=account)
    return account


def test_a_look_proposes_each_kind_of_repair_with_what_agrees(dupont: int) -> None:
    mending.look()
    assert found() == {
        ("company_form", "name"): ("Dupont S.A.R.L.", "Dupont SARL", 0, 0),
        ("phone", "phone"): ("01 42 27 00 00", "+33 1 42 27 00 00", 0, 0),
        ("postcode", "postcode"): ("75 001", "75001", 0, 0),
        ("number", "siret"): ("552 100 554 00013", "55210055400013", 0, 0),
        ("nothing", "vat_number"): ("n/a", None, 0, 0),
        ("spaces", "city"): (" Paris  2", "Paris 2", 0, 0),
        ("website_of_mail", "website"): (None, "dupont.fr", 2, 2),
        ("siren_told", "siren"): (None, "552100554", 1, 1),
    }


def test_a_group_is_applied_as_one_change_set_and_taken_back(dupont: int) -> None:
    other = create("account", name="Roy", country="France", phone="0142270001")
    mending.look()
    would = mending.apply(actor="ana", group=PHONES, dry_run=True)
    assert (would.fields, would.records, would.change_set_id) == (2, 2, None)
    done = mending.apply(actor="ana", group=PHONES)
    assert [state("account", one)["phone"] for one in (dupont, other)] == [
        "+33 1 42 27 00 00", "+33 1 42 27 00 01",
    ]  # fmt: skip
    info = history.set_info(done.change_set_id or 0)
    assert info is not None and (info.purpose, info.source, info.actor) == (
        "repair", "local", "ana",
    )  # fmt: skip
    change("account", other, phone="+33 6 00 00 00 00")
    undone = mending.undo(done.run, actor="ana")
    assert state("account", dupont)["phone"] == "01 42 27 00 00"
    assert [(one.record_id, one.now) for one in undone.kept] == [(other, "+33 6 00 00 00 00")]
    with pytest.raises(Conflict):
        mending.undo(done.run, actor="ana")
    assert mending.catch_up()
    assert queries.count_of(*PHONES) == 1


def test_what_was_edited_since_keeps_its_value_and_is_named(dupont: int) -> None:
    mending.look()
    change("account", dupont, phone="01 42 27 99 99")
    done = mending.apply(actor="ana", group=PHONES)
    assert (done.run, done.fields) == (0, 0)
    assert [(one.old, one.now) for one in done.stale] == [("01 42 27 00 00", "01 42 27 99 99")]
    assert state("account", dupont)["phone"] == "01 42 27 99 99"
    with pytest.raises(Invalid):
        mending.apply(actor="ana", group=PHONES)


def test_a_cap_leaves_the_rest_for_the_next_time(dupont: int) -> None:
    create("account", name="Roy", country="France", phone="0142270001")
    mending.look()
    done = mending.apply(actor="ana", group=PHONES, cap=1)
    assert (done.fields, done.left) == (1, 1)


def test_what_was_rejected_is_not_brought_up_again_until_a_value_changes(dupont: int) -> None:
    mending.look()
    assert mending.reject(group=PHONES) == 1
    mending.look()
    assert queries.count_of(*PHONES) == 0
    change("account", dupont, name="Dupont et fils")
    mending.catch_up()
    assert queries.count_of(*PHONES) == 0
    change("account", dupont, phone="01 42 27 00 02")
    mending.catch_up()
    assert [row.new for row in queries.rows(*PHONES)] == ["+33 1 42 27 00 02"]


def test_new_and_changed_records_are_taken_in_by_who_looks_next(dupont: int) -> None:
    mending.look()
    mending.apply(actor="ana", group=("account", "website_of_mail", ""))
    lead = create("lead", name="MARIE CURIE", company="acme gmbh", phone="+49 30 901820")
    assert mending.catch_up()
    assert {(row.field, row.new) for group in queries.groups() if group.kind == "lead"
            for row in queries.rows("lead", group.rule.value, "") if row.record_id == lead} == {
        ("name", "Marie Curie"), ("company", "acme GmbH"), ("country", "Germany"),
    }  # fmt: skip


def test_a_large_group_is_applied_by_a_job_as_one_change_set(dupont: int) -> None:
    from perilune.jobs import service as jobs

    mending.look()
    result = jobs.run_here(
        mending.APPLY.name, {"group": list(PHONES), "cap": 10, "actor": "ana"}, actor="ana"
    ).result
    assert result["fields"] == 1
    (run,) = queries.runs()
    assert (run.id, run.fields, run.is_standing) == (result["run"], 1, True)
    assert state("account", dupont)["phone"] == "+33 1 42 27 00 00"


def test_an_answer_by_hand_is_an_edit_and_settles_the_proposal(dupont: int) -> None:
    mending.look()
    (row,) = queries.rows("account", "company_form", "")
    set_id = mending.edit(row.id, "Dupont & Fils SARL", actor="ana")
    info = history.set_info(set_id or 0)
    assert info is not None and info.purpose == "edit"
    assert state("account", dupont)["name"] == "Dupont & Fils SARL"
    assert queries.count_of("account", "company_form", "") == 0


def test_a_spelling_that_is_chosen_is_what_countries_and_phones_become(dupont: int) -> None:
    mending.spell("code", "e164")
    assert mending.catch_up()
    assert found()["country", "country"][:2] == ("France", "FR")
    assert found()["phone", "phone"][:2] == ("01 42 27 00 00", "+33142270000")
    with pytest.raises(Invalid):
        mending.spell("latin", "e164")


def test_a_repair_of_a_record_of_a_connected_system_is_offered_to_write_back() -> None:
    known = datetime(2026, 1, 5, tzinfo=UTC)
    (account,) = reserve_ids("account", 1)
    values = {"name": "Dupont", "country": "France", "phone": "0142270000"}
    set_id = bulk_open(source="acme", actor="sync", purpose="import", title="", known_at=known)
    bulk_append(
        set_id,
        Batch(
            "account", [Creation(account, to_us(known), values)],
            sent=[Sent("001", account, 1, values)],
        ),
    )  # fmt: skip
    bulk_complete(set_id)
    read = RecordMap("account", (FieldMap("phone", "Phone"),), ("Id",))
    mapping = to_json(FileMap("Account", Shape.RECORDS, (read,)))
    connection = Connection.objects.create(
        name="acme", provider="salesforce", objects_read={"Account": {"mapping": mapping}}
    )
    WriteRule.objects.create(connection=connection, object="Account", policies={"Phone": "ask"})
    mending.look()
    mending.apply(actor="ana", group=PHONES)
    (line,) = proposals("acme").lines
    assert (line.field, line.known, line.wanted) == ("phone", "0142270000", "+33 1 42 27 00 00")
