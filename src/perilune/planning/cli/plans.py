"""`perilune plan list`, `quotas`, `publish` and `activate`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting
from perilune.planning import queries, service
from perilune.planning.contracts import (
    PLAN_STATE_LABELS,
    Level,
    PlanHead,
    PlanView,
    SumCheck,
)
from perilune.planning.queries.words import level_label, unit_label
from perilune.ui import formats

SCHEMA = 1

PlanName = Annotated[
    str, typer.Option("--plan", help="Its name or number; default the one in force.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def plans_command(as_json: AsJson = False) -> None:
    """List the annual plans that you may see.

    Example: perilune plan list
    """
    actor, scope = acting(Right.MAKE_PLANS)
    heads = queries.plans(scope, actor)
    if as_json:
        document = {"schema": SCHEMA, "plans": [_document(head) for head in heads]}
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold")
    for title in (gettext("No."), gettext("Plan"), gettext("Year"), gettext("State"),
                  gettext("In force from"), gettext("Author")):  # fmt: skip
        table.add_column(title)
    for head in heads:
        table.add_row(
            str(head.id), head.name, str(head.year), gettext(PLAN_STATE_LABELS[head.state]),
            head.effective_from.isoformat() if head.effective_from else "", head.author,
        )  # fmt: skip
    Console(highlight=False).print(table)


def quotas_command(
    plan: PlanName = "",
    check: Annotated[
        bool, typer.Option("--check", help="Prove that every level sums to the cent.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the quotas of a plan, or prove that they sum; leaves with 1 where they do not.

    Example: perilune plan quotas --check --plan "Plan 2027" --json
    """
    actor, scope = acting(Right.MAKE_PLANS)
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    if not check:
        _quotas(view, as_json)
        return
    if not view.is_whole:
        raise Refused(_("The proof is of the whole plan: ask sales operations."))
    found = queries.proof(view.head, view.content)
    wrong = [one for one in found if one.difference]
    if as_json:
        typer.echo(json.dumps(_proof(view, found), ensure_ascii=False))
    else:
        _print_proof(view, found)
    if wrong or not found:
        raise typer.Exit(1)


def publish_command(
    plan: Annotated[str, typer.Argument(help="The plan's name or number.")],
    on: Annotated[str, typer.Option("--on", help="The first day that it is in force.")],
) -> None:
    """Say from which day on an approved plan is in force.

    Example: perilune plan publish "Plan 2027" --on 2027-01-01
    """
    actor, scope = acting(Right.PUBLISH_PLANS)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=on) from None
    head = queries.plan_named(plan, scope, actor)
    service.publish_plan(head.id, head.edition, day, actor=actor, scope=scope)
    typer.echo(gettext("“%(name)s” is in force from %(day)s on.")
               % {"name": head.name, "day": day.isoformat()})  # fmt: skip


def activate_command(as_json: AsJson = False) -> None:
    """Put every published plan in force whose day has come, as the daily schedule does.

    Example: perilune plan activate
    """
    actor, _scope = acting(Right.PUBLISH_PLANS)
    done = service.activate_plans(actor=actor)
    if as_json:
        typer.echo(json.dumps({"schema": SCHEMA, "plans": [asdict(one) for one in done]}))
        return
    typer.echo(gettext("Annual plans in force: %(count)s") % {"count": len(done)})


def money(minor: int | None, currency: str) -> str | None:
    """Return minor units as a plain decimal text."""
    return None if minor is None else str(formats.major(minor, currency))


def _document(head: PlanHead) -> dict[str, Any]:
    day = head.effective_from
    return {
        "id": head.id,
        "name": head.name,
        "year": head.year,
        "currency": head.currency,
        "state": head.state.value,
        "is_in_force": head.is_in_force,
        "author": head.author,
        "edition": head.edition,
        "as_of": head.as_of.day.isoformat(),
        "effective_from": day.isoformat() if day else None,
    }


def _quotas(view: PlanView, as_json: bool) -> None:
    currency = view.head.currency
    rows = [
        (row, level, view.content.year(level, unit))
        for unit, row in view.content.units.items()
        for level in Level
        if view.content.year(level, unit) is not None
    ]
    if as_json:
        units = [
            {
                "unit": row.unit,
                "name": unit_label(row.unit, view.names),
                "level": level.value,
                "year": money(minor, currency),
                "months": [
                    money(cell.minor, currency)
                    for place, cell in sorted(view.content.cells.items())
                    if place.unit == row.unit and place.level is level
                ],
            }
            for row, level, minor in rows
        ]
        document = {"schema": SCHEMA, "plan": _document(view.head), "units": units}
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    table = Table(title=f"{view.head.name} · {currency}", box=None, header_style="bold")
    table.add_column(gettext("Unit"))
    table.add_column(gettext("Level"))
    table.add_column(gettext("Year"), justify="right", no_wrap=True)
    for row, level, minor in rows:
        text = formats.money(minor, currency, 2, symbol=False)
        table.add_row(unit_label(row.unit, view.names), str(level_label(level)), text)
    Console(highlight=False).print(table)


def _proof(view: PlanView, found: Sequence[SumCheck]) -> dict[str, Any]:
    currency = view.head.currency
    wrong = [one for one in found if one.difference]
    return {
        "schema": SCHEMA,
        "plan": _document(view.head),
        "sums": len(found),
        "holds": bool(found) and not wrong,
        "levels": [
            {
                "unit": unit,
                "name": unit_label(unit, view.names),
                "level": level.value,
                "parts_level": lines[0].parts_level.value,
                "months": len(lines),
                "minor": sum(line.minor for line in lines),
                "over_assignment": sum(line.over for line in lines),
                "parts": sum(line.parts for line in lines),
                "difference": sum(line.difference for line in lines),
            }
            for (unit, level), lines in _by_unit(found).items()
        ],
        "gaps": [
            {
                "unit": one.unit,
                "level": one.level.value,
                "month": one.month,
                "difference": money(one.difference, currency),
            }
            for one in wrong
        ],
    }


def _by_unit(found: Sequence[SumCheck]) -> dict[tuple[str, Level], list[SumCheck]]:
    lines: dict[tuple[str, Level], list[SumCheck]] = defaultdict(list)
    for one in found:
        lines[one.unit, one.level].append(one)
    return lines


def _print_proof(view: PlanView, found: Sequence[SumCheck]) -> None:
    currency = view.head.currency
    table = Table(title=f"{view.head.name} · {currency}", box=None, header_style="bold")
    table.add_column(gettext("Unit"))
    table.add_column(gettext("Level"))
    for title in (gettext("Target"), gettext("Over-assignment"), gettext("Sum below"),
                  gettext("Difference")):  # fmt: skip
        table.add_column(title, justify="right", no_wrap=True)
    for (unit, level), lines in _by_unit(found).items():
        figures = (
            sum(line.minor for line in lines), sum(line.over for line in lines),
            sum(line.parts for line in lines), sum(line.difference for line in lines),
        )  # fmt: skip
        texts = (formats.money(one, currency, 2, symbol=False) for one in figures)
        table.add_row(unit_label(unit, view.names), str(level_label(level)), *texts)
    console = Console(highlight=False)
    console.print(table)
    wrong = [one for one in found if one.difference]
    for one in wrong:
        console.print(
            gettext("Does not sum: %(unit)s, month %(month)s, %(amount)s %(currency)s")
            % {
                "unit": unit_label(one.unit, view.names),
                "month": one.month,
                "amount": formats.money(one.difference, currency, 2, symbol=False),
                "currency": currency,
            }
        )
    if not found:
        console.print(gettext("This plan has no targets and quotas yet."))
    elif not wrong:
        told = {"count": formats.number(len(found), 0)}
        console.print(gettext("All %(count)s sums hold to the cent.") % told)
