"""The history of calls as tables."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import CATEGORIES, Rollup, UnitKey
from perilune.forecasting.queries import spoken_for
from perilune.forecasting.queries.said import Said, Timely
from perilune.forecasting.web.meeting import label_of, money_in
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Status, Table, Tone

MOST = 300


def names(rolled: Rollup) -> dict[UnitKey, str]:
    """Return the reader's names of the units of a roll-up; a team's own name before the scope's."""
    found: dict[UnitKey, str] = {}
    for row in reversed(rolled.rows):
        unit = spoken_for(row.node, rolled)
        if unit is not None:
            found.setdefault(unit, label_of(row, rolled.scope_label))
    return found


def history(said: list[Said], rolled: Rollup, unit: UnitKey | None) -> Table:
    """Return every call: who, when, from what, to what."""
    called, labels = names(rolled), dict(CATEGORIES)
    money = money_in(rolled.currency)
    columns = (
        Column("unit", gettext("Unit"), is_title=True),
        Column("day", gettext("Made on"), Format.DATE),
        Column("author", gettext("Author")),
        Column("category", gettext("Figure")),
        money("before", gettext("Before")),
        money("amount", gettext("After")),
        money("change", gettext("Change")),
        money("suggested", gettext("Suggested then")),
        Column("state", gettext("Deadline")),
    )
    chosen = [each for each in said if unit is None or each.unit == unit]
    rows = [
        Row(
            each.id,
            (
                called.get(each.unit, ""),
                each.made_on,
                each.author,
                gettext(labels.get(each.category, each.category)),
                each.before,
                each.amount,
                None if each.before is None else each.amount - each.before,
                each.suggested,
                _state(each),
            ),
        )
        for each in chosen[:MOST]
    ]
    note = gettext("The latest %(count)s are shown.") % {"count": MOST}
    return Table(
        columns,
        rows,
        gettext("Every call of the period, the latest first"),
        is_dense=True,
        name="calls",
        note=note if len(chosen) > MOST else "",
        empty=Empty(gettext("No call yet"), gettext("Nobody has submitted one for this period.")),
    )


def _state(said: Said) -> Any:
    if said.is_late is None:
        return ""
    if said.is_late:
        return Status(gettext("late"), Tone.WATCH)
    return Status(gettext("in time"), Tone.GOOD)


def answered(found: list[Timely], rolled: Rollup) -> Table:
    """Return who has answered the last deadline; who has not comes first."""
    called = names(rolled)
    states = {
        "missing": Status(gettext("missing"), Tone.ACT),
        "late": Status(gettext("late"), Tone.WATCH),
        "in_time": Status(gettext("in time"), Tone.GOOD),
    }
    order = list(states)
    columns = (
        Column("unit", gettext("Unit"), is_title=True),
        Column("state", gettext("Deadline")),
        Column("last", gettext("Last call"), Format.DATE),
    )
    rows = [
        Row(f"{each.unit[0]}-{each.unit[1]}", (called[each.unit], states[each.state], each.last))
        for each in sorted(found, key=lambda item: order.index(item.state))
    ]
    return Table(
        columns, rows, gettext("Who has answered the last deadline"), is_dense=True, name="timely"
    )


def contested(found: list[dict[str, Any]]) -> Table:
    """Return the contested probabilities."""
    columns = (
        Column("name", gettext("Deal"), is_title=True),
        Column("day", gettext("Made on"), Format.DATE),
        Column("author", gettext("Author")),
        Column("shown", gettext("Shown"), Format.PERCENT, unit="%", decimals=0),
        Column("says", gettext("Said"), Format.PERCENT, unit="%", decimals=0),
        Column("reason", gettext("Why"), Format.LONG_TEXT),
    )
    rows = [
        Row(
            row["id"],
            (
                row["name"] or f"#{row['opportunity_id']}",
                row["made_on"],
                row["author"],
                row["shown"],
                Cell(row["says"]),
                row["reason"],
            ),
            url=reverse("crm:record", args=["opportunity", row["opportunity_id"]]),
        )
        for row in found
    ]
    return Table(
        columns,
        rows,
        gettext("Contested probabilities"),
        is_dense=True,
        name="contests",
        empty=Empty(
            gettext("No probability was contested"),
            gettext("A rep contests one on the way to a call; it is compared with what came."),
        ),
    )
