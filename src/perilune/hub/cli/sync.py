from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table as Grid

from perilune.hub import service
from perilune.hub.cli.health import health_command
from perilune.hub.cli.reconcile import reconcile_command
from perilune.hub.cli.sources import test_command
from perilune.hub.contracts.sync import Mode, SyncStep
from perilune.hub.queries import connections as queries
from perilune.hub.queries.said import said
from perilune.hub.service import sync
from perilune.kernel.errors import Conflict, NotFound, PeriluneError
from perilune.ui import formats

DONE, INTERNAL, USAGE, DIFFERS, NOTHING = 0, 1, 2, 3, 4
_err = Console(stderr=True)

hub_app = typer.Typer(
    help="Connections to other systems: sync, and the proof that nothing was lost.",
    no_args_is_help=True,
)


@hub_app.command("sync")
def sync_command(
    name: Annotated[str, typer.Argument(help="The connection, as its page names it.")],
    full: Annotated[bool, typer.Option("--full", help="Read every row again.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="List both sides, read what differs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Sync a connection: perilune hub sync salesforce. Exit 3 where rows still differ."""
    if full and repair:
        _err.print(gettext("Give --full or --repair, not both."))
        raise typer.Exit(USAGE)
    mode = Mode.FULL if full else Mode.REPAIR if repair else Mode.INCREMENTAL
    try:
        service.recover()
        run_id = sync.sync_start(name, mode, actor="cli")
        _drive(run_id)
    except PeriluneError as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(NOTHING if isinstance(error, Conflict | NotFound) else INTERNAL) from None
    info = queries.sync_info(run_id)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(info), ensure_ascii=False, indent=2) + "\n")
    else:
        text = gettext("Seen %(seen)s, new %(new)s, changed %(changed)s, still differing %(left)s.")
        _err.print(
            text % {
                "seen": formats.number(info.seen, 0),
                "new": formats.number(info.written("new"), 0),
                "changed": formats.number(info.written("changed"), 0),
                "left": formats.number(_left(info), 0),
            },
            markup=False,
        )  # fmt: skip
        for notice in info.notices:
            _err.print(said(notice["message"], notice["params"]), markup=False)
    _refresh()
    raise typer.Exit(DONE if info.is_proved else DIFFERS)


def _drive(run_id: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task("", total=None)
        while True:
            told: SyncStep = sync.sync_step(run_id, seconds=2.0)
            bar.update(
                task, completed=told.done, total=told.total or None,
                description=said(told.message, told.params),
            )  # fmt: skip
            if told.is_done:
                return


def _left(info: queries.SyncInfo) -> int:
    return sum(info.counts.get("left", {}).values())


def _as_json(info: queries.SyncInfo) -> dict[str, Any]:
    return {
        "run": info.id,
        "connection": info.connection,
        "mode": info.mode.value,
        "state": info.state.value,
        "is_proved": info.is_proved,
        "seen": info.counts.get("seen", {}),
        "written": info.counts.get("written", {}),
        "found_differing": info.counts.get("differing", {}),
        "left_differing": info.counts.get("left", {}),
        "notices": [said(one["message"], one["params"]) for one in info.notices],
        "imports": list(info.import_ids),
    }


@hub_app.command("proof")
def proof_command(
    name: Annotated[str, typer.Argument(help="The connection, as its page names it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show both sides as last compared, by object and month. Exit 3 where rows differ."""
    try:
        queries.connection(name)
    except NotFound as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(NOTHING) from None
    cells = queries.proof(name)
    if as_json:
        found = [
            {
                "object": cell.object,
                "month": cell.month.month,
                "there": cell.month.there,
                "here": cell.month.here,
                "sum_there": f"{cell.month.sum_there:016x}",
                "sum_here": f"{cell.month.sum_here:016x}",
                "refused": cell.month.refused,
                "is_equal": cell.month.is_equal,
                "proved_at": cell.proved_at.isoformat(),
                "rows": [{"key": key, "why": why} for key, why in cell.rows],
            }
            for cell in cells
        ]
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        Console().print(_grid(cells))
    is_equal = bool(cells) and all(cell.month.is_equal for cell in cells)
    raise typer.Exit(DONE if is_equal else DIFFERS)


hub_app.command("health")(health_command)
hub_app.command("test")(test_command)
hub_app.command("reconcile")(reconcile_command)


def _grid(cells: list[queries.ProofCell]) -> Grid:
    heads = [gettext("Object"), gettext("Created in"), gettext("There"), gettext("Here")]
    grid = Grid(*heads, gettext("State"))
    for cell in cells:
        month = cell.month
        grid.add_row(
            cell.object, month.month, formats.number(month.there, 0),
            formats.number(month.here, 0),
            gettext("Equal") if month.is_equal else gettext("Rows differ"),
        )  # fmt: skip
    return grid


def _refresh() -> None:
    from perilune.store import service as store

    with _err.status(gettext("Refreshing the store")):
        store.refresh()
