"""Erasure wins over history (rule 34): of a person no byte is left, of the figures every one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connections
from django.db.models import Q
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from perilune.crm.models import Contact
from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.history.models import CustomField
from perilune.hub import queries as hub_queries
from perilune.hub import service as hub
from perilune.hub.models import RowProblem
from perilune.hub.service import merging
from perilune.hub.testing import imported, write
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Refused
from perilune.kernel.kinds import FieldType
from perilune.kernel.scope import Scope
from perilune.people.models import User
from perilune.people.testing import make_company
from perilune.privacy import service
from perilune.privacy.contracts import DossierState, Ground
from perilune.privacy.models import Dossier, Suppressed
from perilune.privacy.testing import erased, looked_for
from perilune.store import queries as store_queries
from perilune.store import service as store
from perilune.territories.models import Snapshot
from perilune.territories.models.packing import unpack_texts
from tests.journeys import persons
from tests.journeys.persons import FIRST, Someone, Standing

pytestmark = pytest.mark.django_db(transaction=True)

DAYS = (0, 3, 10, 45, 70)
LETTERS = "bdfgklmnprtvàéèêïôüçñ"


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.PERILUNE_HOME = tmp_path
    make_company()
    if not CustomField.objects.filter(key="note").exists():
        history_service.custom_field_add("contact", "note", "Note", FieldType.TEXT)
    return tmp_path


def names() -> st.SearchStrategy[str]:
    # words of their own: a look must not find them in the schema of a database
    return st.text(LETTERS, min_size=5, max_size=9).map(str.title)


@st.composite
def someones(draw: st.DrawFn) -> Someone:
    first, last = draw(names()), draw(names())
    tail = draw(st.integers(10_000_000, 99_999_999))
    mail = draw(st.text("abcdefghijk", min_size=8, max_size=12))
    return Someone(first, last, f"{mail}@{mail[::-1]}.example", f"06{tail}")


def facts_of(versions: list[int]) -> dict[str, Any]:
    """Return every figure of a home: counts, sums and dates as of many days, on kept versions."""
    told: dict[str, Any] = {}
    for kind, of in (
        ("contact", ("account_id",)), ("lead", ("contact_id", "company")),
        ("opportunity", ("amount", "contact_id", "account_id", "owner_id")),
        ("activity", ("minutes", "contact_id", "type")), ("rep", ("hire_date",)),
    ):  # fmt: skip
        for days in DAYS:
            at = FIRST + timedelta(days=days)
            told[f"{kind} {days}"] = {
                record_id: tuple(state[name] for name in of)
                for record_id, state in history.states_as_of(kind, None, at).items()
            }
            as_of = AsOf(at, at.date())
            for version in (None, *versions):
                columns = ", ".join(of)
                found = store_queries.run_sql(
                    f"SELECT id, {columns} FROM {kind} ORDER BY id",
                    scope=Scope.company(), as_of=as_of, version=version,
                )  # fmt: skip
                told[f"store {version and versions.index(version)} {kind} {days}"] = found.rows
    return told


def bytes_of(home: Path) -> Iterator[tuple[str, bytes]]:
    """Give everything on disk: files of the home and its databases, unpacked where packed."""
    for alias in connections:
        yield from _of_database(alias)
    for path in (path for path in home.rglob("*") if path.is_file()):
        name = str(path.relative_to(home))
        yield name, name.encode() + path.read_bytes()
        if path.suffix == ".parquet":
            yield name, repr(pq.read_table(path).to_pydict()).encode()
    for row in Snapshot.objects.all():
        yield "snapshot", repr(unpack_texts(row.names)).encode()


def _of_database(alias: str) -> Iterator[tuple[str, bytes]]:
    connection = connections[alias]
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        for each in path.parent.glob(f"{path.name}*"):
            yield str(each), each.read_bytes()
        return
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            yield name, repr(cursor.fetchall()).encode()


def left_of(who: Someone, home: Path) -> list[tuple[str, str]]:
    """Return (place, spelling) of whatever of a person is still on disk."""
    wanted = set()
    for text in (*who.spellings, f"{who.last} {who.first}", f"old.{who.email}"):
        for form in (text, text.lower(), text.upper()):
            wanted |= {form.encode(), form.encode("unicode-escape"), form.encode("utf-16-le")}
            with suppress(UnicodeEncodeError):
                wanted.add(form.encode("latin-1"))
    return [
        (place, repr(form)) for place, data in bytes_of(home) for form in wanted if form in data
    ]


@settings(
    max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(who=someones(), other=someones(), is_pinned=st.booleans())
def test_of_an_erased_person_no_byte_is_left_and_every_figure_of_every_day_stands(
    home: Path, who: Someone, other: Someone, is_pinned: bool
) -> None:
    if {who.first, who.last} & {other.first, other.last} or who.email == other.email:
        return
    names = [who.first, who.last, other.first, other.last]
    if Contact.objects.filter(Q(first_name__in=names) | Q(last_name__in=names)).exists():
        return  # somebody of an example before still stands, and is not the one to erase
    account = persons.write("account", {"name": "Acme"})
    number = account
    one = persons.stand(who, home, account=account, number=number)
    neighbour = persons.stand(other, home, account=account, number=number + 500)
    versions = [*one.versions, *neighbour.versions] if is_pinned else []
    before = facts_of(versions)
    assert left_of(who, home)  # the search finds what there is to find
    dossier = erased(one.records)
    assert dossier.proof["remains"] == []
    assert DossierState(dossier.state) is DossierState.DONE
    assert left_of(who, home) == []
    assert facts_of(versions) == before
    state = history.state_as_of("contact", neighbour.contact)
    assert state is not None and (state["name"], state["email"]) == (other.name, other.email)
    _a_rebuilt_store_says_the_same(versions)


def _a_rebuilt_store_says_the_same(versions: list[int]) -> None:
    def texts() -> list[tuple[Any, ...]]:
        as_of = AsOf(FIRST + timedelta(days=45), (FIRST + timedelta(days=45)).date())
        sql = "SELECT id, name, email, phone FROM contact ORDER BY id"
        return store_queries.run_sql(sql, scope=Scope.company(), as_of=as_of).rows

    as_rewritten = texts()
    store.rebuild()
    assert texts() == as_rewritten


ZOE = Someone("Zoé", "Quémeneur", "zoe.quemeneur@fjord.example", "0612345678")
SON = Someone("Yann", "Quémeneur", "yann@fjord.example", "0687654321")


def a_person(home: Path, who: Someone = ZOE) -> Standing:
    account = persons.write("account", {"name": "Fjord"})
    return persons.stand(who, home, account=account, number=account)


def test_neither_an_import_nor_a_merge_taken_back_brings_them_back(home: Path) -> None:
    account = persons.write("account", {"name": "Fjord"})
    rows = "Name,E-mail,Phone,Account\n"
    mine = f"{ZOE.name},{ZOE.email},{ZOE.phone},Fjord\n"
    folder = home / "uploads" / "one"
    folder.mkdir(parents=True)
    first = write(folder, "contacts.csv", rows + mine + "Bea Bo,bea@b.example,,Fjord\n")
    imported(first, source="crm", as_of="2026-02-01")
    (known,) = history.find_by_title("contact", [ZOE.name]).values()
    twin = persons.write("contact", {"name": "Zoe Quemeneur", "account_id": account}, days=50)
    merged = merging.merge("contact", [known, twin], kept=known, actor="ana").change_set_id
    erased([("contact", known)])
    assert not first.exists()
    merging.merge_undo(merged, actor="ana")
    names = {state["name"] for state in history.states_as_of("contact", None).values()}
    assert names == {f"Erased person {known}", f"Erased person {twin}", "Bea Bo"}

    deals = (
        "Id,Name,Contact,Amount,Close date,Next step\n"
        f"1,Sea,{ZOE.name},5000,2026-03-01,ring {ZOE.name} at {ZOE.phone} or {ZOE.email}\n"
    )
    folder = home / "uploads" / "two"
    folder.mkdir()
    again = write(folder, "contacts.csv", rows + mine + "Bea Bo,bea@b.example,12,Fjord\n")
    run = imported(again, source="crm", as_of="2026-03-01", is_forced=True)
    assert run.counts["contact"]["withheld"] == 1
    imported(write(folder, "deals.csv", deals), source="deals", as_of="2026-03-01")
    contacts = history.states_as_of("contact", None)
    assert {state["name"] for state in contacts.values()} == names
    (deal,) = history.states_as_of("opportunity", None).values()
    assert deal["contact_id"] in (None, known)
    assert deal["next_step"] == "ring [erased] at [erased] or [erased]"
    assert not again.exists()  # the file that would have brought her back is gone
    assert not any(ZOE.email in row.raw + row.key for row in RowProblem.objects.all())


@pytest.mark.once
def test_somebody_of_the_same_name_with_an_address_of_their_own_comes_in(home: Path) -> None:
    standing = a_person(home)
    erased(standing.records)
    rows = f"Name,E-mail,Phone,Account\n{ZOE.name},another.zoe@other.example,,Fjord\n"
    folder = home / "uploads" / "three"
    folder.mkdir(parents=True)
    imported(write(folder, "contacts.csv", rows), source="other", as_of="2026-03-01")
    assert "another.zoe@other.example" in {
        state["email"] for state in history.states_as_of("contact", None).values()
    }


@pytest.mark.once
def test_what_a_namesake_bears_too_stays_theirs_and_the_look_says_so(home: Path) -> None:
    standing = a_person(home)
    namesake = persons.write("contact", {"name": ZOE.name, "email": "other.zoe@else.example"})
    dossier = looked_for(standing.records)
    assert ["contact", namesake] in dossier.found["shared"]
    done = erased(standing.records)
    assert done.proof["remains"] == []
    state = history.state_as_of("contact", namesake)
    assert state is not None and state["name"] == ZOE.name
    assert ZOE.email not in repr(list(history.states_as_of("activity", None).values()))


@pytest.mark.once
def test_a_doubtful_text_is_changed_only_where_somebody_judged_it(home: Path) -> None:
    standing = a_person(home)
    dossier = looked_for(standing.records)
    doubtful = [m for m in dossier.found["mentions"] if not m[3]]
    assert [m[2] for m in doubtful] == ["subject"]  # «Lunch with Zoé»
    erased(standing.records, with_all=False)
    subjects = {s["subject"] for s in history.states_as_of("activity", None).values()}
    assert "Lunch with Zoé" in subjects


def test_a_rep_goes_with_their_user_and_the_bookings_stay(home: Path) -> None:
    rep, username = persons.a_rep(ZOE, 7)
    store.refresh()
    before = facts_of([])
    dossier = erased([("rep", rep)])
    assert dossier.proof["remains"] == []
    assert left_of(ZOE, home) == []
    assert facts_of([]) == before
    user = User.objects.get(rep_id=rep)
    assert (user.is_active, user.email, user.username) == (False, "", f"erased-{user.pk}")
    assert username not in {each.actor for each in history.recent_sets()}


def test_who_asks_does_not_approve(home: Path) -> None:
    standing = a_person(home)
    dossier = looked_for(standing.records, actor="asker")
    service.erasure_ask(dossier.id, ground=Ground.ASKED, chosen=[], actor="asker")
    with pytest.raises(Refused):
        service.erasure_approve(dossier.id, actor="asker")
    assert left_of(ZOE, home)


def test_an_erasure_killed_in_any_step_is_carried_on_to_its_end(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step may be cut short after what it wrote and before its place was kept."""
    standing = a_person(home)
    dossier = looked_for(standing.records)
    mentions = [service.Mention(*m) for m in dossier.found["mentions"]]
    service.erasure_ask(dossier.id, ground=Ground.ASKED, chosen=mentions, actor="asker")
    service.erasure_approve(dossier.id, actor="approver")
    monkeypatch.setattr("perilune.privacy.service.erasing.STEP_SECONDS", 0.0)
    monkeypatch.setattr("perilune.history.erasing.ROWS", 40)
    cursor: dict[str, Any] = {}
    for _step in range(2_000):
        params = {"dossier": dossier.id}
        service.ERASE.step(params, cursor)  # written, and its place forgotten: the power went
        result = service.ERASE.step(params, cursor)
        if result.is_done:
            break
        cursor = dict(result.cursor)
    done = Dossier.objects.get(id=dossier.id)
    assert DossierState(done.state) is DossierState.DONE, done.proof["remains"]
    assert (done.proof["remains"], done.sealed) == ([], "")
    assert left_of(ZOE, home) == []


@pytest.mark.once
def test_the_list_of_those_kept_out_holds_no_value_and_the_proof_neither(home: Path) -> None:
    erased(a_person(home).records)
    told = repr(list(Suppressed.objects.values())) + repr(list(Dossier.objects.values()))
    assert not any(text in told for text in ZOE.spellings)
    assert Suppressed.objects.filter(sort="email").exists()


@pytest.mark.once
def test_what_waits_for_another_import_is_not_raced(home: Path) -> None:
    standing = a_person(home)
    sample = write(home, "waiting.csv", f"Name,E-mail\n{ZOE.name},{ZOE.email}\n")
    run_id = hub.import_open(sample, source="late", as_of=datetime(2026, 3, 9, tzinfo=UTC).date())
    hub.import_read(run_id)
    sample.unlink()  # it lies outside of the home, in life
    erased(standing.records)
    assert hub_queries.run_info(run_id).state.value == "cancelled"
    assert left_of(ZOE, home) == []
