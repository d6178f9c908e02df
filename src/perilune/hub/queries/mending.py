"""What could be mended, what people decided of it, and what was applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from perilune.history import queries as history
from perilune.hub.contracts.mending import (
    MendGroup,
    MendRow,
    MendRun,
    PhoneForm,
    Rule,
    Spelling,
    Stale,
    Sure,
)
from perilune.hub.models import RepairProposal, RepairRun, RepairState
from perilune.jobs import queries as jobs
from perilune.jobs.contracts import State
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

SAMPLES = 3
SHOWN = 100
"""Rows of a page."""
_IDS = 500


def spelling() -> Spelling:
    """Return what the company writes; of countries what is most usual where nobody chose."""
    row = RepairState.objects.filter(id=1).first()
    return Spelling(row.country or row.usual, PhoneForm(row.phone)) if row else Spelling("")


def chosen_country() -> str:
    """Return the spelling of countries that somebody chose, empty for the most usual."""
    found = RepairState.objects.filter(id=1).values_list("country", flat=True).first()
    return found or ""


def looked_at() -> Any:
    """Return when all records had been looked at last, None before the first time."""
    return RepairState.objects.filter(id=1).values_list("looked_at", flat=True).first()


def has_looked() -> bool:
    """Tell whether all records have been looked at with the spelling that is chosen."""
    return bool(RepairState.objects.filter(id=1).exclude(cursor=0).count())


def running_look() -> int | None:
    """Return the job of a look that has not come to its end."""
    found = RepairState.objects.filter(id=1).values_list("job_id", flat=True).first()
    return found if found is not None and is_running(found) else None


def is_running(job_id: int) -> bool:
    """Tell whether a job has not come to its end."""
    try:
        return not State(jobs.job(job_id).state).is_over
    except NotFound:
        return False


def waiting() -> int:
    """Return how many proposals wait for somebody."""
    return RepairProposal.objects.filter(state="open").count()


def groups() -> list[MendGroup]:
    """Return the open proposals by kind of repair, the surest and largest first."""
    counted = (
        RepairProposal.objects.filter(state="open")
        .values("kind", "rule", "origin")
        .annotate(count=Count("id"))
        .order_by()
    )
    decided: Counter[tuple[str, str, str, str]] = Counter()
    answered = (
        RepairProposal.objects.filter(state__in=("applied", "rejected"))
        .values_list("kind", "rule", "origin", "state")
        .annotate(count=Count("id"))
        .order_by()
    )
    for kind, rule, origin, state, count in answered:
        decided[kind, rule, origin, state] = count
    found = []
    for row in counted:
        key = (row["kind"], row["rule"], row["origin"])
        samples = opened(*key).values_list("old", "new")[:SAMPLES]
        found.append(
            MendGroup(
                row["kind"], Rule(row["rule"]), row["origin"], row["count"], tuple(samples),
                decided[(*key, "applied")], decided[(*key, "rejected")],
            )
        )  # fmt: skip
    order = list(Rule)
    return sorted(found, key=lambda g: (bool(g.origin), order.index(g.rule), -g.count))


def in_state(state: str, kind: str, rule: str, origin: str) -> QuerySet[RepairProposal]:
    """Return the proposals of a group in a state, the surest first."""
    return RepairProposal.objects.filter(state=state, kind=kind, rule=rule, origin=origin).order_by(
        "-sure", "id"
    )


def opened(kind: str, rule: str, origin: str) -> QuerySet[RepairProposal]:
    """Return the open proposals of a group, the surest first."""
    return in_state("open", kind, rule, origin)


def count_of(kind: str, rule: str, origin: str) -> int:
    """Return how many open proposals a group has."""
    return opened(kind, rule, origin).count()


def rows(
    kind: str, rule: str, origin: str, *, start: int = 0, limit: int | None = SHOWN
) -> list[MendRow]:
    """Return proposals of a group with the names of their records."""
    found = list(opened(kind, rule, origin)[start : None if limit is None else start + limit])
    return list(_shown(kind, found))


def row(proposal_id: int) -> MendRow:
    """Return one proposal; NotFound when it is not open (any more)."""
    found = RepairProposal.objects.filter(id=proposal_id, state="open").first()
    if found is None:
        raise NotFound(_("This proposal is not open any more."))
    return next(_shown(found.kind, [found]))


def _shown(kind: str, found: Sequence[RepairProposal]) -> Iterator[MendRow]:
    titles = titles_of(kind, sorted({one.record_id for one in found}))
    labels = {item.name: item.label for item in history.all_fields(kind)}
    for one in found:
        yield MendRow(
            one.id, kind, one.record_id, titles.get(one.record_id) or f"#{one.record_id}",
            one.field, labels.get(one.field, one.field), one.old, one.new, Sure(one.sure),
            one.agree, one.of, one.origin, one.told_on.isoformat() if one.told_on else "",
            one.probability,
        )  # fmt: skip


def titles_of(kind: str, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of records that are there."""
    model: Any = history.model_of(KINDS.get(kind))
    title = KINDS.get(kind).title_field
    found: dict[int, str] = {}
    for start in range(0, len(ids), _IDS):
        some = ids[start : start + _IDS]
        found |= dict(model._default_manager.filter(id__in=some).values_list("id", title))
    return found


# -- what was applied ----------------------------------------------------------------------------


def runs(limit: int = 20) -> list[MendRun]:
    """Return what was applied, newest first."""
    found = list(RepairRun.objects.filter(is_done=True)[:limit])
    hidden = set(history.hidden_sets())
    return [_run(one, hidden) for one in found]


def run(run_id: int) -> MendRun:
    """Return one application; NotFound when there is none."""
    found = RepairRun.objects.filter(id=run_id, is_done=True).first()
    if found is None:
        raise NotFound(_("There are no repairs %(id)s."), id=run_id)
    return _run(found, set(history.hidden_sets()))


def _run(one: RepairRun, hidden: set[int]) -> MendRun:
    return MendRun(
        one.id, one.change_set_id, one.actor, one.at, one.kind, one.rule, one.origin, one.fields,
        one.change_set_id not in hidden,
    )  # fmt: skip


def stale(limit: int = SHOWN) -> list[Stale]:
    """Return proposals that could not be applied, for their fields were edited since."""
    found = RepairProposal.objects.filter(state="stale").order_by("-id")[:limit]
    return [Stale(one.kind, one.record_id, one.field, one.old, one.found) for one in found]
