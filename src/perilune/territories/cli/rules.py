"""`perilune territories assign`: where rules put accounts, and what a run would move."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting
from perilune.territories import queries
from perilune.territories.cli import writing
from perilune.territories.cli.reading import rows_of
from perilune.territories.contracts import (
    BY_HAND,
    Criterion,
    Operator,
    Placed,
    Rule,
    RuleSet,
    Shift,
)
from perilune.territories.engine import place, preview
from perilune.territories.queries import documents

MOST = 30


def assign_command(
    accounts: Annotated[
        Path | None, typer.Argument(help="CSV: id and the fields that rules ask for.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="JSON of rules, as design --rules-out writes it.")
    ] = None,
    current: Annotated[str, typer.Option(help="Column of the present territory.")] = "",
    plan: Annotated[
        int, typer.Option(help="A plan of this home whose kept rules are meant, as `plans` shows.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show where assignment rules put accounts and whom a run would move; nothing is written.

    Rules of a file, or those that a plan keeps; with a plan and without accounts: of this home's
    accounts as they are now.
    Example: perilune territories assign new.csv --rules rules.json --current territory --json
    """
    if (rules is None) == (not plan):
        raise Invalid(_("Give rules by --rules or by --plan, one of them."))
    if accounts is None:
        if not plan:
            raise Invalid(_("Rules of a file need accounts of a file."))
        _told_now(plan, as_json=as_json)
        return
    rows = rows_of(accounts)
    if "id" not in rows[0]:
        raise Invalid(_("There is no column named %(name)s."), name="id")
    if current and current not in rows[0]:
        raise Invalid(_("There is no column named %(name)s."), name=current)
    ids = [row["id"] for row in rows]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    if rules is None:
        actor, scope = acting(Right.DESIGN_TERRITORIES)
        placed = queries.placed_by_plan(plan, ids, columns, scope, actor)
    else:
        placed = place(ids, columns, read(rules))
    shifts = preview(ids, [row[current] if current else "" for row in rows], placed)
    if as_json:
        typer.echo(json.dumps(_document(ids, placed, shifts), ensure_ascii=False))
    else:
        _print(ids, placed, shifts)


def _told_now(plan: int, *, as_json: bool) -> None:
    """Show what a plan's rules would do to this home's accounts as they are now."""
    actor, scope = acting(Right.DESIGN_TERRITORIES)
    head = queries.draft(plan, scope, actor).head
    if not any(
        one.is_on and not one.is_lost for one in queries.rule_book(plan, scope, actor).rules
    ):
        raise Invalid(_("“%(plan)s” keeps no assignment rules that are on."), plan=head.name)
    found = queries.rule_preview(plan, scope, actor)
    if as_json:
        told = documents.rules_document(head, found)
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    table = Table(title=gettext("Arrived since the plan"))
    for title in ("id", gettext("Account"), gettext("Now"), gettext("To territory"),
                  gettext("Rule")):  # fmt: skip
        table.add_column(title)
    for one in found.arrivals[:MOST]:
        table.add_row(str(one.id), one.name, one.now, one.goal, str(one.rule or ""))
    Console().print(table)
    count = len(found.elsewhere)
    text = ngettext(
        "The rules put %(n)s account elsewhere than the plan does.",
        "The rules put %(n)s accounts elsewhere than the plan does.",
        count,
    )
    typer.echo(text % {"n": count})
    _say_unmatched(found.unmatched, found.ambiguous)


def write_rules(path: Path, made: RuleSet) -> None:
    """Write rules as `read` takes them."""
    document = {
        "schema": writing.SCHEMA,
        "rules": [asdict(rule) for rule in made.rules],
        "parents": dict(made.parents),
        "by_hand": dict(made.by_hand),
    }
    writing.write(path, document)


def read(path: Path) -> RuleSet:
    """Return the rules of a file. Raises NotFound, or Invalid with what is wrong in it."""
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(path))
    try:
        told = json.loads(path.read_text("utf-8"))
        rules = tuple(_rule(item) for item in told["rules"])
        parents, by_hand = dict(told.get("parents", {})), dict(told.get("by_hand", {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(
            _("%(path)s holds no rules: %(why)s."), path=str(path), why=str(error)
        ) from None
    return RuleSet(rules, parents, by_hand)


def _rule(item: dict[str, Any]) -> Rule:
    criteria = tuple(
        Criterion(one["field"], Operator(one["operator"]), tuple(map(str, one.get("values", ()))))
        for one in item["criteria"]
    )
    return Rule(
        item["territory"], criteria, int(item.get("priority", 0)), bool(item.get("is_inherited"))
    )


def _document(ids: list[str], placed: Placed, shifts: tuple[Shift, ...]) -> dict[str, Any]:
    return {
        "schema": writing.SCHEMA,
        "accounts": [
            {
                "id": one,
                "territory": placed.territory[at] or None,
                "rule": placed.rule[at] if placed.rule[at] >= 0 else None,
                "by_hand": placed.rule[at] == BY_HAND,
            }
            for at, one in enumerate(ids)
        ],
        "would_move": [asdict(shift) for shift in shifts],
        "unmatched": [ids[at] for at, name in enumerate(placed.territory) if not name],
        "ambiguous": {ids[at]: list(names) for at, names in placed.ambiguous.items()},
    }


def _print(ids: list[str], placed: Placed, shifts: tuple[Shift, ...]) -> None:
    table = Table(title=gettext("What a run would move"))
    for head in ("id", gettext("From territory"), gettext("To territory"), gettext("Rule")):
        table.add_column(head)
    for shift in shifts[:MOST]:
        rule = gettext("by hand") if shift.rule == BY_HAND else str(shift.rule)
        table.add_row(shift.account, shift.source, shift.goal, rule)
    Console().print(table)
    if len(shifts) > MOST:
        text = gettext("… and %(count)s more; --json lists them all.")
        typer.echo(text % {"count": len(shifts) - MOST}, err=True)
    _say_unmatched(sum(not name for name in placed.territory), len(placed.ambiguous))


def _say_unmatched(unmatched: int, several: int) -> None:
    text = ngettext(
        "%(count)s account meets no rule.", "%(count)s accounts meet no rule.", unmatched
    )
    typer.echo(text % {"count": unmatched})
    text = ngettext(
        "%(count)s account is claimed by several territories.",
        "%(count)s accounts are claimed by several territories.",
        several,
    )
    typer.echo(text % {"count": several})
