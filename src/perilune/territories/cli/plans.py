"""`perilune territories plans`, `publish` and `activate`: plans of this home."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting
from perilune.territories import queries, service
from perilune.territories.contracts import STATE_LABELS
from perilune.territories.queries import documents
from perilune.ui import formats

SCHEMA = documents.SCHEMA


def plans_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the territory plans that you may see.

    Example: perilune territories plans
    """
    actor, scope = acting(Right.DESIGN_TERRITORIES)
    heads = queries.drafts(scope, actor)
    if as_json:
        typer.echo(json.dumps(documents.plans_document(heads), ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold")
    for title in (gettext("No."), gettext("Plan"), gettext("State"), gettext("Territories"),
                  gettext("Accounts"), gettext("In force from"), gettext("Author")):  # fmt: skip
        table.add_column(title)
    for head in heads:
        table.add_row(
            str(head.id), head.name, gettext(STATE_LABELS[head.state]), str(head.territories),
            formats.number(head.accounts, 0),
            head.effective_from.isoformat() if head.effective_from else "", head.author,
        )  # fmt: skip
    Console(highlight=False).print(table)


def publish_command(
    plan: Annotated[int, typer.Argument(help="The plan's number, as `plans` shows it.")],
    on: Annotated[str, typer.Option("--on", help="The first day that it is in force.")],
) -> None:
    """Say from which day on an approved plan is in force.

    Example: perilune territories publish 3 --on 2027-01-01
    """
    actor, scope = acting(Right.PUBLISH_TERRITORIES)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=on) from None
    head = queries.draft(plan, scope, actor).head
    service.publish(plan, head.edition, day, actor=actor, scope=scope)
    typer.echo(gettext("“%(name)s” is in force from %(day)s on.")
               % {"name": head.name, "day": day.isoformat()})  # fmt: skip


def activate_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put every published plan in force whose day has come, as the daily schedule does.

    Example: perilune territories activate
    """
    actor, _scope = acting(Right.PUBLISH_TERRITORIES)
    done = service.activate_due(actor=actor)
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, "plans": [asdict(one) for one in done]}))
        return
    typer.echo(gettext("Territory plans in force: %(count)s") % {"count": len(done)})
