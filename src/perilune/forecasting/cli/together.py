"""`perilune plan scenario`: what a list of assumptions does to everything, before and after."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.cli.backtests import learn_first
from perilune.forecasting.contracts.together import Sides, Together
from perilune.forecasting.engine.simulation import load_loops
from perilune.forecasting.queries import scenario_results
from perilune.forecasting.queries.documents import together_document
from perilune.forecasting.queries.together import together
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Invalid
from perilune.kernel.memo import remembering
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company
from perilune.planning.contracts import Scenario
from perilune.planning.queries import scenario_of
from perilune.ui import formats


def plan_scenario_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON: a list of assumptions.")],
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    period: Annotated[
        str, typer.Option(help="2026, 2026-Q3 or 2026-07; default the file's, else the quarter.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Apply a list of assumptions: capacity, quotas, forecast, loads, risks, before and after.

    Example: perilune plan scenario anne-leaves.json --as-of 2026-11-25 --json
    """
    settings = company()
    at = AsOf.parse(as_of, settings.zone) if as_of else settings.today
    scope = acting_scope(at)
    document = _read(file)
    learn_first(at)
    load_loops()  # start-up, as the imports above: the seconds told are those of the answer
    begun = time.perf_counter()
    with remembering():
        found = _scenario(document, at, scope, settings)
        name = period or found.head.period
        calendar = settings.calendar
        asked = calendar.parse(name) if name else calendar.find(at.day, Grain.QUARTER)
        scenario_results((replace(found, assumptions=()),), asked, at, scope, company=settings)
        based = time.perf_counter() - begun
        answer = together(found, asked, at, scope, settings)
    seconds = time.perf_counter() - begun
    if as_json:
        told = {
            **together_document(answer),
            "as_of": at.day.isoformat(),
            "seconds": round(seconds, 3),
            "seconds_of_forecast_without": round(based, 3),
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        _print(answer, seconds, based)


def _scenario(document: Any, at: AsOf, scope: Scope, settings: Company) -> Scenario:
    try:
        return scenario_of(document, at, scope, settings)
    except Invalid as error:
        for one in error.problems:
            typer.echo(f"{one.line}: {gettext(one.message) % one.params}", err=True)
        raise


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise Invalid(
            _("The file cannot be read: %(error)s."), error=os.strerror(error.errno or 0)
        ) from None
    except ValueError as error:
        raise Invalid(_("This is no JSON: %(error)s."), error=str(error)) from None


def _print(answer: Together, seconds: float, based: float) -> None:
    console = Console()
    console.print(_table(answer))
    currency, risks = answer.forecast.currency, answer.risks
    handed = gettext(
        "Change hands: %(deals)s open deals worth %(value)s, %(accounts)s accounts; %(nobody)s of"
        " them go to nobody."
    )
    value = formats.money(risks.handed_value, currency, 0)
    console.print(
        handed
        % {"deals": risks.handed_deals, "value": value, "accounts": risks.handed_accounts,
           "nobody": risks.nobody}
    )  # fmt: skip
    for item in answer.forecast.unapplied:
        text = gettext(item.why.message)
        console.print(text % item.why.params if item.why.params else text)
    took = gettext("Took %(seconds)s s, of which %(based)s s the forecast without them.")
    told = {"seconds": formats.number(seconds, 2), "based": formats.number(based, 2)}
    console.print(took % told)


def _table(answer: Together) -> Table:
    currency = answer.forecast.currency

    def money(side: Sides[Any]) -> list[str]:
        return [formats.money(one, currency, 0, symbol=False) for one in _pair(side)]

    table = Table(title=f"{answer.forecast.period.name} · {currency}")
    table.add_column("")
    for head in (gettext("Before"), gettext("After")):
        table.add_column(head, justify="right", no_wrap=True)
    for row in answer.capacity:
        if row.team_id is None or row.fte.before != row.fte.after:
            label = gettext("Capacity, FTE: %(name)s") % {"name": row.name or gettext("Company")}
            table.add_row(label, *(formats.number(one, 2) for one in _pair(row.fte)))
    cover, total = answer.cover, answer.forecast.total
    table.add_row(gettext("Quotas of who is there"), *money(cover.quotas))
    table.add_row(gettext("Target"), *money(cover.target))
    ratio = [formats.percent(one, 1) for one in _pair(cover.ratio)]
    table.add_row(gettext("Quotas to target"), *ratio)
    spans = (total.base, total.scenario or total.base)
    for name in ("p10", "p50", "p90"):
        table.add_row(name, *money(Sides(*(one and getattr(one, name) for one in spans))))
    table.add_row(gettext("Target less p50"), *money(answer.risks.gap))
    for load in answer.loads:
        if load.is_changed:
            label = gettext("Pipeline: %(name)s") % {"name": load.name}
            table.add_row(label, *money(load.value))
    return table


def _pair(side: Sides[Any]) -> tuple[Any, Any]:
    return side.before, side.after
