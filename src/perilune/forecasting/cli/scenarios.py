"""What a scenario does to the forecast, as a table or as JSON."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.cli.backtests import learn_first
from perilune.forecasting.contracts import ScenarioResult
from perilune.forecasting.queries import scenario_result
from perilune.forecasting.queries.documents import scenario_document
from perilune.kernel.asof import AsOf
from perilune.people.queries import company, home_owner
from perilune.planning.queries import scenario
from perilune.ui import formats
from perilune.ui.filters import scope_label


def scenario_command(
    scenario_id: Annotated[int, typer.Argument(metavar="ID", help="The scenario's number.")],
    period: Annotated[
        str, typer.Option(help="2026, 2026-Q3 or 2026-07; default the scenario's own.")
    ] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a scenario does to a period: both ranges and their difference, by team.

    Example: perilune forecast scenario 3 --period 2027-Q1 --json
    """
    found = company()
    at = AsOf.parse(as_of, found.zone) if as_of else found.today
    owner = home_owner()
    username = os.environ.get("PERILUNE_AS", "") or (owner.username if owner else "")
    asked = found.calendar.parse(period or scenario(scenario_id, at, username).head.period)
    learn_first(at)
    result = scenario_result(scenario_id, asked, at, acting_scope(at), username)
    if as_json:
        typer.echo(json.dumps(scenario_document(result), ensure_ascii=False))
    else:
        _print(result)


def _print(result: ScenarioResult) -> None:
    table = Table(title=f"{result.name} · {result.period.name} · {result.currency}")
    table.add_column(gettext("Unit"), min_width=10)
    labels = (gettext("Without"), gettext("With"), gettext("Difference"), "p10", "p50", "p90")
    for label in labels:
        table.add_column(label, justify="right", no_wrap=True)
    for effect in (result.total, *result.teams):
        change = effect.delta
        amounts = (
            effect.base and effect.base.mean,
            effect.scenario and effect.scenario.mean,
            *((change.mean, change.p10, change.p50, change.p90) if change else (None,) * 4),
        )
        name = str(scope_label(result.scope_label)) if effect.unit_id is None else effect.label
        table.add_row(
            name, *(formats.money(one, result.currency, 0, symbol=False) for one in amounts)
        )
    console = Console()
    console.print(table)
    for note in (*result.notes, *(item.why for item in result.unapplied)):
        text = gettext(note.message)
        console.print(text % note.params if note.params else text)
