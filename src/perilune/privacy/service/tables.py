"""Walks every declared table but those that have verbs of their own, a few rows at a time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, router, transaction

from perilune.kernel.personal import PERSONAL_TABLES, PersonalTable
from perilune.privacy.engine.scrubbing import Scrubber
from perilune.privacy.queries.tables import model_of

ROWS = 500


@dataclass
class TableWalk:
    """How far a walk is: the table and the key it has come to; rows that name, by table."""

    table: int = 0
    after: Any = None
    named: Counter[str] = field(default_factory=Counter)


def walk(place: TableWalk, scrub: Scrubber, *, seconds: float, is_dry: bool) -> bool:
    """Go on for some seconds; true when every table was gone through. Safe to repeat."""
    deadline = time.monotonic() + seconds
    tables = [table for table in PERSONAL_TABLES if not table.is_own]
    while place.table < len(tables):
        table = tables[place.table]
        last, named = _some(table, scrub, place.after, is_dry=is_dry)
        place.named[table.model] += named
        if last is None:
            place.table, place.after = place.table + 1, None
        else:
            place.after = last
        if time.monotonic() > deadline:
            break
    return place.table >= len(tables)


def _some(table: PersonalTable, scrub: Scrubber, after: Any, *, is_dry: bool) -> tuple[Any, int]:
    columns = (*table.holds, *table.names, *table.packed)
    if not columns:
        return None, 0
    model = model_of(table.model)
    rows = model._base_manager.order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.values("pk", *columns)[:ROWS])
    fresh = {
        row["pk"]: changes for row in found if (changes := changes_of(table, model, row, scrub))
    }
    if fresh and not is_dry:
        with transaction.atomic(using=router.db_for_write(model)):
            for key, changes in fresh.items():
                one = model._base_manager.filter(pk=key)
                if table.is_dropped:
                    one.delete()
                else:
                    one.update(**changes)
    return (found[-1]["pk"] if len(found) == ROWS else None), len(fresh)


def changes_of(
    table: PersonalTable, model: type[models.Model], row: Mapping[str, Any], scrub: Scrubber
) -> dict[str, Any]:
    """Return the columns of a row that name the person, as they are to be."""
    new: dict[str, Any] = {name: scrub.document(row[name]) for name in table.holds}
    new |= {name: _users(row[name], scrub) for name in table.names}
    for name, codec in table.packed.items():
        opened = codec.opened(row[name]) if row[name] else None
        clean = scrub.document(opened)
        if clean == opened:
            new[name] = row[name]
        else:
            new[name] = None if table.is_dropped else codec.closed(clean)
    return {name: _fitting(model, name, value) for name, value in new.items() if value != row[name]}


def _fitting(model: type[models.Model], name: str, value: Any) -> Any:
    longest = getattr(model._meta.get_field(name), "max_length", None)
    return value[:longest] if longest and isinstance(value, str) else value


def _users(value: Any, scrub: Scrubber) -> Any:
    """Return a value with user names replaced, where they stand as whole words or items."""
    if isinstance(value, str):
        return " ".join(scrub.user(word) for word in value.split(" "))
    if isinstance(value, list | tuple):
        return [_users(item, scrub) for item in value]
    if isinstance(value, dict):
        return {name: _users(item, scrub) for name, item in value.items()}
    return value
