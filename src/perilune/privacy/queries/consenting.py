"""The consent ledger as of any day, and the one question that whatever sends mail asks."""

from __future__ import annotations

from datetime import date

from perilune.privacy.contracts.consent import Basis, ConsentLine, ConsentState, Purpose
from perilune.privacy.models import ConsentEntry, Suppressed


def ledger_of(kind: str, record_id: int, as_of: date | None = None) -> list[ConsentLine]:
    """Return what was said of a person up to a day (None: ever), latest first.

    The latest entry of each purpose is in force; of one day, the one that was noted last.
    """
    rows = ConsentEntry.objects.filter(kind=kind, record_id=record_id)
    if as_of is not None:
        rows = rows.filter(day__lte=as_of)
    lines: list[ConsentLine] = []
    seen: set[str] = set()
    for row in rows.order_by("-day", "-id"):
        lines.append(
            ConsentLine(
                row.id, Purpose(row.purpose), Basis(row.basis), ConsentState(row.state), row.source,
                row.day, row.actor, row.noted_at, is_in_force=row.purpose not in seen,
            )
        )  # fmt: skip
        seen.add(row.purpose)
    return lines


def allowed(kind: str, record_id: int, as_of: date) -> frozenset[Purpose]:
    """Return for what a person may be written to on a day: see `may_contact`."""
    if Suppressed.objects.filter(kind=kind, record_id=record_id).exists():
        return frozenset()
    return frozenset(
        line.purpose
        for line in ledger_of(kind, record_id, as_of)
        if line.is_in_force and line.state is ConsentState.GIVEN
    )


def may_contact(kind: str, record_id: int, purpose: Purpose | str, as_of: date) -> bool:
    """Tell whether a person may be written to for a purpose on a day.

    Only where the latest word of that day or before gives a basis. Somebody who was erased never.
    """
    return Purpose(purpose) in allowed(kind, record_id, as_of)
