"""What is asked of a plan, from options and files: who is who, pairs, seats, levels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli.reading import (
    LATITUDE,
    LONGITUDE,
    Accounts,
    Balance,
    number_of,
    rows_of,
    units_of,
)
from perilune.territories.contracts import Request, Units
from perilune.territories.contracts.routing import Server
from perilune.territories.engine import Level

ANY, NOT = "|", "!"


@dataclass(frozen=True)
class Options:
    """What the command line asks for one plan."""

    balances: tuple[Balance, ...]
    k: int = 0
    hours: float = 0.0
    visits: str = "visits"
    minutes: str = "minutes"
    adjacency: Path | None = None
    current: str = ""
    leavers: str = ""
    moving_cost: str = ""
    give_up: float = 0.01
    quick: bool = False
    seed: int = 0
    container: str = ""
    areas: Path | None = None
    area_name: str = ""
    may_split: bool = False
    leave_out: bool = False
    levels: tuple[Level, ...] = ()
    even: bool = False
    territories: Path | None = None
    together: Path | None = None
    apart: Path | None = None
    matrix: Path | None = None
    server: Server | None = None
    matrix_out: Path | None = None


@dataclass(frozen=True)
class Seats:
    """Rows of a file of territories: names, pinned centres, shares and what each may hold."""

    names: tuple[str, ...]
    where: np.ndarray
    shares: np.ndarray
    may: dict[str, tuple[str, ...]]
    """Column of accounts: one cell a territory, "" for anything."""


def levels_of(texts: list[str], balances: tuple[Balance, ...]) -> tuple[Level, ...]:
    """Read `regions:5:3%` from the top; without a tolerance those of the balances hold.

    Raises Invalid.
    """
    found = []
    for text in texts:
        match = re.fullmatch(r"\s*([^:]+?)\s*:\s*(\d+)\s*(?:[:@]\s*([\d.,]+\s*%?))?\s*", text)
        if match is None or int(match[2]) < 1:
            raise Invalid(
                _("“%(text)s” is no level with a number of territories, such as regions:5:3%%."),
                text=text,
            )
        widths = tuple(one.tolerance for one in balances)
        if match[3]:
            widths = (Balance.parse(f"level:{match[3]}").tolerance,) * len(balances)
        found.append(Level(match[1], int(match[2]), widths))
    return tuple(found)


def seats_of(path: Path, read: Accounts) -> Seats:
    """Read territories: name, a pinned centre, share, and columns of accounts that it may hold.

    A cell names values, a|b for either and !a|b for all but these. Raises Invalid.
    """
    rows = rows_of(path)
    columns = {name.lower(): name for name in rows[0]}
    if "territory" not in columns:
        raise Invalid(_("There is no column named %(name)s."), name="territory")
    names = tuple(row[columns["territory"]] for row in rows)
    twice = sorted({one for one in names if names.count(one) > 1 or not one})
    if twice:
        raise Invalid(
            _("%(path)s names a territory twice or not at all: %(names)s."),
            path=str(path), names=_listed(twice),
        )  # fmt: skip
    north = next((columns[one] for one in (*LATITUDE, "y") if one in columns), "")
    east = next((columns[one] for one in (*LONGITUDE, "x") if one in columns), "")
    where = np.full((len(rows), 2), np.nan)
    if north and east:
        pair = (north, east) if read.by_degrees else (east, north)
        where = np.array([[number_of(row[one]) for one in pair] for row in rows])
    share = columns.get("share", "")
    shares = np.array([number_of(row[share]) if share and row[share] else 1.0 for row in rows])
    bad = [name for name, one in zip(names, shares, strict=True) if not one > 0]
    if bad:
        raise Invalid(_("No share above zero: %(names)s."), names=_listed(bad))
    rest = [c for c in rows[0] if c not in {columns["territory"], north, east, share} and c]
    unknown = [one for one in rest if one not in read.rows[0]]
    if unknown:
        raise Invalid(
            _("%(path)s asks for columns that accounts do not have: %(names)s."),
            path=str(path), names=_listed(unknown),
        )  # fmt: skip
    return Seats(names, where, shares, {one: tuple(row[one] for row in rows) for one in rest})


def asked_of(
    read: Accounts, units: Units, options: Options, k: int, seats: Seats | None
) -> tuple[Units, Request]:
    """Number owners, locks and territories, and read what they may hold. Raises Invalid."""
    listed = list(seats.names) if seats else []
    names = list(listed)
    if read.owners:
        gone = {one.strip() for one in options.leavers.split(",") if one.strip()}
        unknown = gone - set(read.owners)
        if unknown:
            raise Invalid(
                _("Nobody holds an account by this name: %(names)s."), names=_listed(unknown)
            )
        names += sorted({one for one in read.owners if one} - gone - set(names))
    names += sorted({one for one in read.locks if one} - set(names))
    if len(names) > k:
        message = (
            _(
                "%(count)s owners stay and there are only %(k)s territories: name who leaves with"
                " --leavers, or ask for more territories."
            )
            if read.owners
            else _("%(count)s territories are named and only %(k)s are asked for.")
        )
        raise Invalid(message, count=len(names), k=k)
    taken = set(names)
    fresh = (str(number) for number in range(1, 2 * k + 1) if str(number) not in taken)
    full = tuple(names) + tuple(next(fresh) for __ in range(k - len(names)))
    number = {name: a for a, name in enumerate(names)}
    if read.owners:
        owner = np.array([number.get(one, -1) for one in read.owners], np.int32)
        units = replace(units, owner=owner)
    if options.moving_cost:
        cost = units_of(read, [Balance(options.moving_cost, 0.0)], None).loads[:, 0]
        units = replace(units, moving_cost=np.nan_to_num(cost))
    locked = np.array([number.get(one, -1) for one in read.locks], np.int32) if read.locks else None
    request = Request(
        k,
        tuple(one.tolerance for one in options.balances),
        locked=locked,
        together=_pairs(options.together, units.ids),
        apart=_pairs(options.apart, units.ids),
        names=full if names else (),
        quick=options.quick,
    )
    return (units, request) if seats is None else _seated(read, units, request, seats)


def _seated(read: Accounts, units: Units, request: Request, seats: Seats) -> tuple[Units, Request]:
    k, count = request.k, len(seats.names)
    pinned, shares = np.full((k, 2), np.nan), np.ones(k)
    pinned[:count] = read.in_km(seats.where)
    shares[:count] = seats.shares
    request = replace(
        request,
        pinned=pinned if np.isfinite(pinned).any() and read.is_placed else None,
        shares=shares if (shares != shares[0]).any() else None,
    )
    if not seats.may:
        return units, request
    cells = list(zip(*(read.column(one) for one in seats.may), strict=True))
    kinds = sorted(set(cells))
    number = {kind: g for g, kind in enumerate(kinds)}
    allowed = np.ones((len(kinds), k), bool)
    for g, kind in enumerate(kinds):
        for a in range(count):
            allowed[g, a] = all(
                holds(wanted[a], has) for wanted, has in zip(seats.may.values(), kind, strict=True)
            )
    group = np.array([number[one] for one in cells], np.int32)
    return replace(units, group=group), replace(request, allowed=allowed)


def holds(wanted: str, has: str) -> bool:
    """Whether a territory that wants these values may hold an account that has those."""
    wanted = wanted.strip()
    if not wanted:
        return True
    values = {one.strip().casefold() for one in wanted.removeprefix(NOT).split(ANY)}
    own = {one.strip().casefold() for one in has.split(ANY)}
    return values.isdisjoint(own) if wanted.startswith(NOT) else not values.isdisjoint(own)


def _pairs(path: Path | None, ids: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    if path is None:
        return ()
    number = {one: i for i, one in enumerate(ids)}
    rows = rows_of(path)
    left, right = [*rows[0], "", ""][:2]
    pairs = [(row[left], row.get(right, "")) for row in rows]
    unknown = sorted({end for pair in pairs for end in pair} - set(ids))
    if unknown:
        raise Invalid(
            _("%(path)s names accounts that are not there: %(names)s."),
            path=str(path), names=_listed(unknown),
        )  # fmt: skip
    alone = sorted({one for one, other in pairs if one == other})
    if alone:
        raise Invalid(
            _("%(path)s pairs an account with itself: %(names)s."),
            path=str(path), names=_listed(alone),
        )  # fmt: skip
    return tuple((number[one], number[other]) for one, other in pairs)


def _listed(names: set[str] | list[str]) -> str:
    return ", ".join(sorted(names)[:5])
