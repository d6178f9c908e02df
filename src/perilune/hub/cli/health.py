"""`perilune hub health`: how connections stand, for people and for whatever watches them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table as Grid

from perilune.hub.contracts.health import WritingHealth
from perilune.hub.queries.health import Health, health
from perilune.hub.queries.said import said
from perilune.ui import formats

DONE, TROUBLED = 0, 3


def health_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show how every connection stands. Exit 3 where somebody must act."""
    found = health()
    if as_json:
        told = [_as_json(one) for one in found]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        heads = [gettext("Connection"), gettext("Last success"), gettext("Seen")]
        heads += [gettext("Records written"), gettext("Last written there"), gettext("To do")]
        grid = Grid(*heads)
        for one in found:
            last = one.info.last
            lines = [said(t.message, t.params) for t in one.troubles]
            grid.add_row(
                one.info.name,
                formats.instant(one.info.succeeded_at),
                formats.number(last.seen, 0) if last is not None else "",
                formats.number(last.written("new") + last.written("changed"), 0) if last else "",
                formats.instant(one.writing.written_at if one.writing else None),
                "\n".join(lines) or gettext("Nothing"),
            )
        Console().print(grid)
    is_urgent = any(trouble.is_urgent for one in found for trouble in one.troubles)
    raise typer.Exit(TROUBLED if is_urgent else DONE)


def _as_json(one: Health) -> dict[str, Any]:
    last = one.info.last
    return {
        "connection": one.info.name,
        "is_connected": one.info.is_connected,
        "is_proved": one.info.is_proved,
        "succeeded_at": one.info.succeeded_at.isoformat() if one.info.succeeded_at else None,
        "seen": last.seen if last is not None else None,
        "new": last.written("new") if last is not None else None,
        "changed": last.written("changed") if last is not None else None,
        "write_back": _writing(one.writing),
        "troubles": [
            {
                "code": trouble.code,
                "is_urgent": trouble.is_urgent,
                "since": trouble.at.isoformat() if trouble.at else None,
                "message": said(trouble.message, trouble.params),
                "todo": gettext(trouble.todo) if trouble.todo else "",
                **({"batch": trouble.batch} if trouble.batch else {}),
            }
            for trouble in one.troubles
        ],
    }


def _writing(found: WritingHealth | None) -> dict[str, Any] | None:
    if found is None:
        return None
    told = asdict(found)
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in told.items()}
