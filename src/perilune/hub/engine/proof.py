"""«Nothing leaks backwards»: what the dates of a record prove about when its values were known.

From a file without history: at its creation date the record, its owner, product and first open
stage; at its close everything else; what no date proves is known at the export. A date counts at
its end, in the company's zone; a date after the export proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from perilune.hub.contracts import Draft
from perilune.kernel.kinds import Kind, Scalar

BORN_WITH = frozenset({"created_date", "name", "owner_id", "pipeline_id", "product_id", "currency"})
"""What a deal's creation proves, with the first open stage. A currency is no news either."""


class StageFact(NamedTuple):
    """What a stage means (open, won, lost) and the stage in which its pipeline's deals are born."""

    meaning: str
    first: int | None


@dataclass(frozen=True)
class Clock:
    """When things are known: the export's instant, and a date's or instant's text in microseconds.

    as_of_day: the export's day as ISO text; end_us: memoised end of a day in the company's zone.
    """

    as_of_us: int
    as_of_day: str
    end_us: Callable[[str], int]

    def of(self, text: Scalar) -> int:
        """Return when a date proves its record to be known; the export where it proves nothing."""
        if not text:
            return self.as_of_us
        return min(self.end_us(str(text)), self.as_of_us)


@dataclass(frozen=True)
class Rows:
    """Converted rows of one kind, by column: as many lines, keys, ids as each column has values."""

    kind: str
    lines: Sequence[int]
    keys: Sequence[str]
    ids: Sequence[int]
    is_new: Sequence[bool]
    digests: Sequence[int]
    columns: Mapping[str, Sequence[Scalar]]


def drafts(rows: Rows, kind: Kind, clock: Clock, stages: Mapping[int, StageFact]) -> list[Draft]:
    """Return the drafts of rows: each value at the instant from which it is proven to be known."""
    known = two_steps(rows, kind, clock, stages)
    return drafts_of(known) if known is not None else _dated(rows, clock, _dates_of(rows, kind))


@dataclass(frozen=True)
class Stamps:
    """What a source itself says of its rows: when each was created and last changed (us UTC)."""

    born: Sequence[int]
    changed: Sequence[int]


def stamped(steps: TwoSteps, stamps: Stamps, kind: Kind) -> TwoSteps:
    """Return rows whose steps are the source's own instants.

    A record is there from the instant of its creation on, with its title; all that it says now was
    said by its last change at the latest.
    """
    early = dict(steps.early)
    title = kind.title_field
    if not early and title in steps.late:
        early[title] = steps.late[title]
    ends = [
        max(born, min(end, changed))
        for born, end, changed in zip(stamps.born, steps.ends, stamps.changed, strict=True)
    ]
    return steps._replace(births=list(stamps.born), ends=ends, early=early)


def _heads(rows: Rows) -> Iterator[tuple[Any, ...]]:
    return zip(rows.lines, rows.keys, rows.ids, rows.is_new, rows.digests, strict=True)


def _present(names: Sequence[str], values: Sequence[Scalar]) -> dict[str, Scalar]:
    if None not in values:
        return dict(zip(names, values, strict=False))
    return {name: value for name, value in zip(names, values, strict=False) if value is not None}


def _dated(rows: Rows, clock: Clock, dated: Sequence[tuple[str, tuple[str, ...]]]) -> list[Draft]:
    """Give each group of fields the time of its date; a date that names no field proves all."""
    names = tuple(rows.columns)
    group_of = {name: i for i, (_d, fields) in enumerate(dated) for name in (fields or names)}
    result = []
    heads = _heads(rows)
    dates = [rows.columns[date] for date, _fields in dated]
    for head, values, *when in zip(
        heads, zip(*rows.columns.values(), strict=True), *dates, strict=True
    ):
        times = [clock.of(text) for text in when]
        known = {
            name: times[group_of[name]] if name in group_of else clock.as_of_us for name in names
        }
        birth = min(times)
        first = {
            n: v for n, v in zip(names, values, strict=True) if v is not None and known[n] <= birth
        }
        later = sorted(
            (known[n], n, v)
            for n, v in zip(names, values, strict=True)
            if v is not None and known[n] > birth
        )
        result.append(Draft._make((*head, birth, first, later, (), ())))
    return result


def _dates_of(rows: Rows, kind: Kind) -> list[tuple[str, tuple[str, ...]]]:
    return [(date, fields) for date, fields in kind.known_by if date in rows.columns]


# -- records that are known in at most two steps -------------------------------------------------


class TwoSteps(NamedTuple):
    """Rows of one kind, by column, that are known in part at their birth and wholly at their end.

    early and late are the columns of the two steps; where birth and end are one, late counts alone
    for a field that both have. A field of both is written at the end only where it differs.
    """

    kind: str
    lines: list[int]
    keys: list[str]
    ids: list[int]
    is_new: list[bool]
    digests: list[int]
    births: list[int]
    ends: list[int]
    early: dict[str, list[Scalar]]
    late: dict[str, list[Scalar]]


_BY_STAMP = frozenset({
    "lead", "activity", "territory", "territory_seat", "territory_account",
})  # fmt: skip
"""Kinds whose dates prove less than what a source stamps: not since when somebody is there."""


def two_steps(
    rows: Rows, kind: Kind, clock: Clock, stages: Mapping[int, StageFact],
    stamps: Stamps | None = None,
) -> TwoSteps | None:  # fmt: skip
    """Return rows with their two steps; None for kinds whose dates prove more than that.

    stamps: the source's own instants, which count where it says them.
    """
    found = _two_steps(rows, kind, clock, stages, is_stamped=stamps is not None)
    return found if found is None or stamps is None else stamped(found, stamps, kind)


def _two_steps(
    rows: Rows, kind: Kind, clock: Clock, stages: Mapping[int, StageFact], *, is_stamped: bool
) -> TwoSteps | None:
    columns = {name: list(values) for name, values in rows.columns.items()}
    heads = (rows.kind, *map(list, (rows.lines, rows.keys, rows.ids, rows.is_new, rows.digests)))
    if kind.name != "opportunity":
        if _dates_of(rows, kind) and not (is_stamped and kind.name in _BY_STAMP):
            return None
        times = [clock.as_of_us] * len(rows.lines)
        return TwoSteps._make((*heads, times, times, {}, columns))
    blank: list[Scalar] = [None] * len(rows.lines)
    known: dict[Any, StageFact] = dict(stages)
    stage_column = columns.get("stage_id", blank)
    facts = {stage: known.get(stage, _UNKNOWN) for stage in set(stage_column)}
    births, ends = _spans(rows, clock, [facts[stage].meaning for stage in stage_column])
    early = {name: values for name, values in columns.items() if name in BORN_WITH}
    late = {name: values for name, values in columns.items() if name not in BORN_WITH}
    if "stage_id" in columns:
        early["stage_id"] = [facts[stage].first for stage in stage_column]
    return TwoSteps._make((*heads, births, ends, early, late))


def drafts_of(rows: TwoSteps) -> list[Draft]:
    """Return the drafts of rows that are known in two steps."""
    both = [name for name in rows.late if name in rows.early]
    alone = {name: values for name, values in rows.early.items() if name not in rows.late}
    names, whole = tuple(alone | rows.late), (alone | rows.late).values()
    heads = zip(*rows[1:6], strict=True)
    count = len(rows.lines)
    result = []
    for head, birth, end, values, first, last in zip(
        heads,
        rows.births,
        rows.ends,
        _lines(whole, count),
        _lines(rows.early.values(), count),
        _lines(rows.late.values(), count),
        strict=True,
    ):
        if birth == end:
            result.append(Draft._make((*head, end, _present(names, values), [], (), ())))
            continue
        born = _present(tuple(rows.early), first)
        later: list[tuple[int, str, Scalar]] = [
            (end, n, v)
            for n, v in zip(rows.late, last, strict=True)
            if v is not None and not (n in both and born.get(n) == v)
        ]
        result.append(Draft._make((*head, birth, born, later, (), ())))
    return result


def _lines(columns: Iterable[Sequence[Scalar]], count: int) -> Iterable[tuple[Scalar, ...]]:
    columns = list(columns)
    return zip(*columns, strict=True) if columns else [()] * count


_UNKNOWN = StageFact("open", None)


def _spans(rows: Rows, clock: Clock, meanings: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return since when each deal is known, and since when all of it is."""
    blank: Sequence[Scalar] = [None] * len(rows.lines)
    created, closed = rows.columns.get("created_date", blank), rows.columns.get("close_date", blank)
    times: dict[Any, int] = {text: clock.of(text) for text in {*created, *closed}}
    at = clock.as_of_us
    ends = [
        at if meaning == "open" else times[close]
        for meaning, close in zip(meanings, closed, strict=True)
    ]
    if all(created):
        return list(map(min, map(times.__getitem__, created), ends)), ends
    births = [
        min(times[born], end) if born else end for born, end in zip(created, ends, strict=True)
    ]
    return births, ends


def final(draft: Draft) -> dict[str, Scalar]:
    """Return the values that a draft ends with: what its source says now."""
    values = dict(draft.birth)
    for _us, name, value in draft.later:
        values[name] = value
    return values


def told(draft: Draft) -> dict[str, int]:
    """Return since when the last value of each field is known."""
    known = dict.fromkeys(draft.birth, draft.birth_us)
    for us, name, _value in draft.later:
        known[name] = us
    return known


def seen_earlier(draft: Draft, seen_us: int, title: str) -> Draft:
    """Return a draft whose existence and title are proven earlier, by a record that names it."""
    if seen_us >= draft.birth_us:
        return draft
    first = {n: v for n, v in draft.birth.items() if n in {title, "pipeline_id", "meaning"}}
    rest = [(draft.birth_us, n, v) for n, v in draft.birth.items() if n not in first]
    return draft._replace(birth_us=seen_us, birth=first, later=rest + draft.later)
