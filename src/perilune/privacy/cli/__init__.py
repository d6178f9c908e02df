"""`perilune privacy find|look|export|ask|approve|proof|retention`: the rights of a person."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import get_language, gettext, pgettext
from rich.progress import Progress

from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.privacy import queries, service
from perilune.privacy.contracts import GROUNDS, STATES, DossierState, Ground
from perilune.privacy.queries import retaining

app = typer.Typer(help="Find, export and erase a person; retention rules.", no_args_is_help=True)
SCHEMA = 1
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[int, typer.Argument(help="The dossier's number.")]


def _actor() -> str:
    return acting(Right.PROTECT_PEOPLE)[0]


def _run(kind: str, params: dict[str, Any], actor: str) -> None:
    """Run a job here, with its progress; Conflict with what it said where it failed."""
    with Progress(transient=True) as shown:
        task = shown.add_task(gettext("Working"), total=None)

        def tell(status: Any) -> None:
            text = gettext(status.message) if status.message else gettext("Working")
            shown.update(task, total=status.total or None, completed=status.done, description=text)

        done = jobs.run_here(kind, params, actor=actor, on_progress=tell)
    if done.error:
        raise Conflict(done.error)


@app.command("find")
def find_command(
    text: Annotated[str, typer.Argument(help="A name, an address or a number.")],
    as_json: Json = False,
) -> None:
    """List the records that may be a person, also those of before.

    Example: perilune privacy find "Zoé Martin"
    """
    _actor()
    found = queries.find(text)
    if as_json:
        document = {"schema": SCHEMA, "records": [asdict(one) for one in found]}
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one.kind}:{one.record_id}  {one.name}  {one.hint}".rstrip())


@app.command("look")
def look_command(
    records: Annotated[
        list[str] | None, typer.Argument(help="Records as `find` names them, contact:12.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="An address, number or whole name in texts alone.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Open a dossier and look through the whole home; nothing is changed.

    Example: perilune privacy look contact:12 lead:7
    """
    actor = _actor()
    told = [_record(one) for one in records or ()]
    number = service.dossier_open(told, extra=text or (), actor=actor, is_queued=False)
    _run(service.LOOK.name, {"dossier": number}, actor)
    _show(number, as_json=as_json)


def _record(text: str) -> tuple[str, int]:
    kind, _sep, number = text.partition(":")
    if not number.isdecimal():
        raise Invalid(_("«%(text)s» is no record: contact:12 is one."), text=text)
    return kind, int(number)


@app.command("export")
def export_command(
    dossier: Number,
    out: Annotated[Path, typer.Option(help="The zip to write.")],
) -> None:
    """Write everything that is held of a person: JSON, and a table for each kind.

    Example: perilune privacy export 3 --out zoe.zip
    """
    _actor()
    info = queries.dossier(dossier)
    if info.state in (DossierState.DONE, DossierState.DROPPED):
        raise Conflict(_("This dossier is closed."))
    _name, content = queries.export(dossier, get_language() or "en")
    out.write_bytes(content)
    typer.echo(str(out))


@app.command("ask")
def ask_command(
    dossier: Number,
    ground: Annotated[str, typer.Option(help=", ".join(item.value for item in Ground))] = "asked",
    with_doubtful: Annotated[
        bool, typer.Option(help="Take every doubtful text for theirs.")
    ] = False,
) -> None:
    """Ask that a person be erased; somebody else approves it.

    Example: perilune privacy ask 3 --ground asked
    """
    actor = _actor()
    if ground not in {item.value for item in GROUNDS}:
        raise Invalid(_("Say why the person is erased."))
    info = queries.dossier(dossier)
    chosen = [one for one in info.mentions if one.is_sure or with_doubtful]
    service.erasure_ask(dossier, ground=ground, chosen=chosen, actor=actor)
    _show(dossier, as_json=False)


@app.command("approve")
def approve_command(dossier: Number) -> None:
    """Approve what somebody else asked for, and carry it out here.

    Example: perilune --as lea privacy approve 3
    """
    actor = _actor()
    info = queries.dossier(dossier)
    if info.state in (DossierState.APPROVED, DossierState.REMAINS):
        service.erasure_again(dossier, actor=actor, is_queued=False)
    else:
        service.erasure_approve(dossier, actor=actor, is_queued=False)
    _run(service.ERASE.name, {"dossier": dossier}, actor)
    _show(dossier, as_json=False)


@app.command("proof")
def proof_command(dossier: Number, as_json: Json = False) -> None:
    """Show where a dossier stands, and what the search after the erasure found.

    Example: perilune privacy proof 3 --json
    """
    _actor()
    _show(dossier, as_json=as_json)


@app.command("retention")
def retention_command(
    run: Annotated[bool, typer.Option("--run", help="Do what the rules that are on say.")] = False,
) -> None:
    """List the retention rules with what each would do today, or run them.

    Example: perilune privacy retention
    """
    actor = _actor()
    if run:
        _run(service.RETENTION.name, {}, actor)
    for rule in retaining.rules():
        count = retaining.preview(rule, company().today.day).count
        state = gettext("On") if rule.is_enabled else pgettext("rule", "Off")
        typer.echo(f"{rule.name}  {rule.kind}  {rule.days}  {rule.action.value}  {count}  {state}")


def _show(number: int, *, as_json: bool) -> None:
    info = queries.dossier(number)
    if as_json:
        document = {"schema": SCHEMA, **asdict(info), "chosen": sorted(info.chosen)}
        typer.echo(json.dumps(document, ensure_ascii=False, default=str))
        return
    typer.echo(f"{info.id}  {gettext(STATES[info.state])}")
    for place in info.places:
        typer.echo(f"  {gettext(place.label)}: {place.found}")
    for kind, record_id in info.shared:
        typer.echo(gettext("  also borne by %(record)s") % {"record": f"{kind}:{record_id}"})
    if info.proof is not None:
        told = gettext(
            "  %(files)s files, %(bytes)s bytes, %(tables)s tables, %(cells)s texts read"
        )
        typer.echo(
            told % {
                "files": info.proof.files, "bytes": info.proof.bytes,
                "tables": info.proof.tables, "cells": info.proof.cells,
            }
        )  # fmt: skip
        for left, count in info.proof.remains:
            typer.echo(f"  ! {left}: {count}")
