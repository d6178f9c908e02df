"""The rolling origin, the open deals of a period, and a past run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.contracts import By
from perilune.forecasting.contracts.backtests import BacktestResult, Horizon
from perilune.forecasting.queries import recompute
from perilune.forecasting.queries.backtesting import backtest
from perilune.forecasting.queries.documents import as_document, backtest_document, deals_document
from perilune.insights import queries as insights
from perilune.insights import service as learning
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company
from perilune.ui import formats

_err = Console(stderr=True)


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the error stream; gives what tells it (done, of all)."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def learn_first(as_of: AsOf, earlier: int = 0) -> None:
    """Learn the models behind an as-of that are not on record, with a bar.

    earlier: weeks before the usual ones.
    """
    with progress(gettext("Learning from open deals")) as tell:
        learning.learn(as_of, earlier=earlier, tell=tell)


def backtest_command(  # noqa: PLR0917  # Typer names every option
    since: Annotated[str, typer.Option("--from", help="First origin: a day.")],
    until: Annotated[str, typer.Option("--to", help="Last origin: a day.")],
    step: Annotated[str, typer.Option(help="From origin to origin: 1w, 2w, 7d.")] = "1w",
    horizon: Annotated[Horizon, typer.Option(help="What is forecast.")] = Horizon.WEEKS_4,
    by: Annotated[By, typer.Option(help="Units beside the total.")] = By.TOTAL,
    as_of: Annotated[str, typer.Option("--as-of", help="What came by then; default today.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Forecast on past days with what was known then, and score it against what came.

    Example: perilune forecast backtest --from 2017-06-04 --to 2017-12-03 --horizon 4w --by team
    """
    found = company()
    last = AsOf.parse(as_of, found.zone) if as_of else found.today
    origins = list(_origins(date.fromisoformat(since), date.fromisoformat(until), _step(step)))
    if not origins:
        raise Invalid(_("There is no origin between these days."))
    weeks = -(-(origins[-1] - origins[0]).days // 7)
    learn_first(AsOf.parse(origins[-1].isoformat(), found.zone), earlier=weeks)
    with progress(gettext("Back-test")) as tell:
        result = backtest(origins, horizon, (by,), acting_scope(last), found, until=last, tell=tell)
    if as_json:
        typer.echo(json.dumps(backtest_document(result), ensure_ascii=False))
    else:
        _print(result)


def _step(text: str) -> int:
    unit = {"w": 7, "d": 1}.get(text[-1:], 0)
    if not unit or not text[:-1].isdigit() or int(text[:-1]) < 1:
        raise Invalid(_("A step is a number of weeks or days, such as 1w or 10d."))
    return int(text[:-1]) * unit


def _origins(first: date, last: date, step: int) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=step)


def _print(result: BacktestResult) -> None:
    table = Table(title=f"{result.horizon.value} · {result.scope_label}")
    table.add_column(gettext("Level"))
    table.add_column(gettext("Method"), min_width=14)
    for label in ("n", "WAPE", gettext("Bias"), "nCRPS", "80 %", gettext("Width")):
        table.add_column(label, justify="right", no_wrap=True)
    for item in result.scores:
        ratios = (item.wape, item.bias, item.ncrps, item.coverage80, item.width80)
        table.add_row(
            item.level, item.method, str(item.n), *(formats.percent(ratio, 1) for ratio in ratios)
        )
    Console().print(table)
    if result.left_out:
        _err.print(gettext("Origins left out: %(count)s") % {"count": result.left_out})


def deals_command(
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    period: Annotated[str, typer.Option(help="2026, 2026-Q3 or 2026-07.")] = "",
    limit: Annotated[int, typer.Option(help="Rows of the table; JSON gives all.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the open deals: chances of being won, lost or open after the period, with reasons.

    Example: perilune forecast deals --as-of 2017-10-01 --period 2017-Q4 --json
    """
    found = company()
    at = AsOf.parse(as_of, found.zone) if as_of else found.today
    asked = found.calendar.parse(period) if period else found.calendar.find(at.day, Grain.QUARTER)
    learn_first(at)
    rows = insights.chances(asked, at, acting_scope(at), company=found)
    if as_json:
        said = deals_document(rows, asked, at, found.currency)
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    table = Table(title=f"{found.name} · {asked.name} · {formats.day(at.day)} · {found.currency}")
    table.add_column("id", justify="right")
    for label in (
        gettext("Value"),
        gettext("Won"),
        gettext("Lost"),
        gettext("Later"),
        gettext("Ever"),
    ):
        table.add_column(label, justify="right", no_wrap=True)
    for row in rows[:limit]:
        ratios = (row.win, row.lose, row.slip, row.ever)
        table.add_row(
            str(row.id),
            formats.money(row.value, found.currency, 0, symbol=False),
            *(formats.percent(ratio, 0) for ratio in ratios),
        )
    Console().print(table)


def replay_command(
    run: Annotated[int, typer.Argument(help="The number of a recorded run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compute a past run again from what it was made of: to the same digits, or an error.

    Example: perilune forecast replay 12
    """
    result = recompute(run, acting_scope(company().today))
    if as_json:
        typer.echo(json.dumps(as_document(result), ensure_ascii=False))
    else:
        text = gettext("Run %(id)s recomputes to the same digits: %(digest)s.")
        typer.echo(text % {"id": run, "digest": result.pinned.inputs_digest[:12]})
