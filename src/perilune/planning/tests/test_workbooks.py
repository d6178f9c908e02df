"""Workbooks of a plan: out and back without loss, merged cell by cell, every wrong cell named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.kernel import sheets
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.people.service import note_import
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.cli import app as plan_app
from perilune.planning.contracts import (
    KEEP,
    Content,
    Level,
    LoadedPlan,
    Place,
    PlanHead,
    PlanState,
    Returned,
    UnitRow,
    Workbook,
)
from perilune.planning.queries.merging import decided, merged
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.queries.workbooks import inputs_of
from perilune.planning.service.workbook_paper import FIRST, HEAD
from perilune.planning.service.workbook_reading import workbook_cells, workbook_facts
from perilune.planning.tests.conftest import sheet_of

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": "director", "scope": Scope.company()}
OTHER: dict[str, Any] = {"actor": "analyst", "scope": Scope.company()}
TODAY = date(2025, 12, 15)


def _edition(plan: int) -> int:
    return loaded_plan(plan).head.edition


def _amount(plan: int, place: Place) -> int | None:
    return loaded_plan(plan).content.amount(*place)


def _handed(plan: int, who: str, folder: Path, **by: Any) -> tuple[Workbook, Path]:
    found = loaded_plan(plan)
    names = queries.unit_names(found.content)
    holder = queries.holder_named(found.content, names, who, company().today)
    book = service.hand_out(plan, holder, **(by or BY))
    path = folder / f"{book.id}.xlsx"
    with path.open("wb") as file:
        service.write_workbook(book, found.head, found.content, names, file)
    return book, path


def _typed(path: Path, cells: dict[tuple[str, int], Any]) -> Path:
    """Return a copy of a workbook as somebody would send it back: values and hidden sheet alone."""
    made = path.with_name(f"{path.stem}-back.xlsx")
    with xlsxwriter.Workbook(made) as out:
        for name in sheets.names(path, with_hidden=True):
            page = out.add_worksheet(name)
            if name.startswith("_"):
                page.hide()
            for at, row in enumerate(sheets.cells(path, name)):
                key = str(row[0]) if row else ""
                for column, value in enumerate(row):
                    new = cells.get((key, column - FIRST + 1), value) if at > HEAD else value
                    if new != "":
                        page.write(at, column, new)
    return made


def _send(plan: int, path: Path, **by: Any) -> Returned:
    return service.receive_file(plan, path, path.name, **(by or BY))


def _merge(plan: int, choices: dict[Place, int] | None = None, **by: Any) -> Any:
    found = queries.waiting(plan, Scope.company(), "director")
    ids = [one.id for one in found.files]
    return service.merge_returns(plan, _edition(plan), ids, choices or {}, **(by or BY))


# -- out and back ----------------------------------------------------------------------------------


def test_a_leaders_workbook_holds_their_units_alone_with_sums_as_formulas(
    plan: int, cast: Cast, tmp_path: Path
) -> None:
    import zipfile

    org = cast.organisation
    book, path = _handed(plan, "Nora", tmp_path)
    assert book.units == (f"team:{org.north}",)
    keys = {place.unit for place in book.base}
    assert keys == {f"team:{org.north}", f"rep:{org.rita}", f"rep:{org.rolf}"}
    rows = sheets.cells(path, "Plan 2026")
    shown = {row[1]: row for row in rows[HEAD + 1 :]}
    assert "Sara" not in shown
    # cached values: what is below, and what is left of 125 % of the target
    below = shown["Sum of the rows below"][FIRST]
    assert below == pytest.approx(shown["Rita"][FIRST] + shown["Rolf"][FIRST])
    assert shown["Still to share out"][FIRST] == pytest.approx(0, abs=0.005)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert 'state="veryHidden"' in archive.read("xl/workbook.xml").decode()
    assert "<sheetProtection" in sheet
    assert sheet.count("<f>") == 12 * 2 + 5  # two sums by month, a year for each of five rows


def test_a_workbook_that_comes_back_untouched_changes_nothing(plan: int, tmp_path: Path) -> None:
    before = _edition(plan)
    for who in ("company", "Nora", "Rita", "Sami"):
        _book, path = _handed(plan, who, tmp_path)
        for sent in (path, _typed(path, {})):
            read = service.read_file(plan, sent, "x.xlsx", **BY)
            assert read.changed == {}, who
            _send(plan, sent)
    assert queries.waiting(plan, Scope.company(), "director").merge.is_empty
    taken = _merge(plan)
    assert (taken.count, taken.edition, _edition(plan)) == (0, before, before)


_AMOUNT = st.one_of(st.none(), st.integers(0, 10**15))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts=st.lists(_AMOUNT, min_size=12 * 5, max_size=12 * 5),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    name=st.text(min_size=1, max_size=20),
)
def test_no_amount_and_no_unit_is_lost_on_the_way_out_and_back(
    cast: Cast, tmp_path: Path, amounts: list[int | None], currency: str, name: str
) -> None:
    team = UnitRow("team:1", "company", over=1_250)
    rows = (UnitRow("company"), team, UnitRow("rep:7", "team:1"), UnitRow("rep:-3", "team:1"))
    content = Content(units={row.unit: row for row in rows})
    places = list(inputs_of(content, ["company"], 12))
    base = dict(zip(places, amounts, strict=True))
    head = PlanHead(1, "P", 2026, currency, PlanState.DRAFT, "director", 1, company().today,
                    datetime(2025, 12, 1, tzinfo=UTC))  # fmt: skip
    book = Workbook(1, "k", 1, name, ("company",), 1, "director", head.made_at, base)
    path = tmp_path / "out.xlsx"
    with path.open("wb") as file:
        service.write_workbook(book, head, content, {"rep:7": name, "team:1": name}, file)
    facts, keys = workbook_facts(path, "out.xlsx")
    found = LoadedPlan(head, content)
    cells, wrong = workbook_cells(path, facts, keys, found)
    assert wrong == [] and cells == base


def test_what_a_leader_types_becomes_one_edition_that_is_taken_back_whole(
    plan: int, cast: Cast, tmp_path: Path
) -> None:
    rita = f"rep:{cast.organisation.rita}"
    first, second = Place(Level.STREET, rita, 1), Place(Level.STREET, rita, 2)
    old = _amount(plan, first)
    _book, path = _handed(plan, "Nora", tmp_path)
    before = _edition(plan)
    _send(plan, _typed(path, {(f"street|{rita}", 1): 12345.67, (f"street|{rita}", 2): "1 000,50"}))
    merge = queries.waiting(plan, Scope.company(), "director").merge
    change = merge.changes[0]
    assert (change.place, change.before, change.who) == (first, old, ("Nora",))
    assert _amount(plan, first) == old, "a preview writes nothing"
    taken = _merge(plan)
    assert (taken.count, taken.edition) == (2, before + 1)
    assert (_amount(plan, first), _amount(plan, second)) == (1_234_567, 100_050)
    assert queries.waiting(plan, Scope.company(), "director").files == ()
    service.undo_plan(plan, _edition(plan), **BY)
    assert _amount(plan, first) == old


# -- merging ---------------------------------------------------------------------------------------


def test_several_workbooks_merge_and_what_they_say_differently_is_chosen(
    plan: int, cast: Cast, tmp_path: Path
) -> None:
    org = cast.organisation
    rita, sara = f"rep:{org.rita}", f"rep:{org.sara}"
    place, other = Place(Level.STREET, rita, 1), Place(Level.STREET, sara, 1)
    old = _amount(plan, place)
    _b, north = _handed(plan, "Nora", tmp_path)
    _b, region = _handed(plan, "Lea", tmp_path)
    _b, south = _handed(plan, "Sami", tmp_path)
    # somebody types meanwhile
    service.set_cells(plan, _edition(plan), {place: 500_00}, **OTHER)
    one = _send(plan, _typed(north, {(f"street|{rita}", 1): 100}))
    _send(plan, _typed(region, {(f"street|{rita}", 1): 200, (f"street|{rita}", 2): 7}))
    _send(plan, _typed(south, {(f"street|{sara}", 1): 300}))
    merge = queries.waiting(plan, Scope.company(), "director").merge
    (clash,) = merge.clashes
    assert (clash.place, clash.now, clash.now_by) == (place, 500_00, "analyst")
    assert [(s.who, s.old, s.minor) for s in clash.said] == [
        ("Nora", old, 100_00), ("Lea", old, 200_00),
    ]  # fmt: skip
    assert {c.place for c in merge.changes} == {other, Place(Level.STREET, rita, 2)}
    with pytest.raises(Invalid, match="not decided yet: 1"):
        _merge(plan)
    _merge(plan, {place: one.id})
    assert (_amount(plan, place), _amount(plan, other)) == (100_00, 300_00)


def test_a_preview_that_is_no_longer_true_writes_nothing(
    plan: int, cast: Cast, tmp_path: Path
) -> None:
    rita = f"rep:{cast.organisation.rita}"
    _b, path = _handed(plan, "Nora", tmp_path)
    sent = _send(plan, _typed(path, {(f"street|{rita}", 1): 100}))
    seen = _edition(plan)
    service.set_cells(plan, seen, {Place(Level.STREET, rita, 5): 1}, **OTHER)
    with pytest.raises(Conflict, match="analyst changed this plan meanwhile"):
        service.merge_returns(plan, seen, [sent.id], {}, **BY)
    again = _send(plan, _typed(path, {(f"street|{rita}", 1): 200}))
    with pytest.raises(Conflict, match="no longer waits"):
        service.merge_returns(plan, _edition(plan), [sent.id], {}, **BY)
    service.drop_return(plan, again.id, **BY)
    assert queries.waiting(plan, Scope.company(), "director").files == ()


_PLACES = [Place(Level.STREET, f"rep:{n}", m) for n in (1, 2) for m in (1, 2)]
_SAID = st.dictionaries(st.sampled_from(_PLACES), st.one_of(st.none(), st.integers(0, 3)))


@given(now=_SAID, files=st.lists(st.tuples(_SAID, _SAID), max_size=3))
def test_merging_asks_wherever_two_differ_and_loses_nobodys_amount(
    now: dict[Place, int | None], files: list[tuple[Any, Any]]
) -> None:
    sent = [
        Returned(at, f"L{at}", "f", 1, {p: base.get(p) for p in _PLACES},
                 {p: base.get(p) for p in _PLACES} | said)
        for at, (base, said) in enumerate(files, 1)
    ]  # fmt: skip
    found = merged(now, sent)
    taken = decided(found, {clash.place: KEEP for clash in found.clashes})
    asked = {clash.place for clash in found.clashes}
    for place in _PLACES:
        wanted = {one.cells[place] for one in sent if place in one.changed}
        if place in asked:
            assert place not in taken
        elif wanted:
            (each,) = wanted
            assert taken.get(place, now.get(place)) == each
        else:
            assert place not in taken, "what nobody changed stays"
    backwards = merged(now, sent[::-1])
    assert [replace(c, who=()) for c in backwards.changes] == [
        replace(c, who=()) for c in found.changes
    ]
    assert {c.place for c in backwards.clashes} == asked and backwards.same == found.same


def test_a_workbook_after_the_lock_is_refused_by_name_and_day(plan: int, tmp_path: Path) -> None:
    _b, path = _handed(plan, "Nora", tmp_path)
    service.lock_workbooks(plan, _edition(plan), TODAY, **BY)
    service.read_file(plan, path, "north.xlsx", **BY)
    note_import(TODAY + timedelta(days=1))
    with pytest.raises(Invalid) as error:
        service.receive_file(plan, path, "north.xlsx", **BY)
    assert str(error.value).replace("\xa0", " ") == (
        "The workbook of “Nora” came on Dec 16, 2025: they were taken until Dec 15, 2025."
    )


def test_a_workbook_of_elsewhere_or_taken_apart_is_refused_by_name(
    plan: int, cast: Cast, tmp_path: Path
) -> None:
    rita = f"rep:{cast.organisation.rita}"
    other = service.clone_plan(plan, "Other", **BY)
    _b, path = _handed(plan, "Nora", tmp_path)
    with pytest.raises(Invalid, match="is a workbook of “Plan 2026”"):
        service.read_file(other, path, "n.xlsx", **BY)
    bad = _typed(path, {(f"street|{rita}", 1): "soon", (f"street|{rita}", 3): -5,
                        (f"street|{rita}", 4): "1,234"})  # fmt: skip
    with pytest.raises(Invalid, match="Wrong cells: 3") as error:
        service.read_file(plan, bad, "n.xlsx", **BY)
    assert [(p.field, p.message % p.params) for p in error.value.problems] == [
        ("D9", "“soon” is not an amount."),
        ("F9", "“-5” is negative: a target or quota is not."),
        ("G9", "“1,234” can be read in two ways: write it without a mark between thousands."),
    ]
    nora = scope_for(cast.sales_manager)
    with pytest.raises(Refused, match="beyond your reps"):
        _handed(plan, "Sami", tmp_path, actor="director", scope=nora)
    _b, south = _handed(plan, "Sami", tmp_path)
    sent = _send(plan, south)
    for verb in (
        lambda: service.drop_return(plan, sent.id, actor="director", scope=nora),
        lambda: service.merge_returns(
            plan, _edition(plan), [sent.id], {}, actor="director", scope=nora
        ),
    ):
        with pytest.raises(Refused, match="beyond your reps"):
            verb()
    assert queries.waiting(plan, nora, "director").files == ()


# -- pages and commands ----------------------------------------------------------------------------


def test_the_page_hands_out_takes_back_and_writes_by_choice(
    plan: int, cast: Cast, tmp_path: Path, client: Client
) -> None:
    rita = f"rep:{cast.organisation.rita}"
    place = Place(Level.STREET, rita, 1)
    login(client, "analyst")
    where = f"/plan/{plan}/workbooks/"
    made = client.post(f"{where}out/", {"for": "every"}, follow=True).content.decode()
    assert "3 workbooks made" in made and ">Nora<" in made
    book = next(b for b in queries.workbooks(plan, **_as("analyst")) if b.holder == "Nora")
    path = tmp_path / "north.xlsx"
    answer: Any = client.get(f"{where}{book.id}.xlsx")
    path.write_bytes(b"".join(answer.streaming_content))
    service.set_cells(plan, _edition(plan), {place: 500_00}, **BY)
    sent = _typed(path, {(f"street|{rita}", 1): 600, (f"street|{rita}", 2): 700})
    bad = sheet_of(tmp_path / "bad.xlsx", [["Rep", "Month", "Amount"], ["Zed", "2026-01", 1]])
    with sent.open("rb") as one, bad.open("rb") as other:
        told = client.post(f"{where}take/", {"files": [one, other]})
    page = told.content.decode()
    assert told.status_code == 422 and "The plan has no rep “Zed”." in page
    assert f'name="pick|{place.key}"' in page and "changed by director since" in page
    (file,) = queries.waiting(plan, **_as("analyst")).files
    posted = {"edition": _edition(plan), "file": file.id}
    undecided = client.post(f"{where}merge/", posted, follow=True).content.decode()
    assert "not decided yet: 1" in undecided and _amount(plan, place) == 500_00
    done = client.post(f"{where}merge/", posted | {f"pick|{place.key}": file.id}, follow=True)
    assert "2 amounts written as one edition" in done.content.decode()
    assert _amount(plan, place) == 600_00
    locked = {"edition": _edition(plan), "lock_on": "2025-12-31"}
    client.post(f"{where}lock/", locked)
    assert loaded_plan(plan).head.lock_on == date(2025, 12, 31)
    other_client = Client()
    login(other_client, "sales_manager")
    assert other_client.get(where).status_code == 404, "a draft is its circle's"


def _as(username: str) -> dict[str, Any]:
    return {"scope": Scope.company(), "actor": username}


def test_the_command_line_previews_asks_and_imports(plan: int, cast: Cast, tmp_path: Path) -> None:
    rita = f"rep:{cast.organisation.rita}"
    place, out = Place(Level.STREET, rita, 1), tmp_path / "n.xlsx"
    run = CliRunner().invoke
    app = plan_app
    assert run(app, ["workbook", str(plan), "--for", "north", "--out", str(out)]).exit_code == 0
    sent = str(_typed(out, {(f"street|{rita}", 1): 600}))
    before = _amount(plan, place)
    seen = run(app, ["import", str(plan), sent, "--dry-run", "--json"])
    document = json.loads(seen.stdout)
    assert (document["written"], _amount(plan, place)) == (0, before)
    (change,) = document["changes"]
    assert (change["unit"], change["month"], change["after"]) == (rita, "2026-01", "600.00")
    service.set_cells(plan, _edition(plan), {place: 500_00}, **BY)
    asked = run(app, ["import", str(plan), sent, "--json"])
    assert asked.exit_code == 1 and json.loads(asked.stdout)["conflicts"][0]["now"] == "500.00"
    assert run(app, ["import", str(plan), sent, "--take", "theirs"]).exit_code == 0
    assert _amount(plan, place) == 600_00
    bad = sheet_of(tmp_path / "bad.xlsx", [["Rep", "Month", "Amount"], ["Zed", "2026-01", 1]])
    wrong = run(app, ["import", str(plan), str(bad), "--json"])
    assert wrong.exit_code == 1 and json.loads(wrong.stdout)["wrong"][0]["cell"] == "A2"
