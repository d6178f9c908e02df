"""The hand-over list of a draft, and two plans compared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.store import queries as store
from perilune.territories.contracts import (
    Compared,
    ComparedRow,
    EditKind,
    HandOver,
    HoldOver,
    Loaded,
    Reason,
)
from perilune.territories.models import DraftEdit
from perilune.territories.models.packing import unpack_one
from perilune.territories.queries.loading import loaded, names_of, require_seen, seen_accounts
from perilune.territories.queries.sheets import sheet_of
from perilune.territories.queries.years import day_of

_IDS = 5000
LEAD = timedelta(days=14)
"""Before the plan's day: accounts with open deals are introduced to the new rep by then."""

Array = np.ndarray[Any, Any]

_DESIGNS = (EditKind.DESIGN, EditKind.REBALANCE)
"""Changes after which an account is where the engine put it."""


def handover(draft_id: int, scope: Scope, actor: str) -> list[HandOver]:
    """Return each account that changes hands in a draft: who to whom, why, what is at stake.

    Cut to what a person sees; the dearest first. suggested: the plan's day (see `day_of`), or two
    weeks before it for accounts with open deals that go along.
    """
    found = loaded(draft_id)
    require_seen(found, scope, actor)
    return handed_over(found, scope, actor, _by_hand(found))


def handed_over(found: Loaded, scope: Scope, actor: str, by_hand: Array) -> list[HandOver]:
    """Return `handover` of a plan that is loaded; by_hand (n,): accounts that somebody moved."""
    chosen = np.flatnonzero(found.moved & seen_accounts(found, scope, actor))
    if not len(chosen):
        return []
    accounts, names = found.accounts, names_of(found)
    reps = _rep_names()
    reasons = _reasons(found, chosen, by_hand)
    stays = _stays(found, chosen)
    day = day_of(found.head, scope, actor)
    rows = []
    for i, reason in zip(chosen.tolist(), reasons, strict=True):
        row = found.rows[int(found.territory[i])]
        before, after = int(found.before[i]), int(row.rep_id or 0)
        account = int(accounts.ids[i])
        open_deals = int(accounts.open_deals[i])
        rows.append(
            HandOver(
                account_id=account,
                account=names[i],
                from_rep=before or None,
                from_name=reps.get(before, ""),
                to_rep=after,
                to_name=reps.get(after, ""),
                territory=row.name,
                reason=reason,
                open_deals=open_deals,
                stays=stays.get(account, 0),
                pipeline=int(accounts.pipeline[i]),
                bookings=int(accounts.bookings[i]),
                months=float(accounts.months[i]),
                cost=float(accounts.cost[i]),
                suggested=_suggested(day, open_deals - stays.get(account, 0)),
            )
        )
    return sorted(rows, key=lambda row: (-row.cost, row.account.casefold(), row.account_id))


def compare(one_id: int, other_id: int, scope: Scope, actor: str) -> Compared:
    """Return two plans side by side, per rep, and the accounts that are with another rep.

    Invalid for one plan twice; NotFound where nothing of one of them is the person's.
    """
    if one_id == other_id:
        raise Invalid(_("Choose two plans to compare."))
    one, other = loaded(one_id), loaded(other_id)
    for found in (one, other):
        require_seen(found, scope, actor)
    sheets = sheet_of(one, scope, actor), sheet_of(other, scope, actor)
    rows = [{row.rep_id or 0: row for row in made.reps} for made in sheets]
    named = {rep: row.rep for side in rows for rep, row in side.items()}
    reps = [
        ComparedRow(rep, name, rows[0].get(rep), rows[1].get(rep))
        for rep, name in sorted(named.items(), key=lambda item: (item[1].casefold(), item[0]))
    ]
    return Compared(*sheets, tuple(reps), _differing(one, other, scope, actor))


def _differing(
    one: Loaded, other: Loaded, scope: Scope, actor: str
) -> tuple[tuple[int, str, str, str], ...]:
    """Return accounts that are in both plans with different reps, of those seen in both."""
    reps = _rep_names()
    sides = []
    for found in (one, other):
        mine = seen_accounts(found, scope, actor)
        holds = found.reps[found.territory]
        sides.append((found.accounts.ids[mine], holds[mine]))
    both, first, second = np.intersect1d(sides[0][0], sides[1][0], return_indices=True)
    before, after = sides[0][1][first], sides[1][1][second]
    names = dict(zip(one.accounts.ids.tolist(), names_of(one), strict=True))
    return tuple(
        (int(both[i]), names[int(both[i])], reps.get(int(before[i]), ""),
         reps.get(int(after[i]), ""))
        for i in np.flatnonzero(before != after).tolist()
    )  # fmt: skip


def _rep_names() -> dict[int, str]:
    return {rep: state["name"] or "" for rep, state in reps_as_of(company().today).items()}


def _suggested(begins: date, going: int) -> date:
    today = company().today.day
    return max(begins - LEAD, min(today, begins)) if going else begins


def _stays(found: Loaded, chosen: Array) -> dict[int, int]:
    """Return how many open deals of each account stay with whoever has them, by the plan's rule.

    As the store knows them today; only deals of the account's owner would go along.
    """
    rule = found.head.hold_over
    if rule is HoldOver.ALL_MOVE:
        return {}
    ids = found.accounts.ids[chosen[found.accounts.open_deals[chosen] > 0]].tolist()
    stays: dict[int, int] = {}
    for at in range(0, len(ids), _IDS):
        rows = store.run(
            "territories.deals_to_hand_over",
            {"ids": ids[at : at + _IDS]},
            scope=Scope.company(),
            as_of=company().today,
        ).dicts()
        for row in rows:
            if rule is HoldOver.ALL_STAY or row["category"] == "commit":
                stays[row["account_id"]] = stays.get(row["account_id"], 0) + 1
    return stays


def _reasons(found: Loaded, chosen: Array, by_hand: Array) -> list[Reason]:
    """Return why each account changes hands, from what its holder had and where it lies."""
    rows, accounts = found.rows, found.accounts
    k = len(rows)
    present, goal = found.present[chosen], found.territory[chosen]
    place = np.where(found.present >= 0, found.present, k)
    held = np.bincount(place, accounts.loads[:, 0], k + 1)[:k]
    target = accounts.loads[:, 0].sum() / max(k, 1)
    width = found.attributes[0].tolerance
    centres = np.array(
        [(np.nan, np.nan) if row.x is None else (row.x, row.y) for row in rows], float
    ).reshape(k, 2)
    away = np.hypot(*(accounts.points[chosen] - centres[goal]).T)
    before = np.hypot(*(accounts.points[chosen] - centres[np.maximum(present, 0)]).T)
    # the first that holds says it
    told = {
        Reason.UNHELD: found.before[chosen] == 0,
        Reason.LEFT: present < 0,
        Reason.SAME_TERRITORY: present == goal,
        Reason.BY_HAND: by_hand[chosen],
        Reason.NEW_TERRITORY: held[goal] == 0,
        Reason.TOO_MUCH: held[np.maximum(present, 0)] > target * (1 + width),
        Reason.TOO_LITTLE: held[goal] < target * (1 - width),
        Reason.CLOSER: away < before,
    }
    reasons = [*told, Reason.PASSED_ON]
    at = np.select(list(told.values()), list(range(len(told))), len(told))
    return [reasons[number] for number in at.tolist()]


def _by_hand(found: Loaded) -> Array:
    """Return (n,) whether an account is where it is because somebody moved it since the design."""
    moved = np.zeros(len(found.territory), bool)
    edits = DraftEdit.objects.filter(
        draft_id=found.head.id, is_undone=False, kind__in=[EditKind.MOVE, *_DESIGNS]
    )
    for kind, units in edits.order_by("number").values_list("kind", "units"):
        if kind in _DESIGNS:
            moved[:] = False
        elif units is not None:
            moved[unpack_one(units)] = True
    return moved
