"""Targets by account of a plan: who holds what by month, what reps' quotas leave, what is above."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Refused
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    COMPANY,
    AccountTarget,
    BottomUp,
    Content,
    Level,
    PlanView,
)
from perilune.planning.contracts.tables import Ids
from perilune.planning.engine.account_targets import by_holder, by_month, over_accounts
from perilune.planning.queries.potential import Potentials, potentials
from perilune.store import queries as store
from perilune.store import service as writing


@dataclass(frozen=True)
class AccountTargets:
    """The accounts of a company with their targets in a plan, minor units.

    left: what of a rep's street year their accounts do not take (positive), or have above it.
    by_rep: sum of targets by rep and month, in the months in which they hold the account. unheld:
    of targets in months in which nobody holds the account. gone: accounts with a target that
    are not known.
    """

    rows: tuple[AccountTarget, ...]
    left: Mapping[int, int]
    by_rep: Mapping[int, Sequence[int]]
    unheld: int
    gone: tuple[int, ...]

    @property
    def typed(self) -> int:
        """The sum of the targets that were entered."""
        return sum(row.typed for row in self.rows if row.typed is not None)


_holders: Kept[Ids] = Kept(4)


def held_by(worth: Potentials, year: Period, at: AsOf) -> Ids:
    """Return (N, M) who holds each account on the first day of each fiscal month, 0 nobody."""
    key = (writing.current().path, worth.table.version, at.at, at.day, year)
    return _holders.get(key, lambda: _held_by(worth, year, at))


def _held_by(worth: Potentials, year: Period, at: AsOf) -> Ids:
    months = company().calendar.months(int(year.name))
    holder = np.repeat(worth.table.owner[:, None], len(months), axis=1)
    given = {"starts": year.start, "ends": year.end}
    rows = store.run("planning.account_holders", given, scope=Scope.company(), as_of=at).rows
    if not rows or not len(worth.table.ids):
        return holder
    account = np.array([row[0] for row in rows], np.int64)
    place = np.minimum(np.searchsorted(worth.table.ids, account), len(worth.table.ids) - 1)
    known = worth.table.ids[place] == account
    rep = np.array([row[1] for row in rows], np.int64)
    since = np.array([row[2].toordinal() for row in rows])
    until = np.array([row[3].toordinal() for row in rows])
    for column, month in enumerate(months):
        day = month.start.toordinal()
        # of several in one seat the first by id; somebody goes before nobody
        on = np.flatnonzero(known & (since <= day) & (until >= day))
        on = on[np.lexsort((-rep[on], rep[on] > 0))]
        holder[place[on], column] = rep[on]
    return holder


def account_targets(view: PlanView, scope: Scope, at: AsOf) -> AccountTargets:
    """Return the targets of a whole plan by account; Refused to who sees a part."""
    require_whole_view(view)
    return targets_of(view.content, company().calendar.year(view.head.year), scope, at)


def require_whole_view(view: PlanView) -> None:
    """Refuse what is of the whole plan to whoever sees a part of it."""
    if not view.is_whole:
        raise Refused(_("This concerns people beyond your reps: ask sales operations."))


def targets_of(content: Content, year: Period, scope: Scope, at: AsOf) -> AccountTargets:
    """Return the targets by account of a content."""
    worth = potentials(scope, at)
    table, season = worth.table, season_of(content, year)
    ids = table.ids.tolist()
    typed = np.array([content.accounts.get(id_, -1) for id_ in ids], np.int64)
    holder = held_by(worth, year, at)
    quota = {
        row.number: minor
        for row in content.units.values()
        if row.kind == "rep" and (minor := content.year(Level.STREET, row.unit)) is not None
    }
    shared = over_accounts(typed, season, holder, worth.said.minor, quota)
    reps, sums = by_holder(by_month(np.maximum(typed, 0), season), holder)
    by_rep = dict(zip(reps.tolist(), sums.tolist(), strict=True))
    unheld = sum(by_rep.pop(0, []))
    first = holder[:, 0].tolist() if holder.shape[1] else []
    columns = (ids, table.names, first, typed.tolist(), shared.minor.tolist(),
               worth.said.minor.tolist(), table.booked.tolist())  # fmt: skip
    rows = tuple(
        AccountTarget(
            id_, name, rep, None if own < 0 else own, None if part < 0 else part,
            None if math.isnan(minor) else round(minor), round(booked),
        )
        for id_, name, rep, own, part, minor, booked in zip(*columns, strict=True)
    )  # fmt: skip
    known = set(ids)
    gone = tuple(id_ for id_ in content.accounts if id_ not in known)
    return AccountTargets(rows, shared.left, by_rep, unheld, gone)


def season_of(content: Content, year: Period) -> Sequence[float]:
    """Return the season of a plan, else its operating target by month, else even months."""
    months = len(company().calendar.months(int(year.name)))
    if content.season:
        return content.season
    own = [content.amount(Level.OPERATING, COMPANY, month) or 0 for month in range(1, months + 1)]
    return own if sum(own) > 0 else [1.0] * months


def bottom_up(content: Content, found: AccountTargets) -> list[BottomUp]:
    """Return company and teams, top down: what their reps' accounts sum to beside the target."""
    worth: dict[int, list[AccountTarget]] = {}
    has = {one.rep for one in found.rows if one.typed is not None}
    for one in found.rows:
        worth.setdefault(one.rep, []).append(one)

    def reps(unit: str) -> list[int]:
        below = content.children.get(unit, ())
        own = [content.units[one].number for one in below if content.units[one].kind == "rep"]
        return own + [rep for one in below for rep in reps(one)]

    rows = []
    for unit, row in content.units.items():
        if row.kind not in ("company", "team"):
            continue
        mine = reps(unit)
        held = [one for rep in mine for one in worth.get(rep, ())]
        known = [one.potential for one in held if one.potential is not None]
        sums = [sum(found.by_rep[rep]) for rep in mine if rep in found.by_rep]
        is_said = any(rep in has for rep in mine) or any(sums)
        rows.append(
            BottomUp(
                unit, content.year(Level.OPERATING, unit), sum(sums) if is_said else None,
                sum(known) if known else None, len(held) - len(known),
            )
        )  # fmt: skip
    return rows
