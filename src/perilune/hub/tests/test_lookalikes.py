"""What looks like a record that is there: by which keys, for whose eyes, as records change."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from perilune.history.queries import identity_keys, states_as_of
from perilune.history.service import change_set, retract
from perilune.hub import queries, service
from perilune.hub.cli import imports as cli
from perilune.hub.contracts import RunState
from perilune.hub.contracts.lookalikes import Beyond, Choice, Strength, Why
from perilune.hub.queries.duplicates import groups
from perilune.hub.service.jobs import WATCH
from perilune.hub.service.lookalikes import build, check, following
from perilune.hub.service.lookalikes.checking import Asking
from perilune.hub.testing import imported, write
from perilune.hub.web import words
from perilune.jobs.queries import schedules
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.service import token_create
from perilune.people.testing import login, make_user

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.usefixtures("company"),
]
ALL = Scope.company()


def create(kind: str, **values: Any) -> int:
    with change_set(actor="ana") as writer:
        return writer.create(kind, values)


def ids(kind: str, scope: Scope = ALL, **values: Any) -> list[int]:
    return [one.id for one in check(kind, values, scope).found]


@pytest.fixture
def dupont() -> int:
    create("account", name="Boulangerie Martin", city="Lille", postcode="59000")
    return create(
        "account", name="Dupont & Fils SARL", city="Lyon", postcode="69003", phone="04 78 00 11 22",
        website="https://www.dupont-fils.fr/", street="12 bis, boulevard Voltaire",
        siren="552100554",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "strength", "why"),
    [
        ({"name": "DUPONT ET FILS"}, Strength.POSSIBLE, Why.NAME),
        ({"name": "Duponnt & Fils", "city": "LYON"}, Strength.LIKELY, Why.NEAR_NAME),
        ({"website": "dupont-fils.fr"}, Strength.POSSIBLE, Why.DOMAIN),
        ({"name": "Dupont", "phone": "+33 4 78 00 11 22"}, Strength.LIKELY, Why.PHONE),
        ({"street": "12 bd Voltaire", "postcode": "69003"}, Strength.POSSIBLE, Why.ADDRESS),
        ({"name": "Other", "siret": "552 100 554 00013"}, Strength.SURE, Why.NUMBER),
        ({"name": "Other", "vat_number": "FR 27 552100554"}, Strength.SURE, Why.NUMBER),
    ],
)
def test_an_account_is_recognised_in_other_spellings(
    dupont: int, values: dict[str, str], strength: Strength, why: Why
) -> None:
    (found,) = check("account", values, ALL).found
    assert (found.id, found.strength, found.title) == (dupont, strength, "Dupont & Fils SARL")
    assert why in found.why


@pytest.mark.parametrize(
    "values",
    [
        {"name": "Durand & Filles"},
        {"name": "Dupont & Fils", "siren": "732829320"},  # another company by its number
        {"city": "Lyon", "postcode": "69003"},
        {"name": ""},
    ],
)
def test_another_account_is_not_taken_for_it(dupont: int, values: dict[str, str]) -> None:
    assert not check("account", values, ALL).found


def test_two_sites_of_one_company_are_no_duplicates() -> None:
    create("account", name="Site one", siret="55210055400013", siren="552100554")
    assert not ids("account", name="Site one", siret="55210055400021")


def test_while_a_name_is_typed_records_that_begin_so_are_offered(dupont: int) -> None:
    typed = check("account", {"name": "dup"}, ALL, is_typing=True)
    assert [(one.id, one.why) for one in typed.found] == [(dupont, (Why.BEGINS,))]
    assert not check("account", {"name": "dup"}, ALL).found


def test_a_person_is_recognised_by_mail_and_by_name_where_they_work() -> None:
    acme = create("account", name="Acme", website="acme.fr")
    zoe = create("contact", name="Zoé Martin", email="zoe@acme.fr", account_id=acme)
    lead = create("lead", name="Martin Zoe", company="Acme SAS")
    answer = check("lead", {"name": "Zoé MARTIN", "email": "zoe+x@acme.fr"}, ALL)
    told = {(one.kind, one.id): one.strength for one in answer.found}
    assert told[("contact", zoe)] is Strength.SURE
    assert told[("lead", lead)] is Strength.POSSIBLE
    assert told[("account", acme)] is Strength.POSSIBLE  # where somebody of that domain works
    assert answer.found[0].detail == "Acme"
    assert ids("lead", name="Zoe Martin", company="ACME")[0] == lead
    assert not ids("contact", name="Zoé")


def test_the_keys_follow_what_is_changed_deleted_and_taken_back(dupont: int) -> None:
    assert ids("account", name="Dupont & Fils") == [dupont]
    with change_set(actor="ana") as writer:
        writer.change("account", dupont, {"name": "Zephyr"})
    assert not ids("account", name="Dupont & Fils")
    assert ids("account", name="Zephyr") == [dupont]
    retract(writer.id, "ana")
    assert ids("account", name="Dupont & Fils") == [dupont]
    with change_set(actor="ana") as writer:
        writer.delete("account", dupont)
    assert not ids("account", name="Dupont & Fils", website="dupont-fils.fr")


def test_an_index_that_is_built_and_one_that_followed_answer_alike(dupont: int) -> None:
    asked = {"name": "Dupont Fils", "city": "Lyon"}
    built = check("account", asked, ALL)
    later = create("account", name="Dupont Fils", city="Lyon")
    followed = check("account", asked, ALL)
    build()
    assert check("account", asked, ALL) == followed
    assert {one.id for one in followed.found} == {one.id for one in built.found} | {later}


def test_who_may_not_see_a_record_learns_only_whom_to_ask(dupont: int) -> None:
    owner = create("rep", name="Ana Lopez")
    with change_set(actor="ana") as writer:
        writer.change("account", dupont, {"owner_id": owner})
    mine = Scope("mine", owners=frozenset({owner + 1}))
    values = {"name": "Dupont & Fils", "phone": "0478001122"}
    answer = check("account", values, mine)
    assert not answer.found
    assert answer.beyond == (Beyond("account", "Ana Lopez"),)
    # beginnings of names and doubtful likenesses would tell letter by letter what is there
    assert check("account", {"name": "dup"}, mine, is_typing=True).beyond == ()


def test_a_record_is_not_taken_for_itself(dupont: int) -> None:
    assert not check("account", {"name": "Dupont Fils"}, ALL, record_id=dupont).found


def test_the_form_of_a_new_record_shows_them_to_whom_they_are_visible(
    dupont: int, client: Client
) -> None:
    make_user(Role.OPS_DIRECTOR, "olga")
    login(client, Role.OPS_DIRECTOR)
    form = client.get(reverse("crm:new", args=["account"])).content.decode()
    assert reverse("hub:look", args=["account"]) in form
    page = client.get(reverse("hub:look", args=["account"]), {"name": "Dupont & F"})
    told = page.content.decode()
    assert "Dupont &amp; Fils SARL" in told
    assert reverse("crm:record", args=["account", dupont]) in told
    empty = client.get(reverse("hub:look", args=["account"]), {"name": "Zz"})
    assert "<li>" not in empty.content.decode()
    assert client.get(reverse("hub:look", args=["opportunity"])).status_code == 404


def test_a_program_asks_through_the_same_gate(dupont: int, client: Client) -> None:
    asked = {"name": "DUPONT ET FILS", "phone": "0478001122"}
    url = "/api/v1/duplicates/check"
    assert client.get(url, asked).status_code == 401
    make_user(Role.OPS_DIRECTOR, "ona")
    make_user(Role.VIEWER, "vera")
    owner, viewer = (
        {"Authorization": f"Bearer {token_create(name, 'test', datetime.now(UTC))}"}
        for name in ("ona", "vera")
    )
    (found,) = client.get(url, asked, headers=owner).json()["found"]
    assert (found["id"], found["strength"]) == (dupont, "likely")
    assert set(found["why"]) == {"name", "phone"}
    assert client.get(url, asked, headers=viewer).status_code == 403
    assert client.get(url, {"kind": "product"}, headers=owner).status_code == 400


def test_other_kinds_are_not_looked_for() -> None:
    with pytest.raises(Invalid):
        check("opportunity", {"name": "Big"}, ALL)


def test_an_import_tells_rows_that_look_like_records_or_one_another(
    dupont: int, tmp_path: Path
) -> None:
    text = (
        "Id,Account Name,Phone,Billing City\n"
        "1,Dupont et Fils,04 78 00 11 22,Lyon\n2,Zephyr Conseil,01 42 00 11 22,Paris\n"
        "3,Zéphyr Conseil SAS,+33 1 42 00 11 22,Paris\n4,Other,,Nice\n"
    )
    run_id = service.import_open(write(tmp_path, "accounts.csv", text), source="file")
    while service.import_read(run_id).state is RunState.READING:
        pass
    told = {(p.code, p.value, p.suggestion) for p in queries.problem_groups(run_id, scope=ALL)}
    assert ("like_record", "Dupont et Fils", "Dupont & Fils SARL") in told
    assert ("like_row", "Zéphyr Conseil SAS", "Zephyr Conseil") in told
    assert not any(value == "Other" for _code, value, _like in told)
    assert not groups("account", ALL)  # nothing is proposed before it is written
    while service.import_apply(run_id).state is not RunState.DONE:
        pass
    proposed = groups("account", ALL)
    assert sorted(one.titles for one in proposed) == [
        ("Dupont & Fils SARL", "Dupont et Fils"), ("Zephyr Conseil", "Zéphyr Conseil SAS"),
    ]  # fmt: skip
    # a second import of the same rows brings nothing new
    again = imported(write(tmp_path, "accounts.csv", text), source="file")
    assert not [p for p in queries.problem_groups(again.id) if p.code.startswith("like")]
    assert len(groups("account", ALL)) == 2


ROWS = (
    "Id,Account Name,Phone,Billing City,Industry\n"
    "1,Dupont et Fils,04 78 00 11 22,Lyon,Bakery\n2,Zephyr Conseil,01 42 00 11 22,Paris,\n"
    "3,Zéphyr Conseil SAS,+33 1 42 00 11 22,Paris,Advice\n4,Other,,Nice,\n"
)
PEOPLE = "Contact Id,Last Name,First Name,Email,Account\nC1,Roux,Léa,lea@roux.fr,1\n"


def _read(folder: Path) -> int:
    write(folder, "accounts.csv", ROWS)
    write(folder, "contacts.csv", PEOPLE)
    run_id = service.import_open(folder, source="file")
    while service.import_read(run_id).state is RunState.READING:
        pass
    return run_id


def _apply(run_id: int) -> None:
    while service.import_apply(run_id).state is not RunState.DONE:
        pass


def _names(kind: str) -> list[str]:
    return sorted(str(values["name"]) for values in states_as_of(kind, None).values())


def test_rows_that_look_like_records_are_left_out_or_taken_as_chosen_and_all_of_it_undone(
    dupont: int, tmp_path: Path, client: Client
) -> None:
    make_user(Role.OPS_DIRECTOR, "olga")
    login(client, Role.OPS_DIRECTOR)
    run_id = _read(tmp_path)
    preview = client.get(reverse("hub:run", args=[run_id])).content.decode()
    like_record, like_row = service.look_alikes(run_id, ALL)
    assert (like_record.other_id, like_row.other_line) == (dupont, 3)
    assert reverse("crm:record", args=["account", dupont]) in preview
    assert "552100554" not in like_row.other_title
    posted = {
        f"row-{like_record.problem_id}": "update", f"row-{like_row.problem_id}": "leave-out",
    }  # fmt: skip
    answer = client.post(reverse("hub:alikes", args=[run_id]), posted)
    assert answer.status_code == 302
    assert service.choices_of(run_id) == {
        Choice.WRITE: 0, Choice.LEAVE_OUT: 1, Choice.UPDATE: 1,
    }  # fmt: skip
    shown = [one for one in service.import_preview(run_id) if not one.is_new]
    assert [(one.record_id, dict((n, (b, a)) for n, b, a, _c in one.fields)["name"]) for one in
            shown] == [(dupont, ("Dupont & Fils SARL", "Dupont et Fils"))]  # fmt: skip
    before = states_as_of("account", None)
    _apply(run_id)
    info = queries.run_info(run_id)
    counts = info.counts["account"]
    assert (counts["new"], counts["left_out"], counts["taken"]) == (2, 1, 1)
    assert any("left out by choice" in str(notice["message"]) for notice in info.notices)
    assert _names("account") == ["Boulangerie Martin", "Dupont et Fils", "Other", "Zephyr Conseil"]
    stands = states_as_of("account", [dupont])[dupont]
    assert (stands["industry"], stands["siren"]) == ("Bakery", "552100554")
    (person,) = states_as_of("contact", None).values()
    assert person["account_id"] == dupont  # what refers to the row refers to the record found
    assert not groups("account", ALL)
    result = client.get(reverse("hub:run", args=[run_id])).content.decode()
    assert "left out by choice" in result
    # the row's id leads to the record: the same files bring nothing new but what was left out
    again = _read(tmp_path)
    assert [one.title for one in service.look_alikes(again, ALL)] == ["Zéphyr Conseil SAS"]
    service.import_cancel(again)
    service.import_rollback(run_id, actor="olga")
    assert states_as_of("account", None) == before
    assert not states_as_of("contact", None)
    with pytest.raises(Conflict):
        service.choose_alikes(run_id, Choice.WRITE, ALL)


def test_a_row_that_looks_like_another_row_gives_it_what_it_says(
    dupont: int, tmp_path: Path
) -> None:
    run_id = _read(tmp_path)
    owner = create("rep", name="Ana Lopez")
    with change_set(actor="ana") as writer:
        writer.change("account", dupont, {"owner_id": owner})
    mine = Scope("mine", owners=frozenset({owner + 1}))
    unseen, _row = service.look_alikes(run_id, mine)
    assert (unseen.other_title, unseen.ask) == ("", "Ana Lopez")
    shown = words.problems_table(
        queries.run_info(run_id), queries.problem_groups(run_id, scope=mine)
    )
    hints = {str(row.cells[6]) for row in shown.rows}  # of the doubts, before they are written
    assert "Exists; you do not see it. Ask Ana Lopez." in hints
    assert "Dupont & Fils SARL" not in str(shown.rows)
    doubt = queries.problems_like(unseen.problem_id)[0]
    assert doubt.suggestion == ""
    with pytest.raises(Refused):
        service.choose_alikes(run_id, Choice.UPDATE, mine, problem_ids=[unseen.problem_id])
    assert service.choose_alikes(run_id, Choice.UPDATE, mine) == 1  # all that they may update
    _apply(run_id)
    assert _names("account").count("Zéphyr Conseil SAS") == 1
    zephyr = next(v for v in states_as_of("account", None).values() if "phyr" in str(v["name"]))
    assert zephyr["industry"] == "Advice"
    assert set(identity_keys("file", "account").values()) >= {zephyr["id"]}
    assert len(set(identity_keys("file", "account").values())) == 3  # of four rows


def test_a_watched_folder_keeps_what_becomes_of_rows_that_look_like_records(
    dupont: int, tmp_path: Path, client: Client
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    write(folder, "accounts.csv", ROWS)
    with pytest.raises(Invalid):
        service.watch_folder(tmp_path / "none")
    first = service.watch_folder(folder)
    assert service.watch_folder(folder, look_alikes=Choice.LEAVE_OUT) == first
    make_user(Role.OPS_DIRECTOR, "olga")
    login(client, Role.OPS_DIRECTOR)
    page = client.get(reverse("site:schedules")).content.decode()
    assert "Watched folder · drop" in page
    assert f"{folder}. Rows that look like records: left out." in page
    (schedule,) = [one for one in schedules() if one.id == first]
    cursor: dict[str, Any] = {}
    for _step in range(10):
        step = WATCH.step(schedule.params, cursor)
        cursor = dict(step.cursor)
        if step.is_done:
            break
    assert step.is_done
    assert _names("account") == ["Boulangerie Martin", "Dupont & Fils SARL", "Other",
                                 "Zephyr Conseil"]  # fmt: skip


def test_the_command_says_what_becomes_of_rows_that_look_like_records(
    dupont: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_refresh", lambda: None)
    app = typer.Typer()
    app.command()(cli.import_command)
    words = [str(write(tmp_path, "a.csv", ROWS)), "--source", "file", "--look-alikes"]
    assert CliRunner().invoke(app, [*words, "perhaps"]).exit_code == 2
    done = CliRunner().invoke(app, [*words, "leave-out", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout[done.stdout.index("{") :])
    assert told["records"]["account"]["left_out"] == 2
    assert _names("account") == ["Boulangerie Martin", "Dupont & Fils SARL", "Other",
                                 "Zephyr Conseil"]  # fmt: skip


def test_how_rare_a_word_is_is_counted_alike_by_the_build_and_by_the_check(
    dupont: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = create("account", name="Dupont Logistique")
    build()
    with following.opened() as (counting, _is_whole):
        assert counting is not None
        often = Asking(counting).often("account", "dupont")
    monkeypatch.setattr(following, "COMMON", 2)
    build()
    with following.opened() as (index, _is_whole):
        assert index is not None
        assert Asking(index).often("account", "dupont") == often == len({dupont, later})
        assert index.db.execute("SELECT MAX(records) FROM common").fetchone() == (2,)
        index.db.execute("DROP TABLE common")  # an index of before it had one
    assert ids("account", name="Dupont & Fils") == [dupont]
