"""`perilune leads route|rules|runs|undo`: leads without an owner are given to sellers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.routing import RoutePreview
from perilune.hub.queries import routing as queries
from perilune.hub.service import routing as service
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting
from perilune.ui import formats

SCHEMA = 1
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
app = typer.Typer(help="Give leads without an owner to sellers.", no_args_is_help=True)


@app.callback()
def leads() -> None:
    """Give leads without an owner to sellers."""


@app.command("route")
def route_command(
    is_applied: Annotated[
        bool, typer.Option("--apply", help="Give them, as one change set.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show who would get which lead and why, those that arrived first; --apply gives them.

    Example: perilune leads route --apply
    """
    actor, _scope = acting(Right.IMPORT_DATA)
    found = service.route_preview()
    done = service.route_apply(actor=actor, mark=found.mark) if is_applied else None
    document: dict[str, Any] = {
        "schema": SCHEMA, "waiting": found.waiting, "given": found.given,
        "leads": _lines(found), "run": done.id if done else None,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for line in found.lines:
        why = line.why[-1] if line.why else None
        said = gettext(why.why) % why.params if why else gettext("no rule is for it")
        typer.echo(f"{line.name}\t{line.rep or gettext('nobody')}\t{said}")
    if done is not None:
        text = ngettext("%(n)s lead given", "%(n)s leads given", done.given)
        typer.echo(text % {"n": formats.number(done.given, 0)})


def _lines(found: RoutePreview) -> list[dict[str, Any]]:
    return [
        {
            "lead": line.lead_id, "name": line.name, "company": line.company,
            "account": line.matched.account_id if line.matched else None,
            "matched_by": [why.value for why in line.matched.why] if line.matched else [],
            "rep": line.rep_id, "rule": line.rule,
            "why": [gettext(one.why) % one.params for one in line.why],
        }
        for line in found.lines
    ]  # fmt: skip


@app.command("rules")
def rules_command(
    file: Annotated[
        Path | None, typer.Option("--set", help="JSON file of rules to keep, in their order.")
    ] = None,
) -> None:
    """Print the rules as JSON; --set keeps those of a file.

    Example: perilune leads rules --set rules.json
    """
    actor, _scope = acting(Right.MANAGE_SETTINGS if file else Right.IMPORT_DATA)
    if file is not None:
        try:
            rules = [queries.rule_of(item) for item in json.loads(file.read_text("utf-8"))]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid(
                _("%(path)s holds no rules: %(why)s"), path=str(file), why=str(error)
            ) from error
        service.set_routing(rules, actor=actor)
    kept = [queries.plain_rule(rule) for rule in queries.routing_rules()]
    typer.echo(json.dumps(kept, ensure_ascii=False, indent=1))


@app.command("runs")
def runs_command(as_json: Json = False) -> None:
    """List what was given, newest first."""
    acting(Right.IMPORT_DATA)
    found = queries.route_runs()
    if as_json:
        document = [
            {"id": run.id, "at": run.at.isoformat(), "actor": run.actor, "given": run.given,
             "is_standing": run.is_standing}
            for run in found
        ]  # fmt: skip
        typer.echo(json.dumps({"schema": SCHEMA, "runs": document}))
        return
    for run in found:
        state = gettext("stands") if run.is_standing else gettext("taken back")
        typer.echo(f"{run.id}\t{formats.instant(run.at)}\t{run.given}\t{state}")


@app.command("undo")
def undo_command(run: Annotated[int, typer.Argument(help="Number of the routing.")]) -> None:
    """Take a routing back: its leads have no owner again, its turns were never taken."""
    actor, _scope = acting(Right.IMPORT_DATA)
    done = service.route_undo(run, actor=actor)
    typer.echo(gettext("Taken back."))
    if done.conflicts:
        typer.echo(gettext("Later edits of the same fields stand."))
