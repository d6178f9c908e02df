"""What accounts could bring in a year: the user's column, else what like accounts book."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    AccountPotential,
    FieldKind,
    Potential,
    PotentialSource,
    PotentialTest,
    SegmentField,
)
from perilune.planning.contracts.tables import Flags, Floats, Ids
from perilune.planning.engine.potential import by_segment, measured, potential
from perilune.planning.models import PotentialField
from perilune.planning.queries.segment_fields import (
    AccountTable,
    account_table,
    segment_fields,
    years_before,
)
from perilune.planning.queries.staff import first_booked
from perilune.store import service as store

SEED = 1
SIZES = (10, 50, 250, 1000, 5000)
"""Edges of the size bands that accounts are alike in, heads."""
LEAST_KNOWN = 0.1
"""Share of accounts of which a likeness must be known to be used."""
_LIKENESS = ("industry", "headcount", "headcount_band", "country")
LIKE, SEGMENT_MEDIAN, OWN = "like", "segment", "own"


@dataclass(frozen=True)
class Potentials:
    """The potential of every account, by ascending id; numbers in minor units, NaN unknown.

    stated: what the user's column says. said: what is used. by_segment: (N,) where that is the
    segment's median, which erred less than like accounts did. like: what like accounts say.
    tests: how each did over the year that ended at the as-of, empty where that is not known yet.
    """

    field: SegmentField | None
    table: AccountTable
    stated: Floats
    said: Potential
    like: Potential
    by_segment: Flags
    tests: tuple[PotentialTest, ...]

    def of(self, ids: Ids) -> Floats:
        """Return the potential of accounts by their ids."""
        return np.asarray(self.said.minor[self._place(ids)])

    def headroom_of(self, ids: Ids) -> Floats:
        """Return what is left of it, never below zero."""
        place = self._place(ids)
        return np.maximum(self.said.minor[place] - self.table.booked[place], 0.0)

    def one(self, account_id: int) -> AccountPotential | None:
        """Return the potential of an account, None where there is none such."""
        place = np.flatnonzero(self.table.ids == account_id)
        return self._row(int(place[0])) if len(place) else None

    def rows(self, scope: Scope) -> list[AccountPotential]:
        """Return the accounts that a scope sees, the most room first, the unknown at the end."""
        owners = self.table.owner.tolist()
        mine = [at for at, owner in enumerate(owners) if scope.sees(owner or None)]
        found = [self._row(at) for at in mine]
        return sorted(
            found, key=lambda one: (one.headroom is None, -(one.headroom or 0), one.account)
        )

    def _place(self, ids: Ids) -> Ids:
        return np.searchsorted(self.table.ids, ids)

    def _row(self, at: int) -> AccountPotential:
        said, table = self.said, self.table
        is_stated, is_known = bool(np.isfinite(self.stated[at])), bool(np.isfinite(said.minor[at]))
        source = PotentialSource.SEGMENT if self.by_segment[at] else PotentialSource.LIKE
        source = source if is_known else PotentialSource.UNKNOWN
        has_range = is_known and not is_stated

        def whole(value: float) -> int | None:
            return round(float(value)) if np.isfinite(value) else None

        return AccountPotential(
            account=int(table.ids[at]),
            name=table.names[at],
            owner=int(table.owner[at]),
            segment=str(table.segment[at]),
            source=PotentialSource.STATED if is_stated else source,
            minor=whole(said.minor[at]),
            low=whole(said.low[at]) if has_range else None,
            high=whole(said.high[at]) if has_range else None,
            booked=round(float(table.booked[at])),
            like=0 if is_stated else int(said.like[at]),
        )


_kept: Kept[Potentials] = Kept(4)


def potential_fields() -> list[SegmentField]:
    """Return the amounts of accounts that may say their potential."""
    return [
        one
        for one in segment_fields()
        if one.kind is FieldKind.MONEY and not one.name.startswith("measure:")
    ]


def potential_field() -> SegmentField | None:
    """Return the field that says potential, None where none was chosen or it is gone."""
    chosen = PotentialField.objects.first()
    name = chosen.field if chosen else ""
    return next((one for one in potential_fields() if one.name == name), None)


def potentials(scope: Scope, at: AsOf) -> Potentials:
    """Return the potential of every account as known at an instant.

    Estimates rest on the whole company's accounts, whoever asks; a field that is hidden from the
    reader says nothing. Rows are cut to the scope by `Potentials.rows`.
    """
    hidden = frozenset(pair for pair in scope.hidden if pair[0] == "account")
    whole = Scope("company", hidden=hidden)
    field = potential_field()
    key = (store.stamp(), whole.digest(), at.at, field, company().currency)
    return _kept.get(key, lambda: _potentials(field, whole, at))


def _potentials(field: SegmentField | None, scope: Scope, at: AsOf) -> Potentials:
    table, stated = _read(field, scope, at)
    like, median = _both(table, stated)
    tests = _tests(field, scope, at, table)
    of_all = {test.method: test for test in tests}
    is_beaten = (
        SEGMENT_MEDIAN in of_all
        and LIKE in of_all
        and of_all[SEGMENT_MEDIAN].factor < of_all[LIKE].factor
    )
    by_its_segment = median.is_estimated & is_beaten
    said = like if not is_beaten else _merged(median, like, by_its_segment)
    return Potentials(field, table, stated, said, like, by_its_segment, tests)


def _merged(one: Potential, other: Potential, chosen: Flags) -> Potential:
    """Return one potential where it is chosen, elsewhere the other."""
    return replace(
        other,
        minor=np.where(chosen, one.minor, other.minor),
        low=np.where(chosen, one.low, other.low),
        high=np.where(chosen, one.high, other.high),
        middle=np.where(chosen, one.middle, other.middle),
        like=np.where(chosen, one.like, other.like),
        is_estimated=chosen | other.is_estimated,
    )


def _read(field: SegmentField | None, scope: Scope, at: AsOf) -> tuple[AccountTable, Floats]:
    names = [*_LIKENESS, *([field.name] if field else [])]
    table = account_table(scope, at, names)
    stated = table.columns[field.name].copy() if field else np.full(len(table.ids), np.nan)
    stated[~(stated >= 0)] = np.nan
    return table, stated


def _both(table: AccountTable, stated: Floats) -> tuple[Potential, Potential]:
    like = potential(stated, table.booked, _likeness(table), np.random.default_rng(SEED))
    return like, by_segment(stated, table.booked, _codes(table.segment))


def _likeness(table: AccountTable) -> list[Ids]:
    """Return sector, size and country by account, -1 unknown; without those hardly known."""
    heads = table.columns["headcount"]
    size = np.where(np.isfinite(heads), np.searchsorted(SIZES, heads, side="right"), -1)
    band = _codes(table.columns["headcount_band"])
    size = np.where((size < 0) & (band >= 0), len(SIZES) + 1 + band, size).astype(np.int64)
    found = [_codes(table.columns["industry"]), size, _codes(table.columns["country"])]
    return [
        codes if len(codes) and (codes >= 0).mean() >= LEAST_KNOWN else np.full(len(codes), -1)
        for codes in found
    ]


def _codes(texts: np.ndarray) -> Ids:
    values, place = np.unique(texts, return_inverse=True)
    is_empty = len(values) > 0 and values[0] == ""
    return (place - 1 if is_empty else place).astype(np.int64)


def _tests(
    field: SegmentField | None, scope: Scope, at: AsOf, now: AccountTable
) -> tuple[PotentialTest, ...]:
    """Return how estimates of a year before did against what accounts booked since.

    All methods on the same accounts: those that were known then, have an estimate by both, and
    booked since; one's own bookings of the year before where there were any.
    """
    first = first_booked(at)
    if first is None or years_before(at.day, 2) < first:
        return ()
    then = AsOf.end_of(years_before(at.day, 1), company().zone)
    table, _stated = _read(field, scope, then)
    if not len(table.ids):
        return ()
    blank = np.full(len(table.ids), np.nan)
    like, median = _both(table, blank)
    came = dict(zip(now.ids.tolist(), now.booked.tolist(), strict=True))
    actual = np.array([came.get(id_, 0.0) for id_ in table.ids.tolist()])
    both: Flags = np.isfinite(like.middle) & np.isfinite(median.middle)
    made = [measured(LIKE, like, actual, both), measured(SEGMENT_MEDIAN, median, actual, both)]
    own = _own(table)
    bought = both & (table.booked > 0)
    made += [measured(f"{LIKE}:{OWN}", like, actual, bought), measured(OWN, own, actual, bought)]
    return tuple(test for test in made if test is not None)


def _own(table: AccountTable) -> Potential:
    """Return the bookings of the year before as an estimate of the year after, no interval."""
    own = np.where(table.booked > 0, table.booked, np.nan)
    none = np.zeros(len(own))
    return Potential(own, own, own, none.astype(np.bool_), none, None, None, own)
