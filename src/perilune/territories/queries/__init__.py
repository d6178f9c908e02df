"""Reads of territories: what is in force, drafts and what they hold, store tables."""

from perilune.territories.queries.tables import store_tables

__all__ = ["store_tables"]
