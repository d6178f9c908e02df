"""The assignment rules of a plan as they stand, and what was applied of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perilune.history.queries import set_info
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.territories.contracts import (
    WHOLE,
    Criterion,
    EditKind,
    InForce,
    KeptRule,
    Loaded,
    Operator,
    RuleBook,
    RuleRun,
    RuleVerb,
)
from perilune.territories.models import DraftEdit, RuleApplied, RuleEdition
from perilune.territories.queries.forces import in_force
from perilune.territories.queries.loading import loaded, require_whole

ABOVE = "r"
"""Begins the key of a territory that is not the plan's own, but lies above one of them."""


def rule_book(draft_id: int, scope: Scope, actor: str) -> RuleBook:
    """Return the rules of a plan as they stand.

    NotFound where nothing of it is the person's; Refused where not all of it is, for rules are
    about the whole.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    return book_of(found)


def rule_runs(draft_id: int, scope: Scope, actor: str) -> list[RuleRun]:
    """Return what was applied of a plan's rules, the latest first; refused as `rule_book` is."""
    require_whole(loaded(draft_id), scope, actor)
    return [run_of(row) for row in RuleApplied.objects.filter(draft_id=draft_id)]


def run_of(row: RuleApplied) -> RuleRun:
    """Return a run, plain."""
    written = set_info(row.change_set_id)
    return RuleRun(
        row.pk, row.edition, row.actor, row.at, row.day, row.placed, row.owners, row.change_set_id,
        is_taken_back=written is None or written.retracted_at is not None,
    )  # fmt: skip


def book_of(found: Loaded, known_at: datetime | None = None) -> RuleBook:
    """Return the rules of a plan that is loaded; the gate is the caller's affair.

    known_at: as they stood at an instant; by default as they stand.
    """
    standing = {one.id: one for one in in_force(company().today, Scope.company())}
    choices = {str(row.number): row.name for row in found.rows}
    parents = _parents(found, standing, choices)
    editions = RuleEdition.objects.filter(draft_id=found.head.id).order_by("-number")
    row = (editions.filter(at__lte=known_at) if known_at else editions).first()
    if row is None:
        return RuleBook(0, (), choices, parents)
    stable = not _is_renumbered(found.head.id, row.plan_edition)
    rules = [_rule(one, choices, is_stable=stable) for one in row.rules]
    return RuleBook(
        row.number,
        tuple(sorted(rules, key=lambda one: (one.rank, one.name.casefold(), one.id))),
        choices,
        parents,
        can_undo=row.before is not None,
        verb=RuleVerb(row.verb),
        actor=row.actor,
        at=row.at,
    )


def _parents(
    found: Loaded, standing: Mapping[int, InForce], choices: dict[str, str]
) -> dict[str, str]:
    """Return each territory's key to that of the one above it; those above join the choices."""
    keys = {row.record_id: str(row.number) for row in found.rows if row.record_id is not None}
    parents: dict[str, str] = {}
    for start in list(keys):
        at: int | None = start
        while at is not None and at in standing:
            key = keys.get(at, f"{ABOVE}{at}")
            above = standing[at].parent_id
            if key in parents or above is None or above not in standing:
                break
            parents[key] = keys.get(above, f"{ABOVE}{above}")
            choices.setdefault(parents[key], standing[above].name)
            at = above
    return parents


def _is_renumbered(draft_id: int, since: int) -> bool:
    """Tell whether the plan's territories may have other numbers than at an edition."""
    kinds = [kind.value for kind in (*WHOLE, EditKind.UNDO, EditKind.REDO)]
    return DraftEdit.objects.filter(draft_id=draft_id, number__gt=since, kind__in=kinds).exists()


def _rule(told: Mapping[str, Any], choices: Mapping[str, str], *, is_stable: bool) -> KeptRule:
    key, name = str(told["territory"]), str(told["name"])
    if not key.startswith(ABOVE) and not is_stable:
        named = [one for one, called in choices.items() if called == name]
        key = named[0] if len(named) == 1 else ""
    is_lost = key not in choices
    return KeptRule(
        id=int(told["id"]),
        territory="" if is_lost else key,
        name=name if is_lost else choices[key],
        criteria=tuple(
            Criterion(one["field"], Operator(one["operator"]), tuple(one["values"]))
            for one in told["criteria"]
        ),
        rank=int(told["rank"]),
        is_inherited=bool(told["is_inherited"]),
        is_on=bool(told["is_on"]),
        is_made=bool(told["is_made"]),
        is_lost=is_lost,
    )
