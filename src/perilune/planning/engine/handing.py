"""Hand-overs of deals and accounts: arithmetic on `Handovers`."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from perilune.planning.contracts import Handovers
from perilune.planning.contracts.tables import Flags, Ids

T = TypeVar("T", bound=np.generic)


def locked(array: NDArray[T]) -> NDArray[T]:
    """Return the array, read-only from now on."""
    array.setflags(write=False)
    return array


def handed(
    moves: Handovers, first: Ids, items: Ids, day: int, reps: Ids, *, keep_later: bool = False
) -> Handovers:
    """Give items (N,) to reps (N,) from a day on.

    first: who holds each item before any change. Hand-overs of those items later than the day are
    dropped, as the edit decides from its day on, or kept: the new holder is then one in between.
    """
    is_ours = np.isin(moves.item, items)
    overruled = is_ours & ((moves.day == day) if keep_later else (moves.day >= day))
    stay = ~overruled
    return _tidy(
        np.concatenate([moves.item[stay], items]),
        np.concatenate([moves.day[stay], np.full(len(items), day, dtype=np.int64)]),
        np.concatenate([moves.rep[stay], reps]),
        first,
    )


def redirected(moves: Handovers, chosen: Flags, reps: Ids) -> Handovers:
    """Send the chosen hand-overs (M,) to other reps (M,)."""
    return Handovers(moves.item, moves.day, locked(np.where(chosen, reps, moves.rep)))


def _tidy(item: Ids, day: Ids, rep: Ids, first: Ids) -> Handovers:
    """Sort, and leave out what changes nobody: so equal courses are equal arrays."""
    order = np.lexsort((day, item))
    item, day, rep = item[order], day[order], rep[order]
    before = np.concatenate([[0], rep[:-1]]) if len(rep) else rep
    is_first = np.concatenate([[True], item[1:] != item[:-1]]) if len(item) else item == 0
    real = rep != np.where(is_first, first[item], before)
    return Handovers(*(locked(part[real].astype(np.int64)) for part in (item, day, rep)))
