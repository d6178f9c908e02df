"""`perilune forecast`: the range of a period; below it the verbs of the forecast meeting."""

from __future__ import annotations

import typer

from perilune.forecasting.cli.backtests import (
    backtest_command,
    deals_command,
    replay_command,
)
from perilune.forecasting.cli.bridge import bridge_command
from perilune.forecasting.cli.departures import app as rep_app
from perilune.forecasting.cli.moved import why_command
from perilune.forecasting.cli.ranges import (
    AsOfOption,
    ByOption,
    JsonOption,
    PeriodOption,
    RecordOption,
    forecast_command,
)
from perilune.forecasting.cli.risks import risks_command
from perilune.forecasting.cli.scenarios import scenario_command
from perilune.forecasting.contracts import By

app = typer.Typer(invoke_without_command=True)


@app.callback(help=forecast_command.__doc__)
def forecast(  # noqa: PLR0917  # Typer names every option
    context: typer.Context,
    as_of: AsOfOption = "",
    period: PeriodOption = "",
    by: ByOption = By.TOTAL,
    as_json: JsonOption = False,
    record: RecordOption = False,
) -> None:
    """Show the range, unless a verb below was named."""
    if context.invoked_subcommand is None:
        forecast_command(as_of, period, by, as_json, record)


app.command("backtest")(backtest_command)
app.command("bridge")(bridge_command)
app.command("deals")(deals_command)
app.command("replay")(replay_command)
app.command("risks")(risks_command)
app.command("scenario")(scenario_command)
app.command("why")(why_command)

__all__ = ["app", "bridge_command", "forecast_command", "rep_app", "risks_command"]
