"""Read what comes back for a plan: a workbook by its keys, else a plain sheet by its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perilune.kernel import sheets
from perilune.kernel.errors import Invalid, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import budget_rates, company
from perilune.planning.contracts import PLAN_EDITABLE, LoadedPlan, Place, Returned
from perilune.planning.models import PlanWorkbook
from perilune.planning.queries.plain_sheets import Reading, plain_cells
from perilune.planning.queries.plans import (
    cut,
    loaded_plan,
    require_seen_plan,
    unit_names,
)
from perilune.planning.queries.sheet_values import amount_in, cell_name
from perilune.planning.queries.workbooks import amounts_of
from perilune.planning.service.plan_writing import wrong_plan_state
from perilune.planning.service.workbook_paper import FIRST, FORMAT, HEAD, HIDDEN, MARK
from perilune.ui import formats

MOST_BYTES = 20 * 2**20
MOST_TOLD = 50
"""Problems of a file that are told at a time."""


def read_return(
    plan_id: int, path: Path, name: str, *, actor: str, scope: Scope
) -> tuple[Returned, PlanWorkbook | None]:
    """Return what a file says, and the hand-out that it belongs to, None for a plain sheet.

    name: how the file is called. Invalid with every cell that is wrong (`Problem.field` names it);
    for a workbook of another plan or home, and for one that comes after the day of the lock.
    """
    found = loaded_plan(plan_id)
    seen = require_seen_plan(found, scope, actor)
    if found.head.state not in PLAN_EDITABLE:
        raise wrong_plan_state(found)
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(_("%(file)s is larger than 20 MB: this is no workbook of a plan."), file=name)
    sheets.check(path)
    if HIDDEN in sheets.names(path, with_hidden=True):
        return _workbook(found, path, name, seen)
    return _plain(found, path, name, seen), None


def _plain(found: LoadedPlan, path: Path, name: str, seen: frozenset[str]) -> Returned:
    here, head = company(), found.head
    visible = sheets.names(path)
    if not visible:
        raise Invalid(_("%(file)s has no sheet."), file=name)
    given = Reading(
        cut(found.content, seen, with_people=False),
        unit_names(found.content),
        head.year,
        head.currency,
        here.calendar,
        budget_rates(here.today, head.currency),
    )
    cells, wrong = plain_cells(sheets.cells(path, visible[0]), given)
    refuse(name, wrong)
    base = {place: found.content.amount(*place) for place in cells}
    return Returned(1, name, name, head.edition, base, cells)


def _workbook(
    found: LoadedPlan, path: Path, name: str, seen: frozenset[str]
) -> tuple[Returned, PlanWorkbook]:
    facts, keys = workbook_facts(path, name)
    row = PlanWorkbook.objects.filter(key=facts.get("workbook", "")).first()
    if row is None:
        raise Invalid(_("%(file)s was not handed out from here."), file=name)
    if row.plan_id != found.head.id:
        raise Invalid(_("%(file)s is a workbook of “%(plan)s”."), file=name, plan=row.plan.name)
    today, lock = company().today.day, found.head.lock_on
    if lock is not None and today > lock:
        raise Invalid(
            _("The workbook of “%(who)s” came on %(today)s: they were taken until %(day)s."),
            who=row.holder, today=formats.day(today), day=formats.day(lock),
        )  # fmt: skip
    base = amounts_of(row.base)
    if not {place.unit for place in base} <= seen:
        raise Refused(_("This concerns people beyond your reps: ask sales operations."))
    cells, wrong = workbook_cells(path, facts, keys, found)
    gone = {place.unit for place in base} - set(found.content.units)
    kept = {p: minor for p, minor in cells.items() if p in base and p.unit not in gone}
    refuse(name, wrong)
    return Returned(1, row.holder, name, row.edition, base, kept), row


def workbook_facts(path: Path, name: str) -> tuple[dict[str, str], list[str]]:
    """Return what the hidden sheet of a workbook says, and the keys of its rows."""
    facts: dict[str, str] = {}
    keys = []
    for line in sheets.cells(path, HIDDEN):
        label, text = (str(cell) for cell in [*line, "", ""][:2])
        if label == "row":
            keys.append(text)
        else:
            facts[label] = text
    if facts.get(MARK) != str(FORMAT):
        raise Invalid(_("%(file)s was not handed out from here."), file=name)
    return facts, keys


def workbook_cells(
    path: Path, facts: Mapping[str, str], keys: Sequence[str], found: LoadedPlan
) -> tuple[dict[Place, int | None], list[Problem]]:
    """Return the inputs of a workbook by their rows' keys, and what is wrong, cell by cell."""
    names = sheets.names(path)
    sheet = facts.get("sheet") if facts.get("sheet") in names else names[0]
    rows = sheets.cells(path, str(sheet))
    months = facts.get("months", "").split()
    titles = [str(cell) for cell in rows[HEAD][FIRST : FIRST + len(months)]] if rows[HEAD:] else []
    if titles != months:
        raise Invalid(
            _("The columns of the sheet were moved: row %(row)s has %(months)s no more."),
            row=HEAD + 1, months=", ".join(months),
        )  # fmt: skip
    cells: dict[Place, int | None] = {}
    wrong: list[Problem] = []
    met: dict[str, int] = {}
    known = frozenset(keys)
    for at, row in enumerate(rows[HEAD + 1 :], HEAD + 1):
        key = str(row[0])
        if key in met:
            text = _("This row is a copy of that of %(other)s.")
            params = {"other": cell_name(met[key], 1)}
            wrong.append(Problem(text, params, field=cell_name(at, 1), line=at + 1))
        elif key in known:
            met[key] = at
            places = [Place.of(f"{key}|{month}") for month in range(1, len(months) + 1)]
            said, bad = _line(at, row, places, found.head.currency)
            cells |= said
            wrong += bad
    missing = [key for key in keys if key not in met]
    if missing:
        text = _("Missing rows: %(count)s, “%(row)s” among them. Send the sheet with all its rows.")
        wrong.append(Problem(text, {"count": len(missing), "row": missing[0]}, field="A1"))
    return cells, wrong


def _line(
    at: int, row: Sequence[Any], places: Sequence[Place | None], currency: str
) -> tuple[dict[Place, int | None], list[Problem]]:
    cells: dict[Place, int | None] = {}
    wrong = []
    for column, place in enumerate(places, FIRST):
        try:
            if place is not None:
                cells[place] = amount_in(row[column] if column < len(row) else None, currency)
        except Invalid as error:
            where = cell_name(at, column)
            wrong.append(Problem(error.message, error.params, field=where, line=at + 1))
    return cells, wrong


def refuse(name: str, wrong: Sequence[Problem]) -> None:
    """Refuse a file with the cells that are wrong, the first of them told."""
    if wrong:
        facts: dict[str, Any] = {"file": name, "count": len(wrong)}
        text = _("%(file)s was not taken. Wrong cells: %(count)s.")
        raise Invalid(text, tuple(wrong[:MOST_TOLD]), **facts)
