"""What must be written so that a record's history says what its source's own history says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perilune.kernel.kinds import Scalar


@dataclass(frozen=True)
class Step:
    """A field has a value from an instant on (microseconds UTC). is_ours: this source said it."""

    us: int
    value: Scalar
    is_ours: bool = True


@dataclass
class Field:
    """One field of one record: what stands, what its source tells.

    stands: the steps that count, in order of time and writing. told: the source's own history of
    it, empty where it keeps none. now, then: what the source says and said; since_us: from when the
    source's value is proven, where it keeps no history.
    """

    stands: Sequence[Step]
    told: Sequence[tuple[int, Scalar]]
    now: Scalar
    then: Scalar
    since_us: int


@dataclass
class Written:
    """Steps to write, as (us, old, new) in order of time; is_conflict: changed here too."""

    steps: list[tuple[int, Scalar, Scalar]] = field(default_factory=list)
    is_conflict: bool = False


def settled(one: Field) -> Written:
    """Return the steps that bring a field to what its source tells, local edits kept.

    After them: at each instant of the source's own history the field has the value that it tells,
    unless somebody edited it here in between; its last value is the source's, unless it was edited
    here since the source spoke (a conflict where the source changed it too).
    """
    here = _last(one.stands)
    is_conflict = one.now != one.then and here not in (one.then, one.now)
    target = here if is_conflict or one.now == one.then else one.now
    fresh = _untold(one)
    merged = _merged(one.stands, fresh)
    if _last(merged) != target:
        last = merged[-1].us if merged else 0
        fresh.append(Step(max(last, one.since_us), target))
        merged = _merged(one.stands, fresh)
    chosen = {id(step) for step in fresh}
    steps = []
    before: Scalar = None
    for step in merged:
        if id(step) in chosen and step.value != before:  # what we wrote there comes back: no news
            steps.append((step.us, before, step.value))
        before = step.value
    return Written(steps, is_conflict)


def _untold(one: Field) -> list[Step]:
    """Return what the source tells and does not stand, and what stands against what it tells."""
    if not one.told:
        return []
    ours: dict[int, Scalar] = {}
    for step in one.stands:
        if step.is_ours:
            ours[step.us] = step.value
    told = dict(one.told)
    fresh = [Step(us, value) for us, value in told.items() if us not in ours or ours[us] != value]
    times = sorted(told)
    for us, value in ours.items():
        earlier = [at for at in times if at <= us]
        if us not in told and earlier and told[earlier[-1]] != value:
            fresh.append(Step(us, told[earlier[-1]]))
    return sorted(fresh, key=lambda step: step.us)


def _merged(stands: Sequence[Step], fresh: Sequence[Step]) -> list[Step]:
    return sorted(
        [*stands, *fresh], key=lambda step: step.us
    )  # stable: the newest of an instant last


def _last(steps: Sequence[Step]) -> Scalar:
    return steps[-1].value if steps else None


def by_field(
    rows: Sequence[tuple[int, Mapping[str, Scalar], bool]],
) -> dict[str, list[Step]]:
    """Return the steps of each field from a record's rows: (us, new values, is_ours)."""
    result: dict[str, list[Step]] = {}
    for us, values, is_ours in rows:
        for name, value in values.items():
            result.setdefault(name, []).append(Step(us, value, is_ours))
    return result
