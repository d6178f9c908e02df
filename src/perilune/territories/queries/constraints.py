"""What a draft must obey, and which accounts break it as they stand; texts of accounts for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from perilune.history.queries import all_fields
from perilune.kernel.keeping import Kept
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.scope import Scope
from perilune.store import queries as store
from perilune.territories.contracts import Constraint, Loaded
from perilune.territories.queries.loading import loaded, names_of, require_seen, seen_accounts

TEXTS = (FieldType.TEXT, FieldType.CHOICE)
MOST_VALUES = 40
"""Different values beyond which a field is no list to choose from."""
NAMED = 3
"""Accounts that a constraint names."""

_texts: Kept[tuple[str, ...]] = Kept(24)

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def text_fields() -> list[Field]:
    """Return the fields that tell accounts apart by a text or a choice."""
    return [one for one in all_fields("account") if one.type in TEXTS and not one.is_personal]


def texts(found: Loaded, name: str) -> tuple[str, ...]:
    """Return (n,) what a field of each account said at the draft's instant, "" for nothing."""

    def read() -> tuple[str, ...]:
        known = {item.name for item in text_fields()}
        if name not in known:
            return ("",) * len(found.territory)
        rows = store.run_sql(
            f'SELECT a.id, a."{name}" AS value FROM account AS a',  # declared above
            {},
            scope=Scope.company(),
            as_of=found.head.as_of,
        ).rows
        by_id = dict(rows)
        return tuple(str(by_id.get(id_) or "") for id_ in found.accounts.ids.tolist())

    return _texts.get((found.snapshot_id, found.snapshot_digest, name), read)


def choices(draft_id: int, scope: Scope, actor: str) -> list[tuple[Field, list[str]]]:
    """Return the fields whose values a territory can be kept to, each with its values."""
    found = loaded(draft_id)
    require_seen(found, scope, actor)
    fields = {item.name: item for item in text_fields() if item.name not in ("name", "currency")}
    parts = [
        f"SELECT '{name}' AS field, a.\"{name}\" AS value FROM account AS a"
        f' WHERE a."{name}" IS NOT NULL GROUP BY a."{name}"'
        for name in fields
    ]
    rows = store.run_sql(" UNION ALL ".join(parts), {}, scope=scope, as_of=found.head.as_of).rows
    values: dict[str, list[str]] = {}
    for name, value in rows:
        values.setdefault(name, []).append(str(value))
    return [
        (fields[name], sorted(values[name]))
        for name in fields
        if 1 < len(values.get(name, ())) <= MOST_VALUES
    ]


def constraints(draft_id: int, scope: Scope, actor: str) -> list[Constraint]:
    """Return what a draft must obey, of what a person sees, with the accounts that break it."""
    found = loaded(draft_id)
    seen = require_seen(found, scope, actor)
    mine = seen_accounts(found, scope, actor)
    made = []
    for row in found.rows:
        if row.number not in seen:
            continue
        if row.only:
            fields = tuple((name, tuple(values)) for name, values in row.only.items())
            inside = found.territory == row.number
            breach = int((inside & ~fitting(found, row.number)).sum())
            made.append(Constraint("only", row.number, row.name, fields, breach=breach))
        if row.pin_x is not None:
            made.append(Constraint("pin", row.number, row.name))
    for at, pair in enumerate(found.head.settings.get("pairs", [])):
        units = np.array(pair["units"], np.int64)
        if mine[units].all():
            made.append(_pair(found, at, str(pair["kind"]), units))
    locked = np.flatnonzero(found.locked & mine)
    if len(locked):
        made.append(Constraint("locked", 0, names=_names(found, locked), count=len(locked)))
    return made


def fitting(found: Loaded, number: int) -> Mask:
    """Return (n,) whether each account may be in a territory, by the values it is kept to."""
    fits = np.ones(len(found.territory), bool)
    for name, values in found.rows[number].only.items():
        fits &= np.isin(np.array(texts(found, name)), list(values))
    return fits


def _pair(found: Loaded, at: int, kind: str, units: np.ndarray[Any, Any]) -> Constraint:
    placed = Counter(int(t) for t in found.territory[units].tolist() if t >= 0)
    if kind == "together":
        breach = len(units) - max(placed.values(), default=0) if len(placed) > 1 else 0
    else:
        breach = sum(count for count in placed.values() if count > 1)
    return Constraint(kind, at, names=_names(found, units), count=len(units), breach=breach)


def _names(found: Loaded, units: Sequence[int] | np.ndarray[Any, Any]) -> tuple[str, ...]:
    names = names_of(found)
    return tuple(names[int(unit)] for unit in list(units)[:NAMED])
