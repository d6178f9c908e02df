"""Proposals into their table, by the hundred thousand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import orjson
from django.db import connection

from perilune.hub.contracts.mending import Proposal
from perilune.kernel.kinds import Scalar

_COLUMNS = (
    "kind", "record_id", "field", "old", "new", "rule", "sure", "agree", "of", "origin", "state",
    "told_on", "probability",
)  # fmt: skip


def insert(
    proposals: Sequence[Proposal], *, origin: str = "", told_on: date | None = None,
    probability: Sequence[float | None] = (),
) -> None:  # fmt: skip
    """Keep proposals as open. probability: one for each, empty where none is claimed."""
    if not proposals:
        return
    sure = probability or [None] * len(proposals)
    rows = [
        (
            one.kind, one.record_id, one.field, _json(one.old), _json(one.new), one.rule.value,
            int(one.sure), one.agree, one.of, origin, "open", told_on, share,
        )
        for one, share in zip(proposals, sure, strict=True)
    ]  # fmt: skip
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    marks = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO hub_repairproposal ({names}) VALUES ({marks})", rows)


def _json(value: Scalar) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
