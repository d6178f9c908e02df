"""Targets and quotas from a plain sheet: columns by names, nothing guessed, all wrong named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.kernel import sheets
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.queries import budget_rates, company
from perilune.people.testing import Cast
from perilune.planning import queries, service
from perilune.planning.contracts import Content, Level, Place, UnitRow
from perilune.planning.queries.plain_sheets import Reading, plain_cells
from perilune.planning.queries.sheet_values import amount_in, months_in
from perilune.planning.tests.conftest import sheet_of

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": "director", "scope": Scope.company()}


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
    read = service.read_file(plan, sheet_of(tmp_path / "q.xlsx", rows), "q.xlsx", **BY)
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
        service.read_file(plan, sheet_of(tmp_path / "q.xlsx", rows), "q.xlsx", **BY)
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
    nothing = sheet_of(tmp_path / "n.xlsx", [["a", "b"], [1, 2]])
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
    given_ = Reading(
        Content(units={"rep:7": UnitRow("rep:7")}), {"rep:7": "Zoë"}, 2026, "EUR", here.calendar,
        budget_rates(here.today, "EUR"),
    )  # fmt: skip
    titles = ["Rep", "2026-01 (EUR)", "2026-02 (EUR)"]
    rows: list[list[Any]] = [titles, ["zoe", 5, ""], ["Sara", 5, 6]]
    cells, wrong = plain_cells(rows, given_)
    assert cells == {Place(Level.STREET, "rep:7", 1): 500, Place(Level.STREET, "rep:7", 2): None}
    assert [one.field for one in wrong] == ["A3"]
