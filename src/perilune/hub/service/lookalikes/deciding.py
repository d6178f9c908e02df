"""What a person decides of rows that look like records, before an import writes them.

Where nothing is said a row is written. One that is left out is not; what refers to it refers to the
record found. One that is taken as an update gives the record found what it says, blank cells aside,
within the import's change set, and its id leads to that record from then on: all of it goes with
the import's undo.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from perilune.crm.queries import is_seen
from perilune.hub.contracts import Draft, Notice, RunState
from perilune.hub.contracts.lookalikes import ALIKE_CODES, LOOKED, Choice
from perilune.hub.engine.proof import final
from perilune.hub.models import ImportRun, RowProblem
from perilune.hub.service.common import run_of
from perilune.hub.service.lookalikes import following
from perilune.hub.service.lookalikes.arriving import KEPT
from perilune.hub.service.staging import Staging
from perilune.kernel.errors import Conflict, Refused
from perilune.kernel.kinds import FieldType, Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS

SETTLED = "decided"
"""State of the doubt about a row that was left out or taken: nothing is left to judge."""

Name = tuple[str, int]
"""Kind and id of a record."""


def choose(
    run_id: int, choice: Choice, scope: Scope, *, problem_ids: Collection[int] | None = None
) -> int:
    """Keep what becomes of rows that look like others, all of them or some; return how many.

    Conflict where the import is not read, or applied. Records that the person may not see are not
    updated by them: such rows keep what was chosen, and are refused where they were named.
    """
    run = run_of(run_id)
    if RunState(run.state) not in (RunState.READY, RunState.STOPPED):
        raise Conflict(_("What becomes of rows is chosen before they are applied."))
    rows = RowProblem.objects.filter(run=run, code__in=ALIKE_CODES)
    if problem_ids is not None:
        rows = rows.filter(id__in=problem_ids)
    if choice is Choice.UPDATE and scope.owners is not None:
        unseen = _unseen(list(rows), scope)
        if unseen and problem_ids is not None:
            raise Refused(_("A record that you do not see cannot be updated."))
        rows = rows.exclude(id__in=unseen)
    return rows.update(choice="" if choice is Choice.WRITE else choice.value)


def _unseen(rows: Sequence[RowProblem], scope: Scope) -> list[int]:
    hidden = []
    for kind in {row.kind for row in rows}:
        mine = [row for row in rows if row.kind == kind and row.code == "like_record"]
        known = following.values_of(kind, [row.other_id for row in mine])
        hidden += [
            row.id for row in mine
            if row.other_id in known and not is_seen(kind, known[row.other_id], scope)
        ]  # fmt: skip
    return hidden


class Split(NamedTuple):
    """How a batch is written: as records, as updates of records, as names of new records."""

    write: list[Draft]
    take: list[Draft]
    name: list[Draft]


@dataclass
class Decided:
    """What was decided of an import's rows.

    instead: what stands in the place of a row that is not written as a record of its own. taken:
    rows whose values go to a record that exists; folded: those whose values go to another new
    record of this import, under its id.
    """

    instead: dict[Name, int] = field(default_factory=dict)
    taken: set[Name] = field(default_factory=set)
    folded: dict[Name, list[Draft]] = field(default_factory=dict)
    named: set[Name] = field(default_factory=set)

    def touches(self, kind: str) -> bool:
        """Tell whether rows of a kind are written otherwise: themselves, or what they refer to."""
        kinds = {kind for kind, _id in self.instead}
        return kind in kinds or not kinds.isdisjoint(_references(kind).values())

    def split(self, kind: str, drafts: Sequence[Draft], as_of_us: int) -> Split:
        """Return how a batch's drafts are written, under the ids that were found."""
        found = Split([], [], [])
        for draft in drafts:
            name = (kind, draft.record_id)
            one = self._referring(kind, draft)
            if name not in self.instead:
                others = [self._referring(kind, other) for other in self.folded.get(name, ())]
                found.write.append(_overlaid(one, others, as_of_us))
                continue
            one = one._replace(record_id=self.instead[name], is_new=False)
            if name in self.taken:
                found.take.append(one)
            elif name in self.named:
                found.name.append(one)
        return found

    def _referring(self, kind: str, draft: Draft) -> Draft:
        """Return a draft whose references lead to what stands in the place of a row."""
        targets = _references(kind)

        def led(name: str, value: Scalar) -> Scalar:
            if name not in targets or not isinstance(value, int):
                return value
            return self.instead.get((targets[name], value), value)

        if not targets:
            return draft
        birth = {name: led(name, value) for name, value in draft.birth.items()}
        later = [(us, name, led(name, value)) for us, name, value in draft.later]
        return draft._replace(birth=birth, later=later)


def _references(kind: str) -> dict[str, str]:
    return {
        one.name: one.target
        for one in KINDS.get(kind).fields
        if one.type is FieldType.REFERENCE and one.target in LOOKED
    }


def _overlaid(draft: Draft, folded: Sequence[Draft], as_of_us: int) -> Draft:
    """Return a new record with what other rows of the import say of it; the last one counts."""
    for other in folded:
        here = final(draft)
        news = {n: v for n, v in final(other).items() if v is not None and v != here.get(n)}
        if draft.birth_us >= as_of_us:
            draft = draft._replace(birth={**draft.birth, **news})
        else:
            later = [*draft.later, *((as_of_us, n, v) for n, v in news.items())]
            draft = draft._replace(later=later)
    return draft


def decided(run_id: int, staging: Staging) -> Decided | None:
    """Return what was decided of an import's rows; None where every row is written."""
    rows = {
        (row.kind, row.record_id): row
        for row in RowProblem.objects.filter(run=run_id, code__in=ALIKE_CODES)
    }
    chosen = {name: Choice(row.choice) for name, row in rows.items() if row.choice}
    if not chosen:
        return None
    batch_of = {(kind, record): batch for kind, record, _o, batch, _b in staging.get(KEPT) or ()}
    made = Decided()
    for name, choice in chosen.items():
        last = rows[name]
        while (name[0], last.other_id) in chosen:
            last = rows[name[0], last.other_id]
        made.instead[name] = last.other_id
        if choice is Choice.LEAVE_OUT:
            continue
        if last.code == "like_record":
            made.taken.add(name)
        else:
            made.named.add(name)
            same = (d for d in staging.drafts(batch_of[name]) if d.record_id == name[1])
            made.folded.setdefault((name[0], last.other_id), []).extend(same)
    return made


def counted(run: ImportRun) -> None:
    """Count the rows that are left out and taken, which are no new records; nothing is saved."""
    chosen = RowProblem.objects.filter(run=run, code__in=ALIKE_CODES).exclude(choice="")
    for kind, choice in chosen.values_list("kind", "choice"):
        counts = run.counts[kind]
        name = "left_out" if choice == Choice.LEAVE_OUT else "taken"
        counts["new"] -= 1
        counts[name] = counts.get(name, 0) + 1


def settle(run: ImportRun) -> set[int]:
    """Close the doubts about rows that were decided; return the ids that these rows had."""
    chosen = RowProblem.objects.filter(run=run, code__in=ALIKE_CODES).exclude(choice="")
    ids = set(chosen.values_list("record_id", flat=True))
    chosen.update(state=SETTLED)
    return ids


def notices(run: ImportRun) -> list[Notice]:
    """Return what the report says of rows that were left out or taken."""
    left, taken = (
        sum(counts.get(name, 0) for counts in run.counts.values()) for name in ("left_out", "taken")
    )
    said = []
    if left:
        text = _("Rows left out by choice, for they look like records that exist: %(count)s.")
        said.append(Notice(text, {"count": left}))
    if taken:
        text = _("Rows taken by choice as updates of the records that they look like: %(count)s.")
        said.append(Notice(text, {"count": taken}))
    return said
