"""What was on record at the ends of a bridge where that is not what is known of them today.

The store knows what is known now of any moment. What this installation held then the history tells;
only the few deals of which a set was recorded or taken back since are asked there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from perilune.forecasting.contracts.bridge import BridgeRequest
from perilune.forecasting.engine.journeys import LOST, NEVER, OPEN, UNKNOWN, WON, Bools, Ints
from perilune.history import queries as history
from perilune.kernel.asof import AsOf
from perilune.kernel.money import minor_exponent
from perilune.kernel.scope import Scope
from perilune.store import queries as store

KIND = "opportunity"
MERGE = "merge"
"""The purpose of the set by which a double ends."""
PRICE = 10_000
_MEANINGS = {"open": OPEN, "won": WON, "lost": LOST}

States = dict[int, dict[str, Any] | None]


COLUMNS = ("id", "meaning", "is_omitted", "is_inside", "day", "amount", "owner")


@dataclass(frozen=True, eq=False)
class Standing:
    """States of N deals as columns, ordered by id; codes and days as in `bridge_standing.sql`.

    numbers: (7, N) in the order of COLUMNS. overruled: deals of which this, or nothing, counts
    whatever the store says.
    """

    numbers: Ints
    currency: Sequence[str]
    version: int = 0
    overruled: Sequence[int] = ()

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]], **more: Any) -> Standing:
        """Return rows of the columns and a currency."""
        width = len(COLUMNS)
        if not rows:
            return cls(np.zeros((width, 0), np.int64), (), **more)
        columns = list(zip(*rows, strict=True))
        return cls(np.array(columns[:width], np.int64), columns[width], **more)

    def take(self, chosen: Bools) -> Standing:
        """Return some of the rows."""
        currency = [self.currency[at] for at in np.flatnonzero(chosen).tolist()]
        return replace(self, numbers=self.numbers[:, chosen], currency=currency)

    @property
    def id(self) -> Ints:
        """The deals."""
        ids: Ints = self.numbers[0]
        return ids

    @property
    def owner(self) -> Ints:
        """Who holds them."""
        owners: Ints = self.numbers[COLUMNS.index("owner")]
        return owners


@dataclass(frozen=True)
class Asked:
    """A bridge, for whom, in which currency."""

    request: BridgeRequest
    scope: Scope
    currency: str


@dataclass(frozen=True)
class Recorded:
    """Until when what is known of each end was recorded; None: all that is known today counts.

    held_since: the day of the first record where the opening lies before it.
    """

    since: AsOf
    until: AsOf
    opening_by: datetime | None
    closing_by: datetime | None
    held_since: date | None = None

    def before(self, scope: Scope) -> States:
        """Return the deals whose opening was on record otherwise than it is now, by id."""
        return _late(self.since, self.opening_by, scope)

    def restated(self, scope: Scope) -> States:
        """Return those whose opening was on record otherwise by the closing."""
        return _late(self.since, self.closing_by, scope)

    def after(self, scope: Scope) -> States:
        """Return those whose closing was on record otherwise."""
        return _late(self.until, self.closing_by, scope)

    def standing(self, states: States, asked: Asked, at: AsOf) -> Standing:
        """Return states from the history as the store would tell them, those the scope sees."""
        scope = asked.scope
        seen = {
            record: state
            for record, state in sorted(states.items())
            if state is not None and scope.sees(state["owner_id"])
        }
        told = _Meanings(asked, at) if seen else None
        rows = [told.row(state) for state in seen.values()] if told else []
        return Standing.of(rows, overruled=sorted(states))


def on_record(since: AsOf, until: AsOf) -> Recorded:
    """Tell what of the two ends this installation had on record in their time.

    Where it held no deal at the opening (an archive, a company that has just moved in), there is no
    record of the time to restate: the opening then is what the closing knows of it.
    """
    first = history.held_since(KIND, until.at)
    if first is None or first > until.at:
        return Recorded(since, until, None, None, None if first is None else first.date())
    held = history.held_since(KIND, since.at)
    if held is None or held > since.at:
        return Recorded(since, until, until.at, until.at, held and held.date())
    return Recorded(since, until, since.at, until.at)


def _late(at: AsOf, recorded_by: datetime | None, scope: Scope) -> States:
    if recorded_by is None:
        return {}
    ids = history.late_ids(KIND, at.at, recorded_by)
    if not ids:
        return {}
    found = history.states_as_of(KIND, ids, at.at, recorded_by)
    hidden = [name for kind, name in scope.hidden if kind == KIND]
    for state in found.values():
        state.update(dict.fromkeys(hidden))
    return {record: found.get(record) for record in ids}


class _Meanings:
    """What stages and products mean at an as-of, to tell a state as `any_deal` does."""

    def __init__(self, asked: Asked, at: AsOf) -> None:
        scope, self._type, self._home = asked.scope, asked.request.deal_type, asked.currency
        stages = store.run("forecasting.bridge_stages", scope=scope, as_of=at)
        prices = store.run("forecasting.bridge_prices", scope=scope, as_of=at)
        self._stages = {stage: (meaning, category) for stage, _, meaning, category in stages.rows}
        self._prices = {product: (price, currency) for product, price, currency in prices.rows}

    def row(self, state: dict[str, Any]) -> tuple[Any, ...]:
        """Return a state in the columns of `Standing`."""
        meaning, category = self._stages.get(state["stage_id"], ("open", "pipeline"))
        category = state["forecast_category"] or category
        day: date | None = state["close_date"]
        amount = self._expected(state, meaning)
        owner = state["owner_id"]
        return (
            state["id"],
            _MEANINGS[meaning],
            int(meaning == "open" and category == "omitted"),
            int(not state["is_excluded"] and self._type in ("", state["type"])),
            NEVER if day is None else day.toordinal() - date(1970, 1, 1).toordinal(),
            UNKNOWN if amount is None else amount,
            -1 if owner is None else owner,
            state["currency"] or self._home,
        )

    def _expected(self, state: dict[str, Any], meaning: str) -> int | None:
        amount: int | None = state["amount"]
        if amount is not None and (meaning != "lost" or amount != 0):
            return amount
        price, priced_in = self._prices.get(state["product_id"], (None, None))
        currency = state["currency"] or self._home
        if meaning == "won" or price is None or (priced_in or currency) != currency:
            return None
        # as ROUND does in the store: the same product of floats, halves away from zero
        value = price / PRICE * 10.0 ** minor_exponent(currency)
        return int(value + 0.5) if value >= 0 else -int(-value + 0.5)
