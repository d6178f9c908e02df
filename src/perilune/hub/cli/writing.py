from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table as Grid

from perilune.hub.cli.sync import DONE, INTERNAL, NOTHING, USAGE, hub_app
from perilune.hub.contracts.writing import LINE_LABELS, BatchInfo, LineInfo, LineState, Verb
from perilune.hub.queries import writing as queries
from perilune.hub.queries.said import said
from perilune.hub.service import sync
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError
from perilune.ui import formats

LEFT = 3
"""Exit code: something was not written, or waits for a person."""

__all__ = ["hub_app"]
_err = Console(stderr=True)
_NOT_WRITTEN = (
    LineState.ASK, LineState.REFUSED, LineState.CANNOT, LineState.GONE, LineState.LEFT,
)  # fmt: skip
_As_json = Annotated[bool, typer.Option("--json", help="Print the lines as JSON.")]
_Go = Annotated[bool, typer.Option("--go", help="Write; without it, only what would be.")]


@hub_app.command("write")
def write_command(  # noqa: PLR0917  # options of a command
    name: Annotated[str, typer.Argument(help="The connection, as its page names it.")],
    why: Annotated[
        str, typer.Option("--for", help="What it is written for; kept in the log.")
    ] = "",
    change_set: Annotated[
        int | None, typer.Option("--set", help="Only what this change set wrote.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", help="Go on with a batch that was looked at.")
    ] = None,
    make: Annotated[
        bool, typer.Option("--make", help="Make there what was made here, instead of changes.")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete there what was ended here, where allowed.")
    ] = False,
    go: _Go = False,
    as_json: _As_json = False,
) -> None:
    """Write what was edited here to the other system: perilune hub write salesforce --for "…" --go.

    Without --go it is shown what stands there, what would be written and what conflicts. Exit 3
    where something was not written or waits for a person.
    """
    if batch is None and not why.strip():
        _err.print(gettext("Say with --for what it is written for."))
        raise typer.Exit(USAGE)
    verb = Verb.MAKE if make else Verb.END if delete else Verb.CHANGE

    def made() -> int:
        return batch or sync.write_prepare(name, why, actor="cli", set_id=change_set, verb=verb)

    _run(name, made, go, as_json)


@hub_app.command("write-undo")
def undo_command(
    name: Annotated[str, typer.Argument(help="The connection, as its page names it.")],
    batch: Annotated[int, typer.Argument(help="The batch that is taken back.")],
    go: _Go = False,
    as_json: _As_json = False,
) -> None:
    """Take a batch back: write the earlier values where the other system still shows ours."""

    def made() -> int:
        info = queries.batch(batch, name)
        purpose = gettext("Taken back: %(what)s") % {"what": info.purpose}
        return sync.write_undo(batch, purpose, actor="cli")

    _run(name, made, go, as_json)


@hub_app.command("write-log")
def log_command(
    name: Annotated[str, typer.Argument(help="The connection, as its page names it.")],
    batch: Annotated[
        int | None, typer.Argument(help="A batch; without one, all are listed.")
    ] = None,
    as_json: _As_json = False,
) -> None:
    """Show what was written to a connection, batch by batch or line by line."""
    if batch is not None:
        _print(_found(name, batch), as_json)
        return
    found = queries.batches(name, 100)
    if as_json:
        sys.stdout.write(json.dumps([_batch(one) for one in found], indent=2) + "\n")
        return
    grid = Grid("#", gettext("Written for"), gettext("State"), gettext("Values written"))
    for one in found:
        written = formats.number(one.count(LineState.WRITTEN), 0)
        grid.add_row(str(one.id), one.purpose, one.state.value, written)
    Console().print(grid)


def _found(name: str, batch: int) -> BatchInfo:
    try:
        return queries.batch(batch, name)
    except NotFound as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(NOTHING) from None


def _run(name: str, made: Any, go: bool, as_json: bool) -> None:
    try:
        batch_id = int(made())
        queries.batch(batch_id, name)
        _drive(batch_id)
        if go and queries.batch(batch_id).may_go:
            sync.write_go(batch_id, actor="cli")
            _drive(batch_id)
    except PeriluneError as error:
        _err.print(said(error.message, error.params), markup=False)
        is_nothing = isinstance(error, Conflict | NotFound | Invalid)
        raise typer.Exit(NOTHING if is_nothing else INTERNAL) from None
    info = queries.batch(batch_id)
    _print(info, as_json)
    raise typer.Exit(LEFT if info.count(*_NOT_WRITTEN) else DONE)


def _drive(batch_id: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task("", total=None)
        while True:
            told = sync.write_step(batch_id, seconds=2.0)
            bar.update(
                task, completed=told.done, total=told.total or None,
                description=said(told.message, told.params),
            )  # fmt: skip
            if told.is_done:
                return


def _print(info: BatchInfo, as_json: bool) -> None:
    lines = queries.lines(info.id)
    if as_json:
        told = {**_batch(info), "lines": [_line(one) for one in lines]}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return
    grid = Grid(
        gettext("Record"), gettext("Field"), gettext("Stands there now"), gettext("Written"),
        gettext("State"), gettext("Why"),
    )  # fmt: skip
    for one in lines:
        grid.add_row(
            one.title or one.key, one.column, one.was, one.text,
            gettext(LINE_LABELS[one.state]), one.code or one.reason,
        )  # fmt: skip
    Console().print(grid)
    _err.print(f"{gettext('Batch')} {info.id}", markup=False)


def _batch(info: BatchInfo) -> dict[str, Any]:
    return {
        "batch": info.id,
        "connection": info.connection,
        "for": info.purpose,
        "verb": info.verb.value,
        "state": info.state.value,
        "by": info.actor,
        "confirmed_by": info.confirmed_by,
        "undoes": info.undoes,
        "undone_by": info.undone_by,
        "counts": {state.value: count for state, count in info.counts.items()},
        "created_at": info.created_at.isoformat(),
    }


def _line(one: LineInfo) -> dict[str, Any]:
    return {
        "object": one.object,
        "key": one.key,
        "record": one.record_id,
        "field": one.column,
        "was": one.was,
        "text": one.text,
        "state": one.state.value,
        "policy": one.policy.value,
        "decision": one.decision,
        "code": one.code,
        "reason": one.reason,
        "asked_at": one.asked_at.isoformat() if one.asked_at else None,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
    }
