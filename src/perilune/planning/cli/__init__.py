"""`perilune plan`: annual plans of this home."""

from __future__ import annotations

import typer

from perilune.planning.cli.chances import simulate_command
from perilune.planning.cli.flaws import records_command
from perilune.planning.cli.gaps import gap_command
from perilune.planning.cli.hiring import hire_command
from perilune.planning.cli.letters import letters_command
from perilune.planning.cli.long_view import long_command
from perilune.planning.cli.plans import (
    activate_command,
    plans_command,
    publish_command,
    quotas_command,
)
from perilune.planning.cli.segments import (
    fairness_command,
    potential_command,
    segments_command,
)
from perilune.planning.cli.taking import take_command
from perilune.planning.cli.workbooks import import_command, workbook_command

app = typer.Typer(help="Annual plans: quotas, chances, scenarios.", no_args_is_help=True)


@app.callback()
def plan() -> None:
    """Annual plans: quotas, chances, scenarios."""


app.command("list")(plans_command)
app.command("quotas")(quotas_command)
app.command("gap")(gap_command)
app.command("records")(records_command)
app.command("simulate")(simulate_command)
app.command("hire")(hire_command)
app.command("long")(long_command)
app.command("publish")(publish_command)
app.command("activate")(activate_command)
app.command("workbook")(workbook_command)
app.command("import")(import_command)
app.command("take")(take_command)
app.command("letters")(letters_command)
app.command("segments")(segments_command)
app.command("potential")(potential_command)
app.command("fairness")(fairness_command)

__all__ = ["app"]
