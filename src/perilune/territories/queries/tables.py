"""The tables that territories give to the analytical store."""

from __future__ import annotations

from perilune.history.queries import store_table
from perilune.kernel.wiring import StoreTable
from perilune.territories.contracts import KINDS, PARENTS


def store_tables() -> list[StoreTable]:
    """Return the declarations of the territories' tables for the store."""
    return [store_table(kind.name, parent=PARENTS.get(kind.name, ("", ""))) for kind in KINDS]
