"""The roll-up as a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    ADJUSTABLE,
    LADDER,
    Category,
    Cell,
    Level,
    Override,
    Reach,
    Rollup,
    RollupRow,
    UnitKey,
    View,
)
from perilune.forecasting.queries import spoken_for
from perilune.forecasting.web import words
from perilune.forecasting.web.meeting import category_label, label_of, money_in
from perilune.people.contracts import QUOTA_LEVELS
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, Grid, GridCell, GridRow, Link, Status, Tone

SHOWN = (*LADDER, Category.OMITTED)
MANY = 40
"""With more rows than this the reps are folded into their teams at first."""


@dataclass(frozen=True)
class Sheet:
    """A roll-up as somebody reads it.

    said: overrides by figure and level. made: by category, what overrides make of each row.
    editable: units whose figures the reader may override.
    """

    rolled: Rollup
    view: View
    said: Mapping[tuple[Cell, Level], Override]
    made: Mapping[Category, Mapping[str, int]]
    editable: frozenset[UnitKey] = frozenset()
    may_export: bool = False

    def overrides_of(self, row: RollupRow, category: Category) -> list[Override]:
        """Return what is said of a figure, the manager's first."""
        unit = spoken_for(row.node, self.rolled)
        if unit is None:
            return []
        cell = Cell(unit, category, self.view)
        levels = (Level.MANAGER, Level.OWNER)
        return [self.said[cell, level] for level in levels if (cell, level) in self.said]


def grid(sheet: Sheet) -> Grid:
    """Return the grid of the page."""
    rolled = sheet.rolled
    name, query = rolled.period.name, urlencode({"view": sheet.view.value})
    exports = [
        Link(label, reverse("forecasting:rollup_export", args=[name, form]) + f"?{query}")
        for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
        if sheet.may_export
    ]
    depth = max(row.node.level for row in rolled.rows)
    is_long = len(rolled.rows) > MANY
    rows = [
        GridRow(
            key=row.node.key,
            label=label_of(row, rolled.scope_label),
            cells=_cells(row, sheet),
            parent=row.node.parent,
            level=row.node.level,
            under=", ".join(row.managers),
            status=_status(row),
            is_open=not is_long or row.node.level < depth - 1,
        )
        for row in rolled.rows
    ]
    return Grid(
        columns(sheet),
        rows,
        gettext("Forecast %(period)s by unit and category") % {"period": name},
        name="rollup",
        save_url=f"{reverse('forecasting:adjust', args=[name])}?{query}" if sheet.editable else "",
        save_label=gettext("Save the overrides"),
        reason_label=gettext("Reason, kept with each of them"),
        note=gettext(
            "Amounts add up the tree; p10, p50 and p90 of rows do not add up to those of their sum."
        ),
        export_urls=exports,
    )


def columns(sheet: Sheet) -> list[Column]:
    """Return the columns of the grid."""
    money = money_in(sheet.rolled.currency)
    is_sum = sheet.view is View.CUMULATIVE
    return [
        Column("unit", gettext("Unit")),
        *(money(each.value, category_label(each), _hint(each, is_sum)) for each in SHOWN),
        money("call", gettext("Last call"), gettext("What was submitted last for the unit.")),
        money("range", gettext("Model"), gettext("Middle of the model's range, p10 to p90 below.")),
        money("quota", gettext("Quota")),
        Column("attainment", gettext("Attainment"), Format.PERCENT, unit="%", decimals=0),
        money("gap", gettext("Gap to quota"), gettext("Closed less quota.")),
        Column(
            "coverage",
            gettext("Coverage"),
            Format.NUMBER,
            decimals=1,
            hint=gettext(
                "Open value over what is still to be won; below it what past periods needed."
            ),
        ),
    ]


def _hint(category: Category, is_sum: bool) -> str:
    if category is Category.OMITTED:
        return gettext("Open deals that somebody left out of the forecast; in no other column.")
    if category is Category.CLOSED or not is_sum:
        return ""
    names = [category_label(each) for each in LADDER[: LADDER.index(category) + 1]]
    return " + ".join(names)


def _status(row: RollupRow) -> Status | None:
    if row.is_withheld:
        hint = gettext("Figures about too few people are not shown.")
        return Status(gettext("withheld"), Tone.NEUTRAL, hint)
    if row.is_part:
        hint = gettext(
            "You see only some of this team's people: quota, call and range are left out."
        )
        return Status(gettext("part"), Tone.WATCH, hint)
    return None


def _cells(row: RollupRow, sheet: Sheet) -> list[GridCell]:
    def why(figure: str) -> str:
        if row.is_withheld:
            return ""
        facts = {"row": row.node.key, "figure": figure, "view": sheet.view.value}
        return f"{reverse('forecasting:cell', args=[sheet.rolled.period.name])}?{urlencode(facts)}"

    currency = sheet.rolled.currency
    return [
        *(_category(row, each, sheet, why(each.value)) for each in SHOWN),
        _call(row, currency, why("call")),
        _model(row.reach, currency, why("range")),
        GridCell(
            row.quota,
            typed=_plain(row.quota, currency),
            hint=gettext(dict(QUOTA_LEVELS).get(row.quota_level, "")) if row.quota_level else "",
            why_url=why("quota") if row.quota is not None else "",
        ),
        GridCell(
            row.attainment,
            kind_of_closed(row),
            typed="" if row.attainment is None else f"{row.attainment:.4f}",
            why_url=why("attainment") if row.attainment is not None else "",
        ),
        GridCell(
            row.gap,
            typed=_plain(row.gap, currency),
            why_url=why("gap") if row.gap is not None else "",
        ),
        _coverage(row, why("coverage")),
    ]


def kind_of_closed(row: RollupRow) -> str:
    """Say whether a row's attainment is live or of record (rule 9)."""
    if row.attainment is None:
        return ""
    return gettext("live") if row.won_of_record is None else gettext("of record")


def _category(row: RollupRow, category: Category, sheet: Sheet, why_url: str) -> GridCell:
    value, currency = row.value(category, sheet.view), sheet.rolled.currency
    said = sheet.overrides_of(row, category)
    note, tone, hint = "", Tone.NEUTRAL, ""
    made = sheet.made.get(category, {}).get(row.node.key)
    if said:
        note, tone = _said(said[0], currency), Tone.WATCH
        hint = "\n".join(f"{each.author}: {each.reason}" for each in said)
    elif made is not None and made != value:
        note = gettext("%(amount)s adjusted") % {"amount": formats.short_money(made, currency)}
        hint = gettext("With the overrides of the rows below.")
    unit = spoken_for(row.node, sheet.rolled)
    is_open = category in ADJUSTABLE and unit in sheet.editable
    return GridCell(
        value,
        note,
        tone,
        hint=hint,
        why_url=why_url,
        field=f"cell:{unit[0]}:{unit[1]}:{category.value}" if unit and is_open else "",
        typed=_plain(said[0].amount if said else value, currency),
    )


def _said(one: Override, currency: str) -> str:
    amount = _whole(one.amount, currency)
    if one.level is Level.OWNER:
        return gettext("%(amount)s owner") % {"amount": amount}
    return gettext("%(amount)s manager") % {"amount": amount}


def _call(row: RollupRow, currency: str, why_url: str) -> GridCell:
    call = row.call
    if call is None:
        return GridCell()
    note = formats.day(call.made_on) if call.made_on else ""
    if call.is_late:
        note = gettext("%(day)s, late") % {"day": note}
    hint = call.author
    if call.category != "call":
        label = category_label(Category(call.category))
        hint = gettext("%(category)s, by %(author)s") % {"category": label, "author": call.author}
    tone = Tone.WATCH if call.is_late else Tone.NEUTRAL
    return GridCell(
        call.amount, note, tone, hint=hint, why_url=why_url, typed=_plain(call.amount, currency)
    )


def _model(reach: Reach | None, currency: str, why_url: str) -> GridCell:
    if reach is None or reach.p50 is None:
        hint = gettext("No range") if reach is None else str(words.mark(reach.status).label)
        return GridCell(hint=hint)
    low, high = (formats.short_money(value, currency) for value in (reach.p10, reach.p90))
    return GridCell(
        round(reach.p50),
        f"{low} – {high}",
        hint=str(words.mark(reach.status).label),
        why_url=why_url,
        typed=_plain(round(reach.p50), currency),
    )


def _coverage(row: RollupRow, why_url: str) -> GridCell:
    if row.gap is not None and row.gap >= 0:
        return GridCell(note=gettext("reached"), note_tone=Tone.GOOD)
    if row.required is None:
        note = gettext("need unknown") if row.coverage is not None else ""
        return GridCell(
            row.coverage, note, why_url=why_url if row.coverage is not None else "",
            hint=gettext("Under four past periods with open deals: the need is unknown."),
        )  # fmt: skip
    need = formats.number(row.required.ratio, 1)
    is_short = row.coverage is not None and row.coverage < row.required.ratio
    hint = ngettext(
        "Measured on %(count)s past period at the same day",
        "Measured on %(count)s past periods at the same day",
        row.required.periods,
    ) % {"count": row.required.periods}
    return GridCell(
        row.coverage,
        gettext("needs %(ratio)s") % {"ratio": need},
        Tone.WATCH if is_short else Tone.NEUTRAL,
        hint=hint,
        why_url=why_url if row.coverage is not None else "",
        typed="" if row.coverage is None else f"{row.coverage:.3f}",
    )


def _whole(minor: int, currency: str) -> str:
    return formats.number(round(formats.major(minor, currency)), 0)


def _plain(minor: int | None, currency: str) -> str:
    """Return an amount as it is typed and copied: major units without separators."""
    if minor is None:
        return ""
    major = formats.major(minor, currency)
    return str(int(major)) if major == int(major) else str(major)
