"""`perilune plan workbook` and `perilune plan import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import RIGHT_LABELS, Right
from perilune.people.queries import acting, company, rights_of, user_named
from perilune.planning import queries, service
from perilune.planning.cli.plans import SCHEMA, money
from perilune.planning.contracts import KEEP, Merge, Place, PlanView, Returned
from perilune.planning.queries.words import level_label, unit_label
from perilune.ui import formats

PlanArgument = Annotated[str, typer.Argument(help="The plan's name or number.")]
TAKES = ("theirs", "now")


def workbook_command(
    plan: PlanArgument,
    who: Annotated[str, typer.Option("--for", help="A leader, a team, a rep, or company.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write, .xlsx.")] = None,
    mail: Annotated[
        bool,
        typer.Option("--mail", help="Mail what is out to its leaders; with --for, to that one."),
    ] = False,
) -> None:
    """Write the workbook of a leader or unit: inputs by month, sums as formulas; or mail them.

    Example: perilune plan workbook "Plan 2027" --for "Team North" --out north.xlsx
    Example: perilune plan workbook "Plan 2027" --mail
    """
    if mail == (out is not None) or not (mail or who):
        raise Invalid(_("Either --for and --out, or --mail."))
    actor, scope = acting(Right.MAKE_PLANS)
    user = user_named(actor)
    if user is not None and Right.EXPORT_DATA not in rights_of(user):
        raise Refused(_("You may not %(what)s."), what=gettext(RIGHT_LABELS[Right.EXPORT_DATA]))
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    holder = queries.holder_named(view.content, view.names, who, company().today) if who else None
    if out is None or holder is None:
        _mail(view, holder, actor, scope)
        return
    book = service.hand_out(view.head.id, holder, actor=actor, scope=scope)
    with out.open("wb") as file:
        service.write_workbook(book, view.head, view.content, view.names, file)
    told = {"file": str(out), "who": holder.name or who, "count": len(book.base)}
    typer.echo(gettext("%(file)s: workbook for %(who)s, %(count)s amounts to fill in.") % told)


def _mail(view: PlanView, holder: queries.Holder | None, actor: str, scope: Scope) -> None:
    """Let the queue mail the latest workbook of each leader, or of one of them."""
    books: dict[str, int] = {}
    for book in queries.workbooks(view.head.id, scope, actor):  # the latest first
        if holder is None or (book.rep_id == holder.rep_id and book.units == holder.units):
            books.setdefault(f"{book.rep_id}:{book.holder}", book.id)
    job = service.mail_workbooks(view.head.id, list(books.values()), actor=actor, scope=scope)
    told = {"count": len(books), "job": job}
    typer.echo(gettext("Workbooks on their way: %(count)s (job %(job)s).") % told)


def import_command(
    plan: PlanArgument,
    path: Annotated[Path, typer.Argument(help="A returned workbook, or a plain sheet.")],
    take: Annotated[
        str,
        typer.Option("--take", help="Of amounts said differently: theirs or now; else none."),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take in a returned workbook or a sheet of targets and quotas, as one edition.

    Leaves with 1 where cells are wrong, or amounts are said differently and --take decides nothing.

    Example: perilune plan import "Plan 2027" north.xlsx --dry-run --json
    """
    if take and take not in TAKES:
        raise Invalid(_("--take is theirs or now."))
    actor, scope = acting(Right.MAKE_PLANS)
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    if not path.is_file():
        raise NotFound(_("There is no file %(file)s."), file=str(path))
    try:
        file = service.read_file(view.head.id, path, path.name, actor=actor, scope=scope)
    except Invalid as error:
        _wrong(error, as_json)
        raise typer.Exit(1) from None
    merge = queries.file_merge(view.head.id, file)
    is_open = bool(merge.clashes) and not take
    written = 0
    if not dry_run and not is_open:
        choices = {c.place: KEEP if take == "now" else c.said[0].returned for c in merge.clashes}
        written = service.take_file(view.head.id, file, choices, actor=actor, scope=scope)
    if as_json:
        facts = {"is_dry_run": dry_run, "written": written, "file": file.file}
        typer.echo(json.dumps(_document(view, file, merge) | facts, ensure_ascii=False))
    else:
        _print(view, merge, written, dry_run=dry_run)
    if is_open:
        raise typer.Exit(1)


def _wrong(error: Invalid, as_json: bool) -> None:
    """Tell why a file is not taken, cell by cell."""
    told = [(one.field, gettext(one.message) % one.params) for one in error.problems]
    text = gettext(error.message) % error.params if error.params else gettext(error.message)
    if as_json:
        cells = [{"cell": cell, "problem": what} for cell, what in told]
        typer.echo(json.dumps({"schema": SCHEMA, "error": text, "wrong": cells},
                              ensure_ascii=False))  # fmt: skip
        return
    typer.echo(text, err=True)
    for cell, what in told:
        typer.echo(f"  {cell}  {what}", err=True)


def _document(view: PlanView, file: Returned, merge: Merge) -> dict[str, Any]:
    currency = view.head.currency

    def where(place: Place) -> dict[str, Any]:
        return {
            "unit": place.unit,
            "name": unit_label(place.unit, view.names),
            "level": place.level.value,
            "month": company().calendar.months(view.head.year)[place.month - 1].name,
        }

    return {
        "schema": SCHEMA,
        "plan": view.head.id,
        "edition": view.head.edition,
        "currency": currency,
        "who": file.who,
        "base_edition": file.edition,
        "same": merge.same,
        "changes": [
            where(one.place)
            | {"before": money(one.before, currency), "after": money(one.after, currency)}
            for one in merge.changes
        ],
        "conflicts": [
            where(one.place)
            | {
                "now": money(one.now, currency),
                "now_by": one.now_by,
                "returned": [
                    {"who": said.who, "old": money(said.old, currency),
                     "theirs": money(said.minor, currency)}
                    for said in one.said
                ],
            }
            for one in merge.clashes
        ],
    }  # fmt: skip


def _print(view: PlanView, merge: Merge, written: int, *, dry_run: bool) -> None:
    currency = view.head.currency
    months = company().calendar.months(view.head.year)

    def amount(minor: int | None) -> str:
        return "" if minor is None else formats.money(minor, currency, 2, symbol=False)

    table = Table(title=f"{view.head.name} · {currency}", box=None, header_style="bold")
    for title in (gettext("Unit"), gettext("Level"), gettext("Month")):
        table.add_column(title)
    for title in (gettext("Handed out"), gettext("Now"), gettext("Returned")):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    rows = [(one.place, one.before, one.before, one.after, "") for one in merge.changes]
    rows += [
        (one.place, said.old, one.now, said.minor, gettext("said differently"))
        for one in merge.clashes
        for said in one.said
    ]
    for place, old, now, theirs, note in rows:
        unit, level = unit_label(place.unit, view.names), str(level_label(place.level))
        month = months[place.month - 1].name
        table.add_row(unit, level, month, amount(old), amount(now), amount(theirs), note)
    console = Console(highlight=False)
    console.print(table)
    if dry_run:
        console.print(gettext("Nothing was written: this is a preview."))
    elif merge.clashes and not written:
        console.print(gettext("Nothing was written: decide with --take theirs or --take now."))
    else:
        console.print(gettext("Amounts written as one edition: %(count)s") % {"count": written})
