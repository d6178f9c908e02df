"""Seconds to type a field: stated by the keystroke-level model, learnt where edits allow it.

Source: S. Card, T. Moran, A. Newell, The keystroke-level model for user performance time with
interactive systems, CACM 23 (7), 1980: a keystroke of an average non-secretary typist 0.28 s,
pointing 1.10 s, homing to another device 0.40 s, a mental preparation 1.35 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from perilune.hub.contracts.typing import Basis, Seconds
from perilune.kernel.kinds import FieldType

KEY, POINT, HOME, MIND = 0.28, 1.10, 0.40, 1.35
LENGTHS = {
    FieldType.TEXT: 15, FieldType.LONG_TEXT: 60, FieldType.INTEGER: 4, FieldType.DECIMAL: 6,
    FieldType.MONEY: 7, FieldType.UNIT_PRICE: 6, FieldType.DATE: 10, FieldType.INSTANT: 16,
    FieldType.REFERENCE: 6,
}  # fmt: skip
"""Signs that are typed: think, point at the field, home to the keys, type."""
ENOUGH = 30
"""Edits of a type of field from which its seconds are learnt."""
LONGEST = 120.0
"""Seconds between two edits after which somebody did something else."""


def stated(type_: FieldType) -> float:
    """Return the seconds of the model.

    A choice is pointed at twice; of another record's name a part is typed, then it is pointed at.
    """
    if type_ in (FieldType.CHOICE, FieldType.BOOLEAN):
        return MIND + 2 * POINT
    typed = MIND + POINT + HOME + LENGTHS[type_] * KEY
    return typed + (HOME + POINT if type_ is FieldType.REFERENCE else 0)


def gaps(edits: Iterable[tuple[str, int, FieldType]]) -> dict[FieldType, list[float]]:
    """Return the seconds from the edit before of the same person, where no longer than LONGEST.

    edits: (actor, recorded_us, type) of one field each, in the order of writing.
    """
    found: dict[FieldType, list[float]] = {}
    before: dict[str, int] = {}
    for actor, us, type_ in edits:
        gap = (us - before[actor]) / 1e6 if actor in before else LONGEST + 1
        before[actor] = us
        if 0 < gap <= LONGEST:
            found.setdefault(type_, []).append(gap)
    return found


def seconds_by_type(
    told: Mapping[str, float], learnt: Mapping[FieldType, Sequence[float]]
) -> dict[FieldType, Seconds]:
    """Return what typing takes by type: as set, else as learnt, else as stated."""
    found = {}
    for type_ in FieldType:
        mine = learnt.get(type_, ())
        if type_.value in told:
            found[type_] = Seconds(float(told[type_.value]), Basis.SET)
        elif len(mine) >= ENOUGH:
            found[type_] = Seconds(median(mine), Basis.LEARNT, len(mine))
        else:
            found[type_] = Seconds(stated(type_), Basis.STATED, len(mine))
    return found
