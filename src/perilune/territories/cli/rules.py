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

MOST = 30


def assign_command(
    accounts: Annotated[Path, typer.Argument(help="CSV: id and the fields that rules ask for.")],
    rules: Annotated[Path, typer.Option(help="JSON of rules, as design --rules-out writes it.")],
    current: Annotated[str, typer.Option(help="Column of the present territory.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show where assignment rules put accounts and whom a run would move; nothing is written.

    Example: perilune territories assign new.csv --rules rules.json --current territory --json
    """
    rows = rows_of(accounts)
    if "id" not in rows[0]:
        raise Invalid(_("There is no column named %(name)s."), name="id")
    if current and current not in rows[0]:
        raise Invalid(_("There is no column named %(name)s."), name=current)
    ids = [row["id"] for row in rows]
    made = read(rules)
    placed = place(ids, {name: [row[name] for row in rows] for name in rows[0]}, made)
    shifts = preview(ids, [row[current] if current else "" for row in rows], placed)
    if as_json:
        typer.echo(json.dumps(_document(ids, placed, shifts), ensure_ascii=False))
    else:
        _print(ids, placed, shifts)


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
    unmatched = sum(not name for name in placed.territory)
    text = ngettext(
        "%(count)s account meets no rule.", "%(count)s accounts meet no rule.", unmatched
    )
    typer.echo(text % {"count": unmatched})
    several = len(placed.ambiguous)
    text = ngettext(
        "%(count)s account is claimed by several territories.",
        "%(count)s accounts are claimed by several territories.",
        several,
    )
    typer.echo(text % {"count": several})
