"""The tables of a forecast meeting in the words of the pack: those of its pages, as texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from perilune.forecasting.web import moved_shown, valued
from perilune.site import pack_meeting
from perilune.site.pack_blocks import LEFT, RIGHT, Block, Group
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Format, Status, Table
from perilune.ui.export import header
from perilune.ui.filters import scope_label

if TYPE_CHECKING:
    from perilune.site.pack import Pack


def caption(pack: Pack, period: str, *more: str) -> str:
    """Return what a table covers: scope, as-of, what else there is to say, period (rule 10)."""
    known = gettext("as known on %(day)s") % {"day": formats.day(pack.as_of.day)}
    return " · ".join([str(scope_label(pack.scope)), known, *more, period])


def rollup(pack: Pack) -> Block:
    """Return categories, calls, range and quota by unit, down to the teams."""
    note = gettext(
        "Cumulative, as on the page: each category holds the surer ones. The ranges of rows do not "
        "add up to that of the total."
    )
    return _table(pack, pack_meeting.rollup(pack.meeting), note=note)


def moved(pack: Pack) -> Block:
    """Return why the range moved since a week ago."""
    move = pack.meeting.move
    days = f"{formats.day(move.since.day)} – {formats.day(move.until.day)}"
    empty = moved_shown.finding(move, "p50")
    return _table(pack, pack_meeting.moved(pack.meeting), days, empty=empty)


def acts(pack: Pack) -> Block | None:
    """Return what is done about risks; None where single deals may not be seen."""
    if pack.scope.aggregates_only:
        return None
    return _table(pack, pack_meeting.acts(pack.meeting))


def track(pack: Pack) -> Block:
    """Return how the combination, its members and the naive rules did at past origins."""
    made = pack_meeting.track(pack.outlook.result)
    return replace(_table(pack, made), title=gettext("Track record of the range"))


def worth(pack: Pack) -> Block | None:
    """Return what calls and overrides of the period before added; None while it runs."""
    if pack.meeting.worth is None:
        return None
    before = pack.meeting.before.name
    made = _table(pack, pack_meeting.compared(pack.meeting), period=before)
    found = valued.finding(pack.meeting.worth, pack.meeting.rolled_before)
    title = gettext("Value added %(period)s") % {"period": before}
    return replace(made, title=title, note=" ".join(part for part in (found, made.note) if part))


def _table(
    pack: Pack, table: Table, *more: str, period: str = "", note: str = "", empty: str = ""
) -> Block:
    """Return a page's table in words; texts are cut nowhere, numbers stand right."""
    currency = next((column.currency for column in table.columns if column.currency), "")
    reason = f"{table.empty.title}. {table.empty.reason}" if table.empty else ""
    return Block(
        table.caption,
        caption(pack, period or pack.period.name, *more, *([currency] if currency else [])),
        [_header(column) for column in table.columns],
        [RIGHT if column.format.is_number else LEFT for column in table.columns],
        [Group([[_text(*pair) for pair in zip(row.cells, table.columns, strict=True)]
                for row in table.rows])],
        empty=empty or reason,
        note=note or table.note,
    )  # fmt: skip


def _header(column: Column) -> str:
    # the currency of amounts is the company's, and stands once above the table
    return column.label if column.format is Format.MONEY else header(column)


def _text(cell: Any, column: Column) -> str:
    value = cell.value if isinstance(cell, Cell) else cell
    if isinstance(value, Status):
        return value.label
    return formats.write(value, column.format, column.currency, column.decimals, unit=False)
