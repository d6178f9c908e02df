"""A report's rows against what stands here: each row that makes the difference, with its cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CAUSES = (
    "missing_here", "missing_there", "late", "ended", "duplicate", "merged", "excluded", "period",
    "stage", "owner", "currency", "rate", "value", "unlisted", "unexplained",
)  # fmt: skip
"""Why a row differs, in the order in which they are shown."""


@dataclass(frozen=True)
class There:
    """A row of the report. value: minor units of the company's currency, None without an amount.

    amount and currency: as the report writes them, in minor units; day: its close date (ISO);
    owner and stage: as they are read here, None where the report does not say. label: a name to
    show of a row that nothing here stands for.
    """

    key: str
    value: int | None
    amount: int | None = None
    currency: str = ""
    day: str = ""
    owner: int | None = None
    meaning: str = ""
    label: str = ""
    line: int = 0


@dataclass(frozen=True)
class Here:
    """A record here. value: minor units of the company's currency; None without amount or rate.

    meaning: open, won or lost. created: the day of its creation (ISO, "" where unknown).
    """

    id: int
    value: int | None
    amount: int | None = None
    currency: str = ""
    day: str = ""
    owner: int | None = None
    meaning: str = "open"
    is_excluded: bool = False
    created: str = ""


@dataclass(frozen=True)
class Filters:
    """What a total counts. starts, ends: days of closing (ISO, inclusive; "" for any).

    meanings and owners: those that count, empty for all. report_day: of which day the report is, ""
    where that is not known.
    """

    starts: str = ""
    ends: str = ""
    meanings: frozenset[str] = frozenset()
    owners: frozenset[int] = frozenset()
    report_day: str = ""

    def why_not(self, row: Here) -> str:
        """Return why a record does not count, "" where it does."""
        if row.is_excluded:
            return "excluded"
        if not self.is_within(row.day):
            return "period"
        if self.meanings and row.meaning not in self.meanings:
            return "stage"
        if self.owners and row.owner not in self.owners:
            return "owner"
        return ""

    def is_within(self, day: str) -> bool:
        """Tell whether a day of closing counts; one that is not known counts where all do."""
        if not (self.starts or self.ends):
            return True
        return bool(day) and (not self.starts or self.starts <= day) and (
            not self.ends or day <= self.ends
        )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row that makes a part of the difference: `here - there`, minor units.

    record_id: 0 where nothing here stands for it. was, now: what the report and what we say of what
    differs. is_sure: false where a total alone was given and the row merely would explain it.
    """

    cause: str
    key: str
    record_id: int
    there: int
    here: int
    was: str = ""
    now: str = ""
    label: str = ""
    is_sure: bool = True

    @property
    def difference(self) -> int:
        """What this row adds to our total beside the report's."""
        return self.here - self.there


@dataclass
class Reconciled:
    """Two totals in minor units, the rows between them, and how many rows are equal.

    The differences of the lines sum to `total_here - total_there` exactly.
    """

    total_there: int
    total_here: int
    rows_there: int
    rows_here: int
    equal: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def difference(self) -> int:
        """Our total beside the report's."""
        return self.total_here - self.total_there

    @property
    def residual(self) -> int:
        """What no line accounts for: zero, always."""
        return self.difference - sum(line.difference for line in self.lines)

    def by_cause(self) -> list[tuple[str, int, int]]:
        """Return (cause, rows, difference) of each cause that occurs, in the order of `CAUSES`."""
        found: dict[str, tuple[int, int]] = {}
        for line in self.lines:
            rows, total = found.get(line.cause, (0, 0))
            found[line.cause] = (rows + 1, total + line.difference)
        return [(cause, *found[cause]) for cause in CAUSES if cause in found]


def reconcile(
    there: Sequence[There], here: Iterable[Here], ids: Mapping[str, int], filters: Filters,
    *, total: int | None = None,
) -> Reconciled:  # fmt: skip
    """Return the rows that make the difference between a report and what stands here.

    there: the report's rows. here: every record that stands, also those that do not count. ids: key
    of the report -> record id, also of records that ended or were merged (the heir's). total: what
    the report says at its foot, where it does; what its rows do not add up to is a line of its own.

    Examples
    --------
    >>> deals = [Here(1, 500, day="2026-02-01"), Here(2, 70, day="2026-05-01")]
    >>> rows = [There("A", 400), There("B", 70), There("C", 5)]
    >>> found = reconcile(rows, deals, {"A": 1, "B": 2}, Filters("2026-01-01", "2026-03-31"))
    >>> found.difference, found.by_cause(), found.residual
    (25, [('missing_here', 1, -5), ('period', 1, -70), ('value', 1, 100)], 0)
    """
    records = {row.id: row for row in here}
    counted = {i: row for i, row in records.items() if not filters.why_not(row)}
    summed = sum(row.value or 0 for row in there)
    found = Reconciled(
        summed if total is None else total, sum(row.value or 0 for row in counted.values()),
        len(there), len(counted),
    )  # fmt: skip
    taken: dict[int, str] = {}
    keys: set[str] = set()
    for row in there:
        line = _beside(row, records, ids, filters, taken, is_again=row.key in keys)
        keys.add(row.key)
        if line is None:
            found.equal += 1
        else:
            found.lines.append(line)
    for i, record in counted.items():
        if i not in taken and record.value:
            is_late = bool(filters.report_day and record.created > filters.report_day)
            cause = "late" if is_late else "missing_there"
            found.lines.append(
                Line(cause, "", i, 0, record.value, now=record.created if is_late else "")
            )
    if found.total_there != summed:
        found.lines.append(Line("unlisted", "", 0, found.total_there - summed, 0))
    return found


def _beside(
    row: There, records: Mapping[int, Here], ids: Mapping[str, int], filters: Filters,
    taken: dict[int, str], *, is_again: bool,
) -> Line | None:  # fmt: skip
    """Return how a row of the report differs, None where it does not."""
    value, record_id = row.value or 0, ids.get(row.key, 0)
    if record_id and record_id in taken:
        cause = "duplicate" if is_again else "merged"
        return Line(cause, row.key, record_id, value, 0, was=taken[record_id], label=row.label)
    if is_again:
        return Line("duplicate", row.key, 0, value, 0, was=row.key, label=row.label)
    if not record_id:
        return Line("missing_here", row.key, 0, value, 0, label=row.label)
    record = records.get(record_id)
    taken[record_id] = row.key
    if record is None:
        return Line("ended", row.key, record_id, value, 0, label=row.label)
    why = filters.why_not(record)
    if why:
        was, now = {
            "period": (row.day, record.day), "stage": (row.meaning, record.meaning),
        }.get(why, ("", ""))  # fmt: skip
        return Line(why, row.key, record_id, value, 0, was, now)
    return _other_value(row, record)


def _other_value(row: There, record: Here) -> Line | None:
    value, own = row.value or 0, record.value or 0
    if value == own:
        return None
    if row.currency and record.currency and row.currency != record.currency:
        return Line(
            "currency", row.key, record.id, value, own, row.currency, record.currency
        )  # fmt: skip
    is_foreign = row.amount is not None and row.amount == record.amount
    if is_foreign:  # the same amount in its own currency: only the rate differs, or is missing
        return Line("rate", row.key, record.id, value, own)
    return Line("value", row.key, record.id, value, own)
