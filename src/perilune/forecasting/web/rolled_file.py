"""The roll-up as a file of exactly what the grid shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import ADJUSTABLE, LEVEL_LABELS, Level, View
from perilune.forecasting.web import words
from perilune.forecasting.web.meeting import category_label, label_of, money_in
from perilune.forecasting.web.rolled import SHOWN, Sheet, kind_of_closed
from perilune.ui.contracts import Column, Format
from perilune.ui.export import Export


def export_of(sheet: Sheet) -> Export:
    """Return the grid as a file; what stands below its figures has columns of its own."""
    rolled = sheet.rolled
    view = gettext("Cumulative") if sheet.view is View.CUMULATIVE else gettext("Single category")
    money = money_in(rolled.currency)
    head: list[Column] = [Column("level", gettext("Level"), Format.NUMBER)]
    head += [Column("unit", gettext("Unit")), Column("managers", gettext("Managers"))]
    for each in SHOWN:
        head.append(money(each.value, category_label(each)))
        if each in ADJUSTABLE:
            for level in Level:
                title = f"{category_label(each)}, {gettext(LEVEL_LABELS[level])}"
                head.append(money(f"{each.value}-{level}", title))
    head += [
        money("call", gettext("Last call")),
        Column("call_day", gettext("Made on"), Format.DATE),
        *(money(name, name) for name in ("p10", "p50", "p90")),
        money("quota", gettext("Quota")),
        Column("attainment", gettext("Attainment"), Format.PERCENT),
        Column("of", gettext("Closed is"), Format.TEXT),
        money("gap", gettext("Gap to quota")),
        Column("coverage", gettext("Coverage"), Format.NUMBER),
        Column("required", gettext("Required coverage"), Format.NUMBER),
    ]
    return Export(
        f"rollup-{rolled.period.name}-{rolled.as_of.day}",
        head,
        list(_export_rows(sheet)),
        facts=(
            (gettext("Scope"), words.label("total", rolled.scope_label)),
            (gettext("As of"), rolled.as_of.day.isoformat()),
            (gettext("Period"), rolled.period.name),
            (gettext("View"), view),
            (gettext("Currency"), rolled.currency),
            (gettext("Store version"), str(rolled.store_version)),
        ),
    )


def _export_rows(sheet: Sheet) -> Iterator[list[Any]]:
    for row in sheet.rolled.rows:
        line: list[Any] = [row.node.level, label_of(row, sheet.rolled.scope_label)]
        line.append(", ".join(row.managers))
        for each in SHOWN:
            line.append(row.value(each, sheet.view))
            if each in ADJUSTABLE:
                said = {one.level: one.amount for one in sheet.overrides_of(row, each)}
                line += [said.get(Level.OWNER), said.get(Level.MANAGER)]
        call, reach = row.call, row.reach
        line += [call.amount if call else None, call.made_on if call else None]
        line += [reach.p10, reach.p50, reach.p90] if reach else [None, None, None]
        line += [row.quota, row.attainment, kind_of_closed(row), row.gap, row.coverage]
        yield [*line, row.required.ratio if row.required else None]
