"""`perilune territories`: plans from files, without a company; plans and places of a home."""

from __future__ import annotations

import typer

from perilune.territories.cli.designs import design_command
from perilune.territories.cli.places import geocode_command
from perilune.territories.cli.plans import activate_command, plans_command, publish_command
from perilune.territories.cli.project import project_command
from perilune.territories.cli.rules import assign_command
from perilune.territories.cli.standing import (
    handover_command,
    holder_command,
    in_force_command,
    place_command,
    sheet_command,
)

app = typer.Typer(help="Design and re-balance territories.", no_args_is_help=True)


@app.callback()
def territories() -> None:
    """Design and re-balance territories."""


app.command("assign")(assign_command)
app.command("design")(design_command)
app.command("plans")(plans_command)
app.command("publish")(publish_command)
app.command("activate")(activate_command)
app.command("geocode")(geocode_command)
app.command("in-force")(in_force_command)
app.command("holder")(holder_command)
app.command("place")(place_command)
app.command("sheet")(sheet_command)
app.command("handover")(handover_command)
app.command("project")(project_command)

__all__ = ["app", "assign_command", "design_command", "geocode_command", "project_command"]
