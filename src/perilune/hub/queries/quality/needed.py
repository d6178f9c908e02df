"""Fields that are never hidden: what figures rest on, what is required, what a rule asks for."""

from __future__ import annotations

import re
from functools import cache

from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import TESTS, Check
from perilune.hub.queries.quality.rules import rules_at
from perilune.kernel.wiring import KINDS
from perilune.people.queries import company
from perilune.store import queries as store

_ALWAYS = frozenset(
    {
        "account_id",
        "owner_id",
        "stage_id",
        "pipeline_id",
        "amount",
        "currency",
        "close_date",
        "created_date",
    }
)
"""What figures rest on whatever a query says: it is filled where it lacks."""
_NAMED = {"opportunity": "opportunity|deal|any_deal"}
"""Relations by which named SQL reads a kind, where these are not the kind itself."""
_PAGES = "crm."
"""Named SQL of lists and boards: what these alone read is no figure."""


def figure_fields(kind: str) -> frozenset[str]:
    """Return the fields of a kind that figures rest on: those that their named SQL reads."""
    return _ALWAYS | ({item.name for item in all_fields(kind)} & _words(kind))


@cache
def _words(kind: str) -> frozenset[str]:
    reads = re.compile(rf'(?:FROM|JOIN)\s+"?(?:{_NAMED.get(kind, kind)})\b', re.IGNORECASE)
    return frozenset(
        word
        for spec in store.specs()
        if not spec.name.startswith(_PAGES) and reads.search(spec.sql)
        for word in re.findall(r"\b[a-z_0-9]+\b", spec.sql)
    )


def asked_fields(kind: str) -> frozenset[str]:
    """Return the fields of a kind that the house or a rule in force asks to be filled, its name."""
    declared = {item.name for item in all_fields(kind) if item.is_required}
    asked = {
        rule.field
        for rule in rules_at(company().today)
        if rule.kind == kind and TESTS[rule.test].check in (Check.REQUIRED, Check.ORPHAN)
    }
    return frozenset(declared | asked | {KINDS.get(kind).title_field})


def needed_fields(kind: str) -> frozenset[str]:
    """Return the fields of a kind that are never hidden."""
    return figure_fields(kind) | asked_fields(kind)
