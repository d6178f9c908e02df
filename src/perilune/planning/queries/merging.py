"""Returned files of a plan merged cell by cell: at hand-out, now, returned. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import (
    KEEP,
    Amounts,
    Clash,
    Merge,
    MergedCell,
    Place,
    Returned,
    Said,
)


def merged(
    now: Amounts, files: Sequence[Returned], changed_by: Mapping[Place, str] | None = None
) -> Merge:
    """Return what files would change, and what has to be chosen.

    An amount that a file leaves as it was handed out is not said by it. What one or more files say
    alike of an amount that nobody changed since is taken; what they say differently, or of an
    amount that was changed since to something else, is a clash. changed_by: who changed an amount
    last. The order of the files decides nothing but the order in which they are named.
    """
    said: dict[Place, list[Said]] = {}
    for file in files:
        for place, minor in file.changed.items():
            one = Said(file.id, file.who, file.base.get(place), minor)
            said.setdefault(place, []).append(one)
    changes, clashes, same = [], [], 0
    for place, each in sorted(said.items()):
        here = now.get(place)
        wanted = {one.minor for one in each}
        if wanted == {here}:
            same += 1
        elif len(wanted) == 1 and all(one.old == here for one in each):
            who = tuple(dict.fromkeys(one.who for one in each))
            changes.append(MergedCell(place, here, each[0].minor, who))
        else:
            clashes.append(Clash(place, here, tuple(each), (changed_by or {}).get(place, "")))
    return Merge(tuple(changes), tuple(clashes), same)


def decided(found: Merge, choices: Mapping[Place, int]) -> dict[Place, int | None]:
    """Return the amounts to write: those without a question, and what was chosen of the others.

    choices: by place KEEP or the id of a file. Invalid where a clash is not decided by one of the
    files that speak of it.
    """
    amounts = {one.place: one.after for one in found.changes}
    left = 0
    for clash in found.clashes:
        chosen = choices.get(clash.place)
        told = {one.returned: one.minor for one in clash.said}
        if chosen == KEEP:
            continue
        if chosen not in told:
            left += 1
            continue
        if told[chosen] != clash.now:
            amounts[clash.place] = told[chosen]
    if left:
        raise Invalid(
            _("Amounts said differently and not decided yet: %(count)s. Choose one each."),
            count=left,
        )
    return amounts
