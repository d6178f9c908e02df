"""Two lists of events beside each other: what is the same, what changed, what stands alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from perilune.planning.contracts.edits import Absence, Assumption, Edit, Hire, Leave, Quota, Ramp

EVENTS = (Hire, Leave, Absence)
"""What a plan holds of people."""


@dataclass(frozen=True)
class Pair:
    """An event of one list, of the other, or of both.

    edit: the other's, speaking of hires by the numbers of the first list; None where there is only
    `line`. number: that of `line`, else one that the first list has free.
    """

    line: Assumption | None
    other: Assumption | None
    edit: Edit | None
    number: int

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.line is not None and self.line.edit == self.edit


def renamed(edit: Edit, numbers: Mapping[int, int]) -> Edit:
    """Return an edit speaking of other hires; numbers: rep ids below zero, old to new."""
    changed: dict[str, object] = {}
    for name in ("rep_id", "to_rep_id"):
        rep = getattr(edit, name, None)
        if rep is not None and rep in numbers:
            changed[name] = numbers[rep]
    if isinstance(edit, Quota) and edit.unit.startswith("rep:-"):
        rep = int(edit.unit.removeprefix("rep:"))
        changed["unit"] = f"rep:{numbers.get(rep, rep)}"
    return replace(edit, **changed) if changed else edit


def with_ramps(listed: Iterable[Assumption]) -> tuple[list[Assumption], frozenset[int]]:
    """Return the edits with each hire's ramp as the list says it, and the ids of ramps that count.

    Of the ramps that reach a hire without a ramp of its own the last in the list counts.
    """
    items = list(listed)
    ramps = [(item.id, item.edit) for item in items if isinstance(item.edit, Ramp)]
    found, used = [], set()
    for item in items:
        edit = item.edit
        if isinstance(edit, Hire) and edit.ramp_days is None:
            reaching = [
                (id_, ramp) for id_, ramp in ramps
                if ramp.team_id in (None, edit.team_id) and ramp.starts <= edit.starts
            ]  # fmt: skip
            if reaching:
                id_, last = reaching[-1]
                used.add(id_)
                edit = replace(edit, ramp_days=last.ramp_days)
        found.append(replace(item, edit=edit))
    return found, frozenset(used)


def paired(
    lines: Sequence[Assumption], others: Sequence[Assumption], links: Mapping[int, int]
) -> list[Pair]:
    """Return the events of two lists as pairs: those of `others` in order, then what is left.

    links: id of one of the others to the number of the line that it came from or became. Without a
    link those are one that say the same, then departures of one person, and absences of one that
    share a day.
    """
    left = {line.id: line for line in lines if isinstance(line.edit, EVENTS)}
    known = [other for other in others if isinstance(other.edit, EVENTS)]
    free = max((line.id for line in lines), default=0)
    met: dict[int, Assumption] = {}
    _match([o for o in known if isinstance(o.edit, Hire)], left, links, met, {})
    numbers, fresh = {}, {}
    for other in known:
        if other.id not in met:
            free += 1
            fresh[other.id] = free
        if isinstance(other.edit, Hire):
            numbers[-other.id] = -(met[other.id].id if other.id in met else fresh[other.id])
    rest = [other for other in known if not isinstance(other.edit, Hire)]
    _match(rest, left, links, met, numbers)
    found = []
    for other in known:
        line = met.get(other.id)
        number = fresh[other.id] if line is None else line.id
        found.append(Pair(line, other, renamed(other.edit, numbers), number))
    return found + [Pair(line, None, None, line.id) for line in left.values()]


def _match(
    others: Sequence[Assumption],
    left: dict[int, Assumption],
    links: Mapping[int, int],
    met: dict[int, Assumption],
    numbers: Mapping[int, int],
) -> None:
    """Give each of the others its line: by link, else saying the same, else of the same person."""
    said = {other.id: renamed(other.edit, numbers) for other in others}

    def linked(other: Assumption, line: Assumption) -> bool:
        return links.get(other.id) == line.id and _alike(said[other.id], line.edit)

    def same(other: Assumption, line: Assumption) -> bool:
        return said[other.id] == line.edit

    def person(other: Assumption, line: Assumption) -> bool:
        return _one_person(said[other.id], line.edit)

    taken = set(links.values())
    rules: tuple[Callable[[Assumption, Assumption], bool], ...] = (linked, same, person)
    for rule in rules:
        for other in others:
            if other.id in met:
                continue
            # a line that came from another of these edits is not this one's while that one stands
            mine = sorted(left.values(), key=lambda line: (line.id in taken, line.id))
            line = next((each for each in mine if rule(other, each)), None)
            if line is not None:
                met[other.id] = left.pop(line.id)


def _alike(one: Edit, other: Edit) -> bool:
    """Tell whether a link still holds: a number may have been given anew since."""
    return type(one) is type(other) and getattr(one, "rep_id", 0) == getattr(other, "rep_id", 0)


def _one_person(one: Edit, other: Edit) -> bool:
    if isinstance(one, Leave) and isinstance(other, Leave):
        return one.rep_id == other.rep_id
    if isinstance(one, Absence) and isinstance(other, Absence):
        ends = one.ends or date.max, other.ends or date.max
        return one.rep_id == other.rep_id and one.starts <= ends[1] and other.starts <= ends[0]
    return False
