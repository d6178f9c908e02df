"""`perilune plan records`: what is wrong in the records behind plans."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from django.utils.translation import gettext

from perilune.kernel.asof import AsOf
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning.cli.plans import SCHEMA, AsJson
from perilune.planning.queries.flaws import flaws, told


def records_command(
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    as_json: AsJson = False,
) -> None:
    """Name what cannot be as it stands in people, quotas, teams, currencies; leaves with 1 if any.

    Example: perilune plan records --as-of 2026-11-26 --json
    """
    _actor, scope = acting(Right.MAKE_PLANS)
    here = company()
    at = AsOf.parse(as_of, here.zone) if as_of else here.today
    found = flaws(scope, at)
    if as_json:
        listed = [{"kind": one.field, "text": told(one)} for one in found]
        document = {"schema": SCHEMA, "as_of": at.day.isoformat(), "wrong": listed}
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        for one in found:
            typer.echo(told(one))
        if not found:
            typer.echo(gettext("Nothing is wrong"))
    if found:
        raise typer.Exit(1)
