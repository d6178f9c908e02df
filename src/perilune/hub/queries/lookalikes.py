"""The document of a check for duplicates, as programs and the command line get it."""

from __future__ import annotations

from typing import Any

from perilune.hub.contracts.lookalikes import Looks

SCHEMA = 1


def document(kind: str, looks: Looks) -> dict[str, Any]:
    """Return an answer as plain data; names of reasons and strengths are those of the contract."""
    return {
        "schema": SCHEMA,
        "kind": kind,
        "found": [
            {
                "kind": one.kind,
                "id": one.id,
                "title": one.title,
                "detail": one.detail,
                "strength": one.strength.name.lower(),
                "why": [why.value for why in one.why],
            }
            for one in looks.found
        ],
        "elsewhere": [{"kind": one.kind, "ask": one.ask} for one in looks.beyond],
        "is_whole": looks.is_whole,
    }
