"""`perilune plan take`: events of a scenario come into an annual plan."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console
from rich.table import Table

from perilune.people.contracts import Right
from perilune.people.queries import acting
from perilune.planning import queries, service
from perilune.planning.cli.plans import SCHEMA, AsJson
from perilune.planning.contracts.taking import VERDICT_LABELS, TakenEdit, Taking, Verdict
from perilune.planning.engine.stored_plans import plain_edit
from perilune.ui import formats


def take_command(
    plan: Annotated[str, typer.Argument(help="The plan's name or number.")],
    scenario: Annotated[str, typer.Argument(help="The scenario's name or number.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the events of a scenario into a plan in the making, as one edition that undo takes back.

    Example: perilune plan take "Plan 2027" "Two more in the north" --dry-run --json
    """
    actor, scope = acting(Right.MAKE_PLANS)
    acting(Right.MAKE_SCENARIOS)
    head = queries.plan_named(plan, scope, actor)
    chosen = queries.scenario_named(scenario, actor)
    by: dict[str, Any] = {"actor": actor, "scope": scope}
    found = queries.take_preview(head.id, chosen.id, **by)
    taken = 0
    if not dry_run and found.open:
        taken = service.take_scenario(head.id, head.edition, chosen.id, seen=chosen.edition, **by)
    if as_json:
        typer.echo(json.dumps(_document(found, taken), ensure_ascii=False))
    else:
        _print(found, taken)


def _document(found: Taking, taken: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "plan": {"id": found.plan.id, "name": found.plan.name, "edition": found.plan.edition},
        "scenario": {"id": found.scenario.head.id, "name": found.scenario.head.name},
        "taken": taken,
        "counts": {verdict.value: len(found.of(verdict)) for verdict in Verdict},
        "events": [
            {"id": line.id, "becomes": line.verdict.value, **plain_edit(line.planned),
             "why": _why(line)}
            for line in found.lines
        ],
    }  # fmt: skip


def _why(line: TakenEdit) -> str:
    return gettext(line.problem.message) % line.problem.params if line.problem else ""


def _print(found: Taking, taken: int) -> None:
    table = Table(title=f"{found.scenario.head.name} → {found.plan.name}", box=None,
                  header_style="bold")  # fmt: skip
    for title in (gettext("No."), gettext("Type"), gettext("State"), gettext("Why")):
        table.add_column(title)
    for line in found.lines:
        table.add_row(
            str(line.id), line.edit.TYPE, gettext(VERDICT_LABELS[line.verdict]), _why(line)
        )
    console = Console(highlight=False)
    console.print(table)
    text = ngettext("%(n)s event taken into the plan.", "%(n)s events taken into the plan.", taken)
    console.print(text % {"n": formats.number(taken, 0)})
