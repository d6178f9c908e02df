"""`perilune contingencies`: what is prepared, how far each trigger is, as a table or as JSON."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.people.queries import company, home_owner
from perilune.site import contingencies as model
from perilune.site.web.contingencies import trigger, written


def contingencies_command(
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List contingencies of yours and those shared with you, the nearest trigger first.

    Example: perilune contingencies --json
    """
    here, owner = company(), home_owner()
    at = AsOf.parse(as_of, here.zone) if as_of else here.today
    actor = os.environ.get("PERILUNE_AS", "") or (owner.username if owner else "")
    found = model.contingencies(actor, at)
    if as_json:
        listed = [
            {
                "id": one.row.pk, "name": one.row.name, "state": one.row.state,
                "figure": one.row.figure, "period": one.row.period,
                "comparison": one.row.comparison, "threshold": one.row.threshold,
                "value": one.value, "distance": one.distance, "is_hidden": one.is_hidden,
                "owner": one.row.owner,
                "fired_on": one.row.fired_on.isoformat() if one.row.fired_on else None,
            }
            for one in found
        ]  # fmt: skip
        typer.echo(json.dumps({"schema": 1, "contingencies": listed}, ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold")
    for title in (gettext("Contingency"), gettext("Status"), gettext("Trigger"), gettext("Now"),
                  gettext("Distance")):  # fmt: skip
        table.add_column(title)
    for one in found:
        now, far = (written(one.row.figure, x, here.currency) for x in (one.value, one.distance))
        state = gettext(model.STATES[one.row.state])
        table.add_row(one.row.name, state, trigger(one.row, here.currency), now, far)
    Console(highlight=False).print(table)
