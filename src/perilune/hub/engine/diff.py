"""Three-way difference: what the source said then, what it says now, what stands here now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from perilune.hub.contracts import Draft, RowProblem
from perilune.hub.engine.proof import final, told
from perilune.kernel.kinds import Scalar


@dataclass(frozen=True)
class FieldChange:
    """One field that the source changed. A conflict keeps what stands here."""

    field: str
    known_us: int
    here: Scalar
    then: Scalar
    now: Scalar

    @property
    def is_conflict(self) -> bool:
        """Whether it was changed here too, to something else."""
        return self.here not in (self.then, self.now)

    @property
    def is_news(self) -> bool:
        """Whether it is to be written: the source changed it and nobody else did."""
        return not self.is_conflict and self.here != self.now


def changes(
    draft: Draft,
    then: Mapping[str, Scalar],
    here: Mapping[str, Scalar],
    *,
    as_of_us: int,
    said_us: int,
) -> Iterator[FieldChange]:
    """Give the fields that the source says differently now, each since when that is known.

    said_us is when the source spoke last: what it now says otherwise was not known before that,
    so a date that lies earlier proves nothing and the change is known at the export.
    """
    now, since = final(draft), told(draft)
    for name in {**then, **now}:
        if then.get(name) == now.get(name):
            continue
        known = since.get(name, as_of_us)
        yield FieldChange(
            name,
            known if known > said_us else as_of_us,
            here.get(name),
            then.get(name),
            now.get(name),
        )


def conflict(kind: str, draft: Draft, name: str, value: Scalar) -> RowProblem:
    """Return the doubt about a field that was changed here and at the source."""
    shown = "" if value is None else str(value)
    return RowProblem(draft.line, kind, draft.key, name, "", "conflict", shown, "", draft.record_id)
