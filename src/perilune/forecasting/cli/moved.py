"""Why the range moved between two days, as a table or as JSON."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.cli.backtests import learn_first
from perilune.forecasting.contracts import CAUSE_LABELS, FIGURES, Figures, Move
from perilune.forecasting.queries import move_for, week_before
from perilune.forecasting.queries.documents import move_document
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.people.queries import company
from perilune.ui import formats
from perilune.ui.filters import scope_label


def why_command(
    since: Annotated[
        str, typer.Option("--from", help="A day or an instant; default a week before --to.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="A day or an instant; default today.")] = "",
    period: Annotated[
        str, typer.Option(help="2026, 2026-Q3 or 2026-07; default the quarter of --to.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show why the range of a period moved between two days; the parts sum to the move.

    Example: perilune forecast why --from 2026-11-18 --to 2026-11-25 --period 2026-Q4 --json
    """
    found = company()
    end = AsOf.parse(until, found.zone) if until else found.today
    start = AsOf.parse(since, found.zone) if since else week_before(end)
    asked = found.calendar.parse(period) if period else found.calendar.find(end.day, Grain.QUARTER)
    learn_first(end)
    move = move_for(asked, start, end, acting_scope(end))
    if as_json:
        typer.echo(json.dumps(move_document(move), ensure_ascii=False))
    else:
        _print(move)


def _print(move: Move) -> None:
    console = Console()
    title = (
        f"{scope_label(move.scope_label)} · {move.period.name} · {formats.day(move.since.day)} → "
        f"{formats.day(move.until.day)} · {move.currency}"
    )
    if move.then is None or move.now is None:
        console.print(title)
        day = move.since.day if move.then is None else move.until.day
        console.print(
            gettext("On %(day)s there was too little history for a range.") % {"day": day}
        )
        return
    table = Table(title=title)
    table.add_column(gettext("Cause"), min_width=12)
    table.add_column(gettext("Deals"), justify="right")
    for name in FIGURES:
        table.add_column(gettext("Mean") if name == "mean" else name, justify="right", no_wrap=True)

    def add(label: str, deals: int | None, values: Figures, *, is_end: bool = False) -> None:
        texts = [formats.money(value, move.currency, 0, symbol=False) for value in values]
        count = "" if deals is None else formats.number(deals, 0)
        table.add_row(label, count, *texts, style="bold" if is_end else "")

    add(formats.day(move.since.day), None, move.then, is_end=True)
    for part in move.parts:
        add(gettext(CAUSE_LABELS[part.cause]), part.deals, part.values)
    add(formats.day(move.until.day), None, move.now, is_end=True)
    console.print(table)
