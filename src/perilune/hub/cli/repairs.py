"""`perilune repairs look|list|apply|reject|runs|undo`: what could be mended, in the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext
from rich.progress import Progress

from perilune.hub.contracts.mending import RULE_LABELS, Stale
from perilune.hub.contracts.typing import CAUSE_LABELS, DEFINITION, Cause
from perilune.hub.queries import mending as queries
from perilune.hub.queries.typing import typing_avoided
from perilune.hub.service import enriching, mending
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.ui import formats

SCHEMA = 1
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
app = typer.Typer(help="Mend what records say, in bulk and with an undo.", no_args_is_help=True)


@app.callback()
def repairs() -> None:
    """Mend what records say, in bulk and with an undo."""


def _acting(right: Right = Right.IMPORT_DATA) -> str:
    actor, scope = acting(right)
    if scope.owners is not None:
        raise Refused(_("Only who sees every record can mend them all."))
    return actor


@app.command("look")
def look_command(as_json: Json = False) -> None:
    """Look through all accounts, contacts and leads."""
    _acting()
    with Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task(gettext("Looking at records"), total=None)
        done = mending.look(tell=lambda n, total: bar.update(task, completed=n, total=total))
    if as_json:
        document = {"schema": SCHEMA, "seen": done.seen, "found": done.found,
                    "waiting": done.waiting}  # fmt: skip
        typer.echo(json.dumps(document))
        return
    text = ngettext("%(n)s field could be mended", "%(n)s fields could be mended", done.waiting)
    typer.echo(text % {"n": formats.number(done.waiting, 0)})


@app.command("list")
def list_command(
    group: Annotated[str, typer.Argument(help="KIND/RULE[/PROVIDER]: its proposals.")] = "",
    limit: Annotated[int, typer.Option("--limit", help="Proposals at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List the kinds of repair that wait, or the proposals of one.

    Example: perilune repairs list account/phone
    """
    actor = _acting()
    mending.catch_up(actor=actor)
    if group:
        _rows(_group(group), limit, as_json)
        return
    found = queries.groups()
    if as_json:
        document = {"schema": SCHEMA, "groups": [asdict(one) for one in found]}
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for one in found:
        name = "/".join(filter(None, (one.kind, one.rule.value, one.origin)))
        typer.echo(f"{name}\t{one.count}\t{gettext(RULE_LABELS[one.rule])}")


def _rows(group: tuple[str, str, str], limit: int, as_json: bool) -> None:
    found = queries.rows(*group, limit=limit)
    if as_json:
        document = {"schema": SCHEMA, "total": queries.count_of(*group),
                    "proposals": [asdict(one) for one in found]}  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one.id}\t{one.title}\t{one.field}\t{one.old or ''}\t{one.new or ''}")


def _group(text: str) -> tuple[str, str, str]:
    parts = text.split("/")
    if not 2 <= len(parts) <= 3 or parts[0] not in mending.MENDED:
        raise Invalid(_("Name a kind of repair as KIND/RULE, such as account/phone."))
    return parts[0], parts[1], parts[2] if len(parts) == 3 else ""


@app.command("apply")
def apply_command(
    group: Annotated[str, typer.Argument(help="KIND/RULE[/PROVIDER].")],
    cap: Annotated[int, typer.Option("--cap", help="Fields at most.")] = mending.MOST,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    as_json: Json = False,
) -> None:
    """Apply all proposals of a kind, as one change set.

    Example: perilune repairs apply account/phone --dry-run
    """
    actor = _acting(Right.EDIT_RECORDS)
    done = mending.apply(actor=actor, group=_group(group), cap=cap, dry_run=is_dry)
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, **asdict(done)}, ensure_ascii=False))
        return
    if is_dry:
        text = ngettext("%(n)s field would change", "%(n)s fields would change", done.fields)
    else:
        text = ngettext("%(n)s field mended", "%(n)s fields mended", done.fields)
    typer.echo(text % {"n": formats.number(done.fields, 0)})
    _tell(done.stale)
    if done.run:
        typer.echo(gettext("Take it back with: perilune repairs undo %(run)s") % {"run": done.run})


def _tell(kept: tuple[Stale, ...]) -> None:
    for one in kept:
        text = gettext("%(kind)s %(id)s, %(field)s: edited since, it stays «%(now)s»")
        typer.echo(text % {"kind": one.kind, "id": one.record_id, "field": one.field,
                           "now": one.now})  # fmt: skip


@app.command("reject")
def reject_command(
    group: Annotated[str, typer.Argument(help="KIND/RULE[/PROVIDER].")] = "",
    ids: Annotated[list[int] | None, typer.Option("--id", help="One proposal.")] = None,
) -> None:
    """Reject proposals: they are not brought up again while both values stay the same."""
    _acting()
    count = mending.reject(ids=ids) if ids else mending.reject(group=_group(group))
    text = ngettext("%(n)s proposal rejected.", "%(n)s proposals rejected.", count)
    typer.echo(text % {"n": formats.number(count, 0)})


@app.command("runs")
def runs_command(as_json: Json = False) -> None:
    """List what was applied, newest first."""
    _acting()
    found = queries.runs()
    if as_json:
        lines: list[dict[str, Any]] = [{**asdict(one), "at": one.at.isoformat()} for one in found]
        typer.echo(json.dumps({"schema": SCHEMA, "runs": lines}, ensure_ascii=False))
        return
    for one in found:
        state = gettext("stands") if one.is_standing else gettext("taken back")
        what = one.origin or one.rule
        typer.echo(f"{one.id}\t{formats.instant(one.at)}\t{what}\t{one.fields}\t{state}")


@app.command("undo")
def undo_command(
    run: Annotated[int, typer.Argument(help="Number of the repairs.")], as_json: Json = False
) -> None:
    """Take repairs back: values are what they were, later edits stand."""
    done = mending.undo(run, actor=_acting(Right.EDIT_RECORDS))
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, **asdict(done)}, ensure_ascii=False))
        return
    typer.echo(gettext("Taken back."))
    _tell(done.kept)


@app.command("enrich")
def enrich_command(
    name: Annotated[str, typer.Argument(help="The provider; a file's may be new.")],
    path: Annotated[Path | None, typer.Argument(help="File or folder to read.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="account, contact or lead.")] = "account",
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="Least probability without a number.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask a provider: a register or table as files, or an HTTP service that was set up.

    Example: perilune repairs enrich sirene StockUniteLegale.csv
    """
    actor = _acting()
    if path is not None:
        enriching.provider_set(name, actor=actor, kind=kind, threshold=threshold)
    with Progress(disable=as_json, transient=True) as bar:
        task = bar.add_task(gettext("Asking about records"), total=None)
        done = enriching.enrich(name, path, tell=lambda n: bar.update(task, completed=n))
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, **asdict(done)}))
        return
    text = gettext("Proposals that wait: %(n)s.") % {"n": formats.number(done.found, 0)}
    typer.echo(text)


@app.command("typing")
def typing_command(as_json: Json = False) -> None:
    """Print the typing that machines saved in the last twelve months, by month and cause."""
    _acting()
    report = typing_avoided(company().today)
    sums: dict[tuple[str, str], list[float]] = {}
    for line in report.lines:
        of = sums.setdefault((line.month.isoformat(), line.cause.value), [0, 0.0])
        of[0], of[1] = of[0] + line.fields, of[1] + line.seconds
    if as_json:
        lines = [
            {"month": month, "cause": cause, "fields": int(n), "seconds": round(seconds, 2)}
            for (month, cause), (n, seconds) in sums.items()
        ]
        document = {"schema": SCHEMA, "definition": gettext(DEFINITION), "lines": lines,
                    "since": report.since.isoformat(), "as_of": report.until.isoformat(),
                    "fields": report.fields, "hours": round(report.hours, 3)}  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for (month, cause), (n, seconds) in sums.items():
        label = gettext(CAUSE_LABELS[Cause(cause)])
        typer.echo(f"{month[:7]}\t{label}\t{int(n)}\t{formats.number(seconds / 3600, 1)} h")
