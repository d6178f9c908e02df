"""`perilune store …`: build, refresh, look at and ask the analytical store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from django.utils.formats import number_format
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import PeriluneError
from perilune.kernel.scope import Scope
from perilune.store import contracts, queries, service

app = typer.Typer(no_args_is_help=True, help="The analytical store, derived from the records.")
_errors = Console(stderr=True)
_out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]


@app.command()
def rebuild(as_json: AsJson = False) -> None:
    """Build every table anew from the records. Example: perilune store rebuild."""
    with _progress(gettext("Rebuilding")) as report:
        _say_version(service.rebuild(report), as_json)


@app.command()
def refresh(as_json: AsJson = False) -> None:
    """Take over what changed since the last time. Example: perilune store refresh."""
    with _progress(gettext("Refreshing")) as report:
        _say_version(service.refresh(report), as_json)


@app.command()
def compact(
    every: Annotated[bool, typer.Option("--all", help="Small overlays, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fold what was taken over into the base files. Example: perilune store compact --all."""
    with _progress(gettext("Compacting")) as report:
        _say_version(service.compact(report, every=every), as_json)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the version, its age and each table's size. Example: perilune store status."""
    with _told():
        fresh, tables = queries.freshness(), queries.status()
    if as_json:
        content = asdict(fresh) | {"tables": [asdict(table) for table in tables]}
        typer.echo(json.dumps(content, default=_plain))
        return
    built = fresh.built_at.isoformat(" ", "seconds") if fresh.built_at else gettext("never")
    text = gettext("Version %(version)s, built %(built)s, %(seconds)s s behind")
    _out.print(
        text % {"version": fresh.version, "built": built, "seconds": f"{fresh.behind_seconds:.0f}"}
    )
    shown = Table(
        gettext("Table"), gettext("Rows"), gettext("Overlay rows"), gettext("Overlay keys"),
        gettext("MB"),
    )  # fmt: skip
    for table in tables:
        numbers = (table.base_rows, table.overlay_rows, table.overlay_keys)
        shown.add_row(
            table.name,
            *(number_format(n, force_grouping=True) for n in numbers),
            number_format(table.bytes / 1e6, 1),
        )
    _out.print(shown)


@app.command()
def query(
    name: Annotated[str, typer.Argument(help="Such as crm.pipeline_by_stage.")],
    param: Annotated[list[str] | None, typer.Option(help="KEY=VALUE, repeated.")] = None,
    as_of: Annotated[str, typer.Option(help="2026-12-31 or an instant; now if left out.")] = "",
    explain: Annotated[bool, typer.Option(help="Show the SQL instead of running it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a named query. Example: perilune store query crm.pipeline_by_stage --as-of 2026-12-31."""
    with _told():
        at = _as_of(as_of)
        params = dict(_parsed(text) for text in param or [])
        if explain:
            typer.echo(queries.explain(name, params, scope=Scope.company(), as_of=at))
            return
        result = queries.run(name, params, scope=Scope.company(), as_of=at)
    if as_json:
        content = {
            "query": name,
            "as_of": at.day,
            "version": result.version,
            "rows": result.dicts(),
        }
        typer.echo(json.dumps(content, default=_plain))
        return
    shown = Table(*result.columns)
    for row in result.rows:
        shown.add_row(*("" if value is None else str(value) for value in row))
    _out.print(shown)


def _as_of(text: str) -> AsOf:
    zone = service.zone()
    return AsOf.parse(text, zone) if text else AsOf.instant(datetime.now(UTC), zone)


def _parsed(text: str) -> tuple[str, Any]:
    """Read `key=value`: a date, a number, true or false, a list with commas, else a text."""
    key, separator, value = text.partition("=")
    if not separator:
        raise typer.BadParameter(gettext("%(text)s: KEY=VALUE is wanted") % {"text": text})
    if "," in value:
        return key, [_value(part) for part in value.split(",")]
    return key, _value(value)


def _value(text: str) -> Any:
    readers: tuple[Callable[[str], Any], ...] = (int, float, date.fromisoformat)
    for read in readers:
        try:
            return read(text)
        except ValueError:
            continue
    return {"true": True, "false": False, "": None}.get(text, text)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)


def _say_version(version: int, as_json: bool) -> None:
    said = gettext("The store is at version %(version)s.") % {"version": version}
    typer.echo(json.dumps({"version": version}) if as_json else said)


@contextmanager
def _progress(title: str) -> Iterator[Callable[[contracts.Progress], None]]:
    """Show a bar on standard error, one step per table."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with _told(), Progress(*columns, console=_errors, transient=True) as bar:
        task = bar.add_task(title)

        def report(step: contracts.Progress) -> None:
            rows = f" {step.rows:,}" if step.rows else ""
            bar.update(
                task, total=step.total, completed=step.done, description=f"{step.table}{rows}"
            )

        yield report


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong in one line; exit 4: nothing was applied."""
    try:
        yield
    except PeriluneError as error:
        text = gettext(error.message)
        _errors.print(text % error.params if error.params else text, style="red", markup=False)
        raise typer.Exit(4) from None
