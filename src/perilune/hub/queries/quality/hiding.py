"""Fields that are hidden on record pages and forms: chosen with their evidence, shown again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perilune.hub.contracts.quality import Implied
from perilune.hub.models import ImpliedChoice
from perilune.hub.queries.quality.needed import needed_fields
from perilune.kernel.memo import remember


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
