"""The tables that the CRM gives to the analytical store."""

from __future__ import annotations

from perilune.crm.contracts import KINDS, PARENTS
from perilune.history.queries import store_table
from perilune.kernel.wiring import StoreTable


def store_tables() -> list[StoreTable]:
    """Return the declarations of the CRM's tables for the store."""
    return [store_table(kind.name, parent=PARENTS.get(kind.name, ("", ""))) for kind in KINDS]
