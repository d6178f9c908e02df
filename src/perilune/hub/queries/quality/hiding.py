"""Fields that are hidden on record pages and forms: chosen with their evidence, shown again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import TESTS, Check, Implied
from perilune.hub.models import ImpliedChoice
from perilune.hub.queries.quality.implied import PROTECTED
from perilune.hub.queries.quality.rules import rules_at
from perilune.kernel.memo import remember
from perilune.kernel.wiring import KINDS
from perilune.people.queries import company


@dataclass(frozen=True)
class HiddenField:
    """A field that is hidden. share: of the records that told, when it was chosen.

    is_asked: it is required meanwhile, so it shows all the same.
    """

    kind: str
    field: str
    how: Implied
    share: float
    actor: str
    at: datetime
    is_asked: bool


def needed_fields(kind: str) -> frozenset[str]:
    """Return the fields of a kind that are never hidden.

    Figures rest on them, the record is named by them, or the house or a rule in force asks that
    they are filled.
    """
    declared = {item.name for item in all_fields(kind) if item.is_required}
    asked = {
        rule.field
        for rule in rules_at(company().today)
        if rule.kind == kind and TESTS[rule.test].check in (Check.REQUIRED, Check.ORPHAN)
    }
    return frozenset(PROTECTED | declared | asked | {KINDS.get(kind).title_field})


def hidden_fields(kind: str) -> frozenset[str]:
    """Return the names of the fields of a kind that record pages and forms leave out."""
    return remember(("hidden fields", kind), lambda: _hidden(kind))


def _hidden(kind: str) -> frozenset[str]:
    rows = ImpliedChoice.objects.filter(kind=kind, choice="hide")
    chosen = frozenset(rows.values_list("field", flat=True))
    return chosen - needed_fields(kind) if chosen else chosen


def hidden_listed(kind: str) -> list[HiddenField]:
    """Return what was chosen to be hidden of a kind, latest first, with who and why."""
    rows = list(ImpliedChoice.objects.filter(kind=kind, choice="hide"))
    needed = needed_fields(kind) if rows else frozenset()
    return [
        HiddenField(
            kind, row.field, Implied(row.how),
            row.evidence["agree"] / row.evidence["filled"] if row.evidence.get("filled") else 1.0,
            row.actor, row.at, row.field in needed,
        )
        for row in rows
    ]  # fmt: skip
