"""What open deals of the accounts of a draft may bring in its days, with how such chances did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from perilune.insights import queries as insights
from perilune.insights.contracts import DealReliability
from perilune.insights.contracts.outlook import HORIZON
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.store import service
from perilune.territories.contracts import Claim, Expected, Loaded, PlanOutlook
from perilune.territories.contracts.units import FloatArray
from perilune.territories.engine import draw, near, quantiles
from perilune.territories.queries.loading import (
    is_whole,
    loaded,
    require_seen,
    seen_accounts,
    seen_rows,
)
from perilune.territories.queries.years import period_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class _Deals:
    """Open deals of a day with their chances in a period: (n,) each."""

    id: Array
    account: Array
    chance: FloatArray
    value: FloatArray


_deals: Kept[_Deals | None] = Kept(8)
_records: Kept[DealReliability] = Kept(8)


def outlook(
    draft_id: int, as_of: AsOf, scope: Scope, actor: str, period: Period | None = None
) -> PlanOutlook:
    """Return what open deals may bring by territory and rep of a draft, as known at the as-of.

    period: by default the days of the draft (see `period_of`). Deals go with their accounts,
    whoever owns them and whatever the rule for open deals, as the pipeline of the sheet does; cut
    to what a person sees of the draft. NotFound where that is nothing.
    """
    found = loaded(draft_id)
    require_seen(found, scope, actor)
    return outlook_of(found, period or period_of(found.head, scope, actor), as_of, scope, actor)


def outlook_of(found: Loaded, period: Period, as_of: AsOf, scope: Scope, actor: str) -> PlanOutlook:
    """Return `outlook` of a draft that is loaded, over a period."""
    until = min(period.end, as_of.day + timedelta(days=HORIZON))
    record = _record(as_of, scope)
    deals = _read(period, as_of) if until >= period.start else None
    claim = _claim(record, deals, is_within=until >= period.start)
    if claim is not Claim.TOLD or deals is None:
        return PlanOutlook(period, as_of, until, claim, record)
    accounts = found.accounts.ids
    at = np.minimum(np.searchsorted(accounts, deals.account), len(accounts) - 1)
    whole = is_whole(found, scope, actor)
    mine = np.ones(len(accounts), bool) if whole else seen_accounts(found, scope, actor)
    inside = (accounts[at] == deals.account) & mine[at]
    at, k = at[inside], len(found.rows)
    place = np.where(found.territory[at] >= 0, found.territory[at], k).astype(np.int32)
    made = draw(place, deals.chance[inside], deals.value[inside], deals.id[inside], k + 1)
    count = np.bincount(place, minlength=k + 1)
    close = near(made.samples)

    def of(places: list[int]) -> Expected:
        low, middle, high = quantiles(made.samples[places].sum(axis=0))
        parts = close[places].sum(axis=0)
        return Expected(
            int(count[places].sum()), low, middle, high, float(made.mean[places].sum()),
            (float(parts[0]), float(parts[1]), float(parts[2])),
        )  # fmt: skip

    seen = seen_rows(found, scope, actor)
    rows = [row for row in found.rows if row.number in seen]
    held: dict[int, list[int]] = {}
    for row in rows:
        held.setdefault(row.rep_id or 0, []).append(row.number)
    return PlanOutlook(
        period,
        as_of,
        until,
        claim,
        record,
        {row.number: of([row.number]) for row in rows if count[row.number]},
        {rep: of(numbers) for rep, numbers in held.items() if count[numbers].sum()},
        of(list(range(k + 1))),
    )


def _claim(record: DealReliability, deals: _Deals | None, *, is_within: bool) -> Claim:
    """Return whether a range is told: no skill, no claim."""
    if not is_within:
        return Claim.BEYOND
    if deals is None:
        return Claim.NO_MODEL
    score = record.score
    if score.log_loss is None or score.plain_log_loss is None:
        return Claim.NO_RECORD
    return Claim.TOLD if score.log_loss < score.plain_log_loss else Claim.NO_SKILL


def _read(period: Period, as_of: AsOf) -> _Deals | None:
    """Return the open deals of the company with their chances; None without a model on record."""

    def read() -> _Deals | None:
        rows = store.run("territories.open_deals", scope=Scope.company(), as_of=as_of).dicts()
        account = {row["id"]: row["account_id"] for row in rows}
        chances = insights.chances(period, as_of, Scope.company()) if rows else ()
        if rows and not chances:
            return None
        known = [one for one in chances if one.id in account]
        return _Deals(
            np.array([one.id for one in known], np.int64),
            np.array([account[one.id] for one in known], np.int64),
            np.array([one.win for one in known], float),
            np.array([one.value for one in known], float),
        )

    return _deals.get(("deals", period, *_stamp(as_of)), read)


def _record(as_of: AsOf, scope: Scope) -> DealReliability:
    key = ("record", scope.digest(), *_stamp(as_of))
    return _records.get(key, lambda: insights.reliability(as_of, scope))


def _stamp(as_of: AsOf) -> tuple[Any, ...]:
    """Return what chances hang on: the store, the models on record, the settings, the as-of."""
    here = company()
    return (
        as_of.at, service.current().path, store.freshness().version, insights.models_on_record(),
        here.currency, str(here.zone), here.calendar,
    )  # fmt: skip
