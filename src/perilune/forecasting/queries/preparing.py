"""What stands before a call: the deals that changed since the last one, and what is suggested."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from perilune.forecasting.contracts import Category
from perilune.forecasting.queries.risk_inputs import Chance, chances
from perilune.kernel.asof import AsOf, start_of_day
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store

BY_STAGE = "stage"
"""The method of a probability that is that of the deal's stage: where no model knows the deal."""
BY_MODEL = "outlook"
"""The method of a probability that the model of open deals gives, of a win in the period."""


@dataclass(frozen=True)
class PreparedDeal:
    """A deal on the way to a call. changes: (field, then, now) since the last one.

    probability: the one that the page shows, 0 to 1, and the method it came from.
    """

    id: int
    name: str
    meaning: str
    value: int | None
    category: Category
    close_date: date | None
    next_step: str
    stage: str
    is_new: bool
    changes: tuple[tuple[str, Any, Any], ...]
    probability: float | None
    method: str

    @property
    def is_changed(self) -> bool:
        """Whether anything that a call rests on changed."""
        return self.is_new or bool(self.changes)

    @property
    def is_open(self) -> bool:
        """Whether it may still be won."""
        return self.meaning == "open"


def deals_since(
    period: Period, as_of: AsOf, scope: Scope, reps: Collection[int], since: datetime | None
) -> list[PreparedDeal]:
    """Return the deals of some reps that a call of the period rests on, by close date.

    since: the moment of the last call; without one the first day of the period.
    """
    if not reps:
        return []
    at = since or start_of_day(period.start, company().zone)
    params = {
        "starts": period.start,
        "ends": period.end,
        "reps": sorted(reps),
        "since_at": min(at, as_of.at),
    }
    rows = store.run("forecasting.own_deals", params, scope=scope, as_of=as_of).dicts()
    known = chances(period, as_of) if rows else {}
    return [_deal(row, known.get(row["id"])) for row in rows]


def _deal(row: Mapping[str, Any], chance: Chance | None) -> PreparedDeal:
    pairs = (
        ("category", row["category_then"], row["category"]),
        ("close_date", row["close_then"], row["close_date"]),
        ("amount", row["amount_then"], row["amount_now"]),
        ("stage", row["stage_then"], row["stage_name"]),
    )
    is_new = bool(row["is_new"])
    return PreparedDeal(
        id=row["id"],
        name=row["name"] or f"#{row['id']}",
        meaning=row["meaning"],
        value=row["value"],
        category=Category(row["category"])
        if row["category"] in list(Category)
        else Category.PIPELINE,
        close_date=row["close_date"],
        next_step=row["next_step"] or "",
        stage=row["stage_name"] or "",
        is_new=is_new,
        changes=() if is_new else tuple(pair for pair in pairs if pair[1] != pair[2]),
        probability=row["stage_probability"] if chance is None else chance.win,
        method=BY_STAGE if chance is None else BY_MODEL,
    )


def _category(name: str | None) -> Category:
    return Category(name) if name in [each.value for each in Category] else Category.PIPELINE


def contests(period: Period, as_of: AsOf, scope: Scope) -> list[dict[str, Any]]:
    """Return the contested probabilities of a period that a scope sees, the latest first."""
    params = {"starts": period.start, "ends": period.end}
    return store.run("forecasting.contests", params, scope=scope, as_of=as_of).dicts()
