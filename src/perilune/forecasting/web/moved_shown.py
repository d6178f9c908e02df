"""Why the range moved: sentence, waterfall, tables, and the file."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from perilune.forecasting.contracts import CAUSE_LABELS, CAUSE_MEANINGS, FIGURES, Cause, Move
from perilune.forecasting.web import bridge_drawn, words
from perilune.forecasting.web.bridge_words import LARGEST, signed
from perilune.kernel.messages import gettext_noop as _
from perilune.ui import formats
from perilune.ui.contracts import Cell, Chart, Column, Format, Link, Row, Table, Tone
from perilune.ui.export import Export
from perilune.ui.filters import scope_label

FIGURE_LABELS = {
    "p10": _("Pessimistic (p10)"),
    "p50": _("Realistic (p50)"),
    "p90": _("Optimistic (p90)"),
    "mean": _("Mean"),
}


def label(cause: Cause) -> str:
    """Return the reader's name of a cause."""
    return gettext(CAUSE_LABELS[cause])


def finding(move: Move, figure: str) -> str:
    """Return the sentence that tells by how much a figure moved, and the largest causes."""
    at = FIGURES.index(figure)
    facts = {
        "scope": scope_label(move.scope_label),
        "since": formats.day(move.since.day),
        "until": formats.day(move.until.day),
    }
    if move.then is None or move.now is None:
        day = facts["since"] if move.then is None else facts["until"]
        return gettext("On %(day)s there was too little history for a range.") % {"day": day}
    facts |= {
        "figure": gettext(FIGURE_LABELS[figure]),
        "then": formats.short_money(move.then[at], move.currency),
        "now": formats.short_money(move.now[at], move.currency),
    }
    largest = sorted(move.parts, key=lambda part: -abs(part.values[at]))[:LARGEST]
    facts["reasons"] = ", ".join(
        f"{label(part.cause).lower()} {signed(part.values[at], move.currency)}"
        for part in largest
        if part.values[at]
    )
    if not facts["reasons"]:
        text = gettext("%(scope)s, %(figure)s: %(now)s on both days.")
    else:
        text = gettext(
            "%(scope)s, %(figure)s: %(then)s on %(since)s became %(now)s on %(until)s; most of it: "
            "%(reasons)s."
        )
    return text % facts


def waterfall(move: Move, figure: str) -> Chart | None:
    """Return the move of one figure as a waterfall; None where a day has no range."""
    if move.then is None or move.now is None:
        return None
    at = FIGURES.index(figure)
    steps = [(label(part.cause), part.values[at]) for part in move.parts if part.values[at]]
    return bridge_drawn.drawn(
        "moved",
        gettext("Why the range moved"),
        ((formats.day(move.since.day), move.then[at]), (formats.day(move.until.day), move.now[at])),
        steps,
        move.currency,
    )


def causes(move: Move, exports: Sequence[Link] = ()) -> Table:
    """Return each cause with what it does to each figure; the columns sum."""
    columns = (
        Column("cause", gettext("Cause"), is_title=True),
        Column("deals", gettext("Deals"), Format.NUMBER, decimals=0),
        *(_amount(name, move) for name in FIGURES),
    )
    rows = [
        Row("then", (formats.day(move.since.day), None, *(move.then or ())), tone=Tone.NEUTRAL),
        *(
            Row(
                part.cause.value,
                (
                    Cell(label(part.cause), hint=gettext(CAUSE_MEANINGS[part.cause])),
                    part.deals,
                    *part.values,
                ),
                level=1,
            )
            for part in move.parts
        ),
        Row("now", (formats.day(move.until.day), None, *(move.now or ())), tone=Tone.NEUTRAL),
    ]
    return Table(
        columns,
        rows if move.then and move.now else (),
        gettext("Why the range moved"),
        export_urls=exports,
        note=gettext("Each column sums from the first day to the second, to the cent."),
        is_dense=True,
        name="causes",
    )


def _amount(name: str, move: Move) -> Column:
    text = gettext(FIGURE_LABELS["mean"]) if name == "mean" else name
    return Column(name, text, Format.MONEY, currency=move.currency, decimals=0)


def members(move: Move) -> Table:
    """Return what each member said and weighed on both days, and what it adds to the mean."""
    then, now = formats.day(move.since.day), formats.day(move.until.day)

    def money(name: str, text: str) -> Column:
        return Column(name, text, Format.MONEY, currency=move.currency, decimals=0)

    def share(name: str, text: str) -> Column:
        return Column(name, text, Format.PERCENT, unit="%", decimals=0)

    columns = (
        Column("member", gettext("Rule"), is_title=True),
        money("then", gettext("Said on %(day)s") % {"day": then}),
        share("weight_then", gettext("Share then")),
        money("now", gettext("Said on %(day)s") % {"day": now}),
        share("weight_now", gettext("Share now")),
        money("value", gettext("Moves the mean by")),
    )
    won = (gettext("Won to date"), move.won_then, None, move.won_now, None)
    rows = [
        Row("won", (*won, move.won_now - move.won_then)),
        *(
            Row(
                item.name,
                (
                    words.member(item.name),
                    item.said_then,
                    item.weight_then,
                    item.said_now,
                    item.weight_now,
                    item.value,
                ),
            )
            for item in move.members
        ),
    ]
    return Table(
        columns,
        rows,
        gettext("Members of the combination"),
        note=gettext("What a rule says of the days to go, times its share; less each day."),
        is_dense=True,
        name="members",
    )


def notes(move: Move) -> list[str]:
    """Return what a reader must know of the figures."""
    found = []
    if move.run_id is not None:
        found.append(
            gettext("The first day is that of run %(id)s on record.") % {"id": move.run_id}
        )
    return found


def export_of(move: Move) -> Export:
    """Return the causes as they are shown."""
    table = causes(move)
    rows = [
        tuple(cell.value if isinstance(cell, Cell) else cell for cell in row.cells)
        for row in table.rows
    ]
    facts = (
        (gettext("Scope"), str(scope_label(move.scope_label))),
        (gettext("Period"), move.period.name),
        (gettext("From"), move.since.day.isoformat()),
        (gettext("To"), move.until.day.isoformat()),
        (gettext("Currency"), move.currency),
        (gettext("Store version"), str(move.store_version)),
    )
    name = f"moved-{move.period.name}-{move.since.day}-{move.until.day}"
    return Export(name, table.columns, rows, facts=facts)
