"""`territories in-force`, `holder`, `place`, `sheet` and `handover`: what stands, as JSON or lines.

The documents are those of the REST API.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.people.contracts import Right
from perilune.people.queries import acting, company, require_export
from perilune.territories import queries
from perilune.territories.contracts import REASON_LABELS
from perilune.territories.queries import documents
from perilune.ui import formats

AsOfOption = Annotated[str, typer.Option("--as-of", help="A day, 2026-12-31; today by default.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def in_force_command(as_of: AsOfOption = "", as_json: JsonOption = False) -> None:
    """List the territories in force as of a day, with their reps.

    Example: perilune territories in-force --as-of 2027-01-01
    """
    at, (_actor, scope) = _at(as_of), acting()
    rows = queries.in_force(at, scope)
    if as_json:
        _say(documents.in_force_document(rows, at))
        return
    table = _table(gettext("Territory"), gettext("Layer"), gettext("Reps"), gettext("Accounts"))
    for row in rows:
        reps = ", ".join(name for _rep, name, _role in row.reps)
        table.add_row(row.name, row.layer, reps, formats.number(row.accounts, 0))
    Console(highlight=False).print(table)


def holder_command(
    account: Annotated[int, typer.Argument(help="The account's number.")],
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say who holds an account as of a day.

    Example: perilune territories holder 4711 --as-of 2026-12-31
    """
    at, (_actor, scope) = _at(as_of), acting()
    held = queries.holder(account, at, scope)
    if as_json:
        _say(documents.holding_document(held, at))
        return
    typer.echo(gettext("%(account)s: owner %(owner)s.") % {
        "account": held.account, "owner": held.owner or "—"})  # fmt: skip
    for one in held.territories:
        reps = ", ".join(name for _rep, name, _role in one.reps) or "—"
        typer.echo(
            f"{one.territory} ({one.layer}): {reps}" if one.layer else f"{one.territory}: {reps}"
        )


def place_command(  # noqa: PLR0917  # an option each
    postcode: Annotated[str, typer.Option(help="Postcode of the account that arrives.")] = "",
    country: Annotated[str, typer.Option(help="Its country, as accounts have it.")] = "",
    layer: Annotated[str, typer.Option(help="The layer; left out: the main one.")] = "",
    field: Annotated[
        list[str] | None, typer.Option(help="Another field of it: segment=Enterprise; may repeat.")
    ] = None,
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say where an account that arrives would belong; nothing is written.

    By the assignment rules that the plan in force kept, else by those that its territories give.
    Example: perilune territories place --postcode 75011 --country FR --field segment=Enterprise
    """
    at, (_actor, scope) = _at(as_of), acting(Right.DESIGN_TERRITORIES)
    facts = queries.facts_of(field or [], postcode, country)
    placed = queries.place_new(facts, layer, at, scope)
    if as_json:
        _say(documents.place_document(placed, at))
        return
    typer.echo(placed.territory or gettext("No territory claims it."))
    if placed.plan:
        typer.echo(gettext("By the rules of “%(plan)s”.") % {"plan": placed.plan})


def sheet_command(
    plan: Annotated[int, typer.Argument(help="The plan's number, as `plans` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Show a plan in figures: per territory, and in all.

    Example: perilune territories sheet 3 --json
    """
    actor, scope = acting(Right.DESIGN_TERRITORIES)
    head = queries.draft(plan, scope, actor).head
    sheet = queries.sheet(plan, scope, actor)
    if as_json:
        _say(documents.sheet_document(head, sheet))
        return
    table = _table(gettext("Territory"), gettext("Rep"), gettext("Accounts"),
                   gettext("Deviation"), gettext("Pipeline"))  # fmt: skip
    for row in sheet.territories:
        off = max((abs(one) for one in row.deviation if one is not None), default=None)
        table.add_row(row.name, row.rep, formats.number(row.accounts, 0), formats.percent(off),
                      formats.money(row.pipeline, sheet.currency))  # fmt: skip
    Console(highlight=False).print(table)


def handover_command(
    plan: Annotated[int, typer.Argument(help="The plan's number, as `plans` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """List what changes hands by a plan, the dearest first.

    Example: perilune territories handover 3 --json
    """
    actor, scope = acting(Right.DESIGN_TERRITORIES)
    require_export()
    head = queries.draft(plan, scope, actor).head
    rows = queries.handover(plan, scope, actor)
    if as_json:
        _say(documents.handover_document(head, rows, company().currency))
        return
    table = _table(gettext("Account"), gettext("From"), gettext("To"), gettext("Reason"))
    for row in rows:
        table.add_row(row.account, row.from_name, row.to_name, gettext(REASON_LABELS[row.reason]))
    Console(highlight=False).print(table)


def _at(text: str) -> AsOf:
    here = company()
    return AsOf.parse(text, here.zone) if text else here.today


def _table(*heads: str) -> Table:
    table = Table(box=None, header_style="bold")
    for head in heads:
        table.add_column(head)
    return table


def _say(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False))
