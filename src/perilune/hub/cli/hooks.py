"""`perilune hooks`: webhooks as they stand, and deliveries made here and now."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table as Grid

from perilune.hub.contracts.hooks import SEND_LABELS, SendState
from perilune.hub.queries import hooks as queries
from perilune.hub.queries.said import said
from perilune.kernel.errors import PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries.acting import acting
from perilune.ui import formats

DONE, INTERNAL, USAGE, DEAD = 0, 1, 2, 3
_err = Console(stderr=True)

hooks_app = typer.Typer(
    help="Webhooks: calls of other systems, and what they are told.", no_args_is_help=True
)
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@hooks_app.command("list")
def list_command(as_json: _Json = False) -> None:
    """Show the addresses that are called and those that are told."""
    _allowed()
    hooks, told = queries.hooks(), queries.subscriptions()
    if as_json:
        found = {
            "in": [
                {
                    "id": one.id, "name": one.name, "address": f"/hooks/{one.address}/",
                    "connection": one.connection, "scheme": one.scheme.value, "is_on": one.is_on,
                    "calls": one.calls, "waiting": one.waiting, "seen": one.seen,
                    "imported": one.imported,
                    "last_at": one.last_at.isoformat() if one.last_at else None,
                    "refused": {reason.value: count for reason, count, _at in one.refused},
                }
                for one in hooks
            ],
            "out": [
                {
                    "id": one.id, "name": one.name, "address": one.address, "owner": one.owner,
                    "events": list(one.events), "is_on": one.is_on, "sent": one.sent,
                    "waiting": one.waiting, "dead": one.dead,
                }
                for one in told
            ],
        }  # fmt: skip
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    heads = [
        gettext("Name"),
        gettext("Last call received"),
        gettext("Calls received"),
        gettext("Waiting"),
    ]
    grid = Grid(*heads, gettext("Refused within a week"))
    for one in hooks:
        numbers = [formats.number(n, 0) for n in (one.calls, one.waiting, one.refusals)]
        grid.add_row(one.name, formats.instant(one.last_at), *numbers)
    Console().print(grid)
    grid = Grid(
        gettext("Name"), gettext("Last delivery"), gettext("Received there"), gettext("Waiting"),
        gettext("Given up"),
    )  # fmt: skip
    for told_one in told:
        numbers = [formats.number(n, 0) for n in (told_one.sent, told_one.waiting, told_one.dead)]
        grid.add_row(told_one.name, formats.instant(told_one.last_at), *numbers)
    Console().print(grid)


@hooks_app.command("send")
def send_command(
    again: Annotated[
        int | None, typer.Option("--again", help="A delivery that was given up, by its number.")
    ] = None,
) -> None:
    """Follow what happened and make every delivery that is due. Exit 3 where some were given up."""
    from perilune.hub.service.hooks import delivery_again, feeding, sending

    _allowed()
    try:
        if again is not None:
            delivery_again(again)
        feeding.follow(datetime.now(UTC))
    except PeriluneError as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(INTERNAL) from None
    sent = 0
    with _err.status(gettext("Making deliveries")):
        while True:
            made, left = sending.send(time.monotonic() + 2.0)
            sent += made
            if not left:
                break
    _err.print(gettext("Deliveries made: %(n)s") % {"n": formats.number(sent, 0)}, markup=False)
    is_dead = any(one.dead for one in queries.subscriptions())
    raise typer.Exit(DEAD if is_dead else DONE)


@hooks_app.command("deliveries")
def deliveries_command(
    state: Annotated[
        str, typer.Option("--state", help="waiting, sent, dead or empty; all without it.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", help="How many, the latest first.")] = 50,
    as_json: _Json = False,
) -> None:
    """Show the log of deliveries."""
    _allowed()
    if state and state not in {one.value for one in SendState}:
        _err.print(gettext("There is no such state."))
        raise typer.Exit(USAGE)
    found = queries.deliveries(state=SendState(state) if state else None, limit=max(limit, 1))
    if as_json:
        rows = [
            {
                "id": one.id, "subscription": one.subscription, "event": f"msg_{one.event_id}",
                "type": one.type, "state": one.state.value, "tries": one.tries,
                "status": one.status, "answer": one.answer,
                "created_at": one.created_at.isoformat(),
            }
            for one in found
        ]  # fmt: skip
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    heads = [gettext("Number"), gettext("Happened"), gettext("What"), gettext("State")]
    grid = Grid(*heads, gettext("Tries"), gettext("Answer"))
    for one in found:
        grid.add_row(
            str(one.id), formats.instant(one.created_at), one.type, gettext(SEND_LABELS[one.state]),
            formats.number(one.tries, 0), f"{one.status or ''} {one.answer}".strip(),
        )  # fmt: skip
    Console().print(grid)


def _allowed() -> None:
    try:
        acting(Right.MANAGE_SCHEDULES)
    except PeriluneError as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(INTERNAL) from None
