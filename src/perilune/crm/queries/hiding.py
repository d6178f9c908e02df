"""Fields that the company keeps off record pages and forms; lists, files and figures have them."""

from __future__ import annotations

from perilune.history.queries import all_fields
from perilune.kernel.wiring import HIDDEN, KINDS


def hidden_of(kind: str) -> frozenset[str]:
    """Return the names of the hidden fields of a kind; a required one or the title never is."""
    chosen = {name for told in HIDDEN for name in told(kind)}
    if not chosen:
        return frozenset()
    needed = {item.name for item in all_fields(kind) if item.is_required}
    return frozenset(chosen - needed - {KINDS.get(kind).title_field})
