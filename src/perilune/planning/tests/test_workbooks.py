"""Workbooks of a plan: out and back without loss, merged cell by cell, every wrong cell named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.kernel import sheets
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.people.service import note_import
from perilune.people.testing import Cast
from perilune.planning import queries, service
from perilune.planning.contracts import (
    KEEP,
    Content,
    Hire,
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
from perilune.planning.queries.plain_sheets import Reading, plain_cells
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.queries.sheet_values import amount_in, months_in
from perilune.planning.queries.workbooks import inputs_of
from perilune.planning.service.workbook_paper import FIRST, HEAD
from perilune.planning.service.workbook_reading import workbook_cells, workbook_facts
from perilune.store import service as store

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": "director", "scope": Scope.company()}
OTHER: dict[str, Any] = {"actor": "analyst", "scope": Scope.company()}
TODAY = date(2025, 12, 15)


@pytest.fixture
def plan(cast: Cast) -> int:
    """90,000 a month over three reps and a planned hire of two, reconciled."""
    org = cast.organisation
    store.refresh()
    note_import(TODAY)
    made = service.create_plan("Plan 2026", 2026, **BY)
    places = {Place(Level.OPERATING, "company", month): 90_000_00 for month in range(1, 13)}
    service.set_cells(made, 1, places, **BY)
    service.set_rule(made, _edition(made), UnitRow(f"team:{org.north}", over=2_500), **BY)
    for rep, weight in ((org.rita, 1.0), (org.rolf, 1.7), (org.sara, 2.3)):
        service.set_rule(made, _edition(made), UnitRow(f"rep:{rep}", weight=weight), **BY)
    hire = Hire(org.south, date(2026, 3, 1), heads=2)
    service.people_add(made, _edition(made), hire, **BY)
    assert service.reconcile(made, _edition(made), **BY) == []
    service.change_plan(made, _edition(made), shared_with=["analyst"], **BY)
    return made


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


# -- plain sheets ----------------------------------------------------------------------------------


def _sheet(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as out:
        page = out.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path


def test_a_plain_sheet_is_read_by_its_titles_in_both_languages(
    plan: int, cast: Cast, tmp_path: Path
) -> None:
    org = cast.organisation
    rows: list[list[Any]] = [
        ["Quotas 2026"], [],
        ["Équipe", "Commercial", "Mois", "Montant", "Devise"],
        ["North", "rita", "2026-01", "1 234,56", "EUR"],
        ["North", "Rolf", "mars 2026", "2\u202f000 €", ""],
        ["South", "Sara", "2026-T2", 90_000.03, "EUR"],
        ["North", "", "01/2026", 50_000, "EUR"],
    ]  # fmt: skip
    read = service.read_file(plan, _sheet(tmp_path / "q.xlsx", rows), "q.xlsx", **BY)
    street = {p: m for p, m in read.cells.items() if p.level is Level.STREET}
    assert street[Place(Level.STREET, f"rep:{org.rita}", 1)] == 123_456
    assert street[Place(Level.STREET, f"rep:{org.rolf}", 3)] == 200_000
    quarter = [street[Place(Level.STREET, f"rep:{org.sara}", m)] or 0 for m in (4, 5, 6)]
    assert sum(quarter) == 9_000_003, "a quarter is shared over its months to the cent"
    assert read.cells[Place(Level.OPERATING, f"team:{org.north}", 1)] == 5_000_000
    assert len(read.cells) == 6


def test_every_wrong_cell_of_a_plain_sheet_is_named(plan: int, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Unit", "Rep", "Month", "Amount", "Currency"],
        ["North", "Hervé", "2026-01", 1, "EUR"],
        ["", "", "2026-01", 1, "EUR"],
        ["North", "Rita", "2026-02", -1, "EUR"],
        ["North", "Rita", "2026-03", 1, "CHF"],
        ["North", "Rita", "2026-Q4", 30, "EUR"],
        ["North", "Rita", "2026-11", 10, "EUR"],
        ["North", "Rita", "2026-05", "a lot", "EUR"],
        ["North", "Rita", "2027-05", 1, "EUR"],
        ["East", "", "2026-05", 1, "EUR"],
    ]
    with pytest.raises(Invalid, match="Wrong cells: 8") as error:
        service.read_file(plan, _sheet(tmp_path / "q.xlsx", rows), "q.xlsx", **BY)
    assert {p.field: p.message % p.params for p in error.value.problems} == {
        "B2": "The plan has no rep “Hervé”.",
        "B3": "This quota has no owner: name a unit or a rep.",
        "D4": "“-1” is negative: a target or quota is not.",
        "E5": "There is no budget rate for CHF on 2026-03-01.",
        "D7": "This period overlaps that of D6, of the same unit.",
        "D8": "“a lot” is not an amount.",
        "C9": "“2027-05” is not a month or longer of 2026.",
        "A10": "The plan has no unit or rep “East”.",
    }
    nothing = _sheet(tmp_path / "n.xlsx", [["a", "b"], [1, 2]])
    with pytest.raises(Invalid, match="No row of titles"):
        service.read_file(plan, nothing, "n.xlsx", **BY)


@given(minor=st.integers(0, 10**15), currency=st.sampled_from(["EUR", "JPY"]))
def test_an_amount_is_read_as_each_language_writes_it(minor: int, currency: str) -> None:
    places = 0 if currency == "JPY" else 2
    whole, cents = divmod(minor, 10**places)
    for blank, mark in ((" ", ","), ("\u202f", ","), ("\xa0", "."), ("", ","), ("'", ".")):
        text = f"{whole:,}".replace(",", blank) + (f"{mark}{cents:02d}" if places else "")
        assert amount_in(text, currency) == minor
        assert amount_in(f"{text}\xa0€" if currency == "EUR" else text, currency) == minor
    if whole >= 1_000_000:
        assert amount_in(f"{whole:,}" + (f".{cents:02d}" if places else ""), currency) == minor


def test_what_can_be_read_in_two_ways_is_asked_back(cast: Cast) -> None:
    for text in ("1,234", "1.234", "12,345", "1,23,4", "1.2.3", "12e5", "true", "--1"):
        with pytest.raises(Invalid):
            amount_in(text, "EUR")
    calendar = company().calendar
    read: dict[Any, int] = {"2026-03": 3, "03/2026": 3, "Mars 2026": 3, "août": 8, "Dec. 2026": 12}
    for cell, month in (read | {7: 7, date(2026, 3, 31): 3, "2026-02-28": 2}).items():
        assert list(months_in(cell, calendar, 2026)) == [month], cell
    assert list(months_in("2026", calendar, 2026)) == list(range(1, 13))


def test_the_layout_of_finance_comes_back_without_a_change(plan: int, tmp_path: Path) -> None:
    path = tmp_path / "finance.xlsx"
    found = queries.plan(plan, Scope.company(), "director")
    with path.open("wb") as file:
        service.write_finance(found, file)
    rows = sheets.cells(path, sheets.names(path)[0])
    assert rows[0][:5] == ["Plan", "Level", "Unit", "Rep", "Month"]
    total = sum(row[5] for row in rows[1:] if row[1] == "street" and row[3])
    assert round(total * 100) == found.content.year(Level.STREET, "company")
    read = service.read_file(plan, path, "finance.xlsx", **BY)
    assert read.changed == {} and len(read.cells) > 12 * 5


def test_a_sheet_reads_against_what_one_sees_alone(cast: Cast) -> None:
    here = company()
    from perilune.people.queries import budget_rates

    given_ = Reading(
        Content(units={"rep:7": UnitRow("rep:7")}), {"rep:7": "Zoë"}, 2026, "EUR", here.calendar,
        budget_rates(here.today, "EUR"),
    )  # fmt: skip
    titles = ["Rep", "2026-01 (EUR)", "2026-02 (EUR)"]
    rows: list[list[Any]] = [titles, ["zoe", 5, ""], ["Sara", 5, 6]]
    cells, wrong = plain_cells(rows, given_)
    assert cells == {Place(Level.STREET, "rep:7", 1): 500, Place(Level.STREET, "rep:7", 2): None}
    assert [one.field for one in wrong] == ["A3"]
