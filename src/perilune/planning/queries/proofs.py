"""The proof that every level of a plan sums to the cent (rule 29)."""

from __future__ import annotations

from perilune.people.queries import company
from perilune.planning.contracts import Content, PlanHead, SumCheck
from perilune.planning.engine.summing import checks


def proof(head: PlanHead, content: Content) -> list[SumCheck]:
    """Return every sum that must hold, unit by unit and fiscal month by month."""
    return checks(content, len(company().calendar.months(head.year)))
