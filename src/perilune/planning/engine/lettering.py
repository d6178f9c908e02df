"""How a letter's quota comes about: the full amount less what is not there. Pure, exact."""

from __future__ import annotations

from collections.abc import Sequence

from perilune.planning.contracts.tables import Floats

LEAST = 1e-6
"""Of a full rep: who is there for less has no full amount that could be told."""
Parts = tuple[int, int, int, int]
"""(full, away, leave, ramp) of a month in minor units: full - away - leave - ramp is its quota."""


def calculated(
    quota: Sequence[int], there: Floats, is_set: Sequence[bool], season: Sequence[float]
) -> list[Parts]:
    """Return how each month's quota comes about.

    quota: (M,) minor units. there: (3, M) how much of a full rep there is, from 0 to 1, each row at
    most the one before: by employment and working time; less leave; less ramp. season: (M,) weights
    of the months.

    A quota was shared out by what is there (`summing.shared_out`), so that the full amount of a
    month is its quota over the last row; of a month without anybody, that of the other months by
    season. A set amount is its own full one: it was not reduced.
    """
    known = [
        at
        for at, minor in enumerate(quota)
        if not is_set[at] and minor > 0 and there[2, at] >= LEAST
    ]
    full = {at: round(quota[at] / float(there[2, at])) for at in known}
    weight = sum(season[at] for at in known)
    rate = sum(full.values()) / weight if weight > 0 else 0.0
    found = []
    for at, minor in enumerate(quota):
        if is_set[at] or (minor and at not in full):
            found.append((minor, 0, 0, 0))
            continue
        whole = full.get(at, round(rate * season[at]))
        employed = min(max(round(whole * float(there[0, at])), minor), whole)
        present = min(max(round(whole * float(there[1, at])), minor), employed)
        found.append((whole, whole - employed, employed - present, present - minor))
    return found
