"""Who changed team or role, product or territory, and when: the ramp then restarts in part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from perilune.kernel.asof import AsOf
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.contracts import Holding
from perilune.people.queries import assignments_as_of, reps_as_of, teams_as_of
from perilune.planning.contracts import Change
from perilune.store import queries as store
from perilune.store import service as writing

SELLER = "seller"
REPLACED = 0.5
"""Share of the accounts held that goes, and of those held from then on that is new, on the day of
a change of territory."""
ONE_CHANGE = timedelta(days=91)
"""Within a quarter of another change, one of product or territory is a part of it."""
_DAY = timedelta(days=1)


class Changed(NamedTuple):
    """A change of somebody who sells after it. day: its first."""

    rep: int
    day: date
    change: Change


_territories: Kept[tuple[bool, list[tuple[int, date]]]] = Kept(32)


def changes(at: AsOf) -> list[Changed]:
    """Return the changes that restart a ramp in part, as known at an instant, those to come too.

    What comes together counts once: new accounts within a quarter of a change of team are a part of
    it, and of several sorts on one day the first counts.
    """
    by_rep = _held(at)
    found = [*_of_seats(by_rep, at), *_of_territories(by_rep, at)]
    return sorted(_apart(found))


def told(at: AsOf) -> frozenset[Change]:
    """Return the sorts of change that the records known at an instant can tell at all."""
    families = any(one.product_family for one in assignments_as_of(at))
    has_territories, _days = _of_records(at)
    return frozenset(
        {Change.SEAT}
        | ({Change.PRODUCT} if families else set())
        | ({Change.TERRITORY} if has_territories else set())
    )


def _held(at: AsOf) -> dict[int, list[Holding]]:
    by_rep: dict[int, list[Holding]] = {}
    for held in assignments_as_of(at):
        by_rep.setdefault(held.rep_id, []).append(held)
    return by_rep


def _hired(at: AsOf) -> dict[int, date]:
    return {rep: state.get("hire_date") or date.min for rep, state in reps_as_of(at).items()}


def _of_seats(by_rep: dict[int, list[Holding]], at: AsOf) -> Iterator[Changed]:
    """Give the changes of team or role, and of the product family where only that changes.

    Who only takes a seat on beside the one held changes nothing, nor does who comes back to the
    last one after a gap.
    """
    teams, hired = teams_as_of(at), _hired(at)
    for rep, seats in by_rep.items():
        for seat in seats:
            day = seat.since
            if day is None or day <= hired.get(rep, date.min) or seat.role != SELLER:
                continue
            before = _last_before(seats, day)
            keeps = any((one.until or date.max) >= day for one in before)
            if not before or keeps or seat.team_id not in (None, *teams):
                continue
            same = [one for one in before if (one.team_id, one.role) == (seat.team_id, seat.role)]
            if not same:
                yield Changed(rep, day, Change.SEAT)
            elif _sells_other(seat, same):
                yield Changed(rep, day, Change.PRODUCT)


def _sells_other(seat: Holding, before: Iterable[Holding]) -> bool:
    """Tell whether another family is sold; where one is not known, nothing is told."""
    families = {one.product_family for one in before}
    return bool(seat.product_family) and "" not in families and seat.product_family not in families


def _of_territories(by_rep: dict[int, list[Holding]], at: AsOf) -> Iterator[Changed]:
    """Give the changes of territory of those who sell on the day."""
    hired = _hired(at)
    for rep, day in _of_records(at)[1]:
        seats = by_rep.get(rep, [])
        sells = not seats or any(
            one.role == SELLER and (one.since or date.min) <= day <= (one.until or date.max)
            for one in seats
        )
        if rep in hired and day > hired[rep] and sells:
            yield Changed(rep, day, Change.TERRITORY)


def _of_records(at: AsOf) -> tuple[bool, list[tuple[int, date]]]:
    """Return whether any account was in a territory, and who had theirs replaced on which day."""

    def read() -> tuple[bool, list[tuple[int, date]]]:
        given = {"replaced": REPLACED}
        result = store.run("planning.territory_changes", given, scope=Scope.company(), as_of=at)
        rows = list(result.dicts())
        return bool(rows), [(row["rep_id"], row["day"]) for row in rows if row["is_change"]]

    here = writing.current()
    return _territories.get((here.path, here.manifest().version, at.at, at.day), read)


def _apart(found: Iterable[Changed]) -> list[Changed]:
    """Leave out what is a part of a change that counts."""
    order = list(Change)
    kept: list[Changed] = []
    for one in sorted(found, key=lambda one: (order.index(one.change), one.day, one.rep)):
        beside = [day for rep, day, _change in kept if rep == one.rep]
        span = timedelta(0) if one.change is Change.SEAT else ONE_CHANGE
        if not any(abs(day - one.day) <= span for day in beside):
            kept.append(one)
    return kept


def _last_before(seats: list[Holding], day: date) -> list[Holding]:
    """Return what somebody held on the eve of a day; after a gap, what was held last."""
    earlier = [one for one in seats if (one.since or date.min) < day]
    if not earlier:
        return []
    last = min(max(one.until or date.max for one in earlier), day - _DAY)
    return [one for one in earlier if (one.until or date.max) >= last]
