"""What is on record of reconciliations: totals, causes, and the rows behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from perilune.hub.engine.reconcile import CAUSES
from perilune.hub.models import ReconciledRow, Reconciliation
from perilune.hub.queries.beside import DEAL, names_of
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope

SHOWN = 200

CAUSE_LABELS = {
    "missing_here": _("Missing here"),
    "missing_there": _("Missing in the report"),
    "late": _("Created after the report"),
    "ended": _("Deleted here"),
    "duplicate": _("Listed twice in the report"),
    "merged": _("Merged here with another row of the report"),
    "excluded": _("Left out of all figures here"),
    "period": _("Closes in another period here"),
    "stage": _("In another stage here"),
    "owner": _("Belongs to somebody else here"),
    "currency": _("In another currency"),
    "rate": _("Converted at another rate"),
    "value": _("Another amount"),
    "unlisted": _("In the report's total, not in its rows"),
    "unexplained": _("Not explained"),
}
_OTHER_LABELS = {
    "period": _("Of another period here"),
    "stage": _("Another value here in the field of the filter"),
}


@dataclass(frozen=True)
class CauseInfo:
    """A cause with its rows and its part of the difference (here - there, minor units)."""

    cause: str
    rows: int
    difference: int


@dataclass(frozen=True)
class RowInfo:
    """A row of the difference. name: of the record as of now, else what the report calls it."""

    cause: str
    key: str
    record_id: int
    name: str
    there: int
    here: int
    was: str
    now: str
    is_sure: bool

    @property
    def difference(self) -> int:
        """What it adds to our total beside the report's."""
        return self.here - self.there


@dataclass(frozen=True)
class ReconciliationInfo:
    """A comparison as it was made. residual: what no row accounts for, zero always."""

    id: int
    title: str
    file: str
    actor: str
    source: str
    scope: str
    currency: str
    filters: Mapping[str, Any]
    counts: Mapping[str, int]
    total_there: int
    total_here: int
    causes: tuple[CauseInfo, ...]
    as_of: datetime
    version: int
    made_at: datetime

    @property
    def difference(self) -> int:
        """Our total beside the report's."""
        return self.total_here - self.total_there

    @property
    def kind(self) -> str:
        """The kind of record that was compared."""
        return str(self.filters.get("kind") or DEAL)

    @property
    def measure(self) -> str:
        """The money field that was summed, or `count`."""
        return str(self.filters.get("measure") or "amount")

    @property
    def residual(self) -> int:
        """What no row accounts for."""
        return self.difference - sum(one.difference for one in self.causes)


def cause_label(cause: str, kind: str) -> str:
    """Return what a cause is called (msgid); only deals close and have stages."""
    return CAUSE_LABELS[cause] if kind == DEAL else _OTHER_LABELS.get(cause, CAUSE_LABELS[cause])


def reconciliations(limit: int = 50) -> list[ReconciliationInfo]:
    """Return the latest comparisons, newest first."""
    found = list(Reconciliation.objects.all()[:limit])
    causes = _causes(ReconciledRow.objects.filter(reconciliation__in=found))
    return [_info(one, causes.get(one.id, ())) for one in found]


def reconciliation(made_id: int) -> ReconciliationInfo:
    """Return one comparison; NotFound when there is none."""
    found = Reconciliation.objects.filter(id=made_id).first()
    if found is None:
        raise NotFound(_("There is no reconciliation %(id)s."), id=made_id)
    rows = ReconciledRow.objects.filter(reconciliation=found)
    return _info(found, _causes(rows).get(found.id, ()))


def _causes(rows: QuerySet[ReconciledRow]) -> dict[int, tuple[CauseInfo, ...]]:
    sums = rows.values("reconciliation_id", "cause").annotate(
        rows=Count("id"), difference=Sum(F("here") - F("there"))
    )
    found: dict[int, list[CauseInfo]] = {}
    for one in sums:
        mine = found.setdefault(one["reconciliation_id"], [])
        mine.append(CauseInfo(one["cause"], one["rows"], int(one["difference"])))
    order = {cause: i for i, cause in enumerate(CAUSES)}
    return {i: tuple(sorted(some, key=lambda c: order[c.cause])) for i, some in found.items()}


def _info(found: Reconciliation, causes: tuple[CauseInfo, ...]) -> ReconciliationInfo:
    return ReconciliationInfo(
        id=found.id,
        title=found.title,
        file=found.file,
        actor=found.actor,
        source=found.source,
        scope=found.scope,
        currency=found.currency,
        filters=found.filters,
        counts=found.counts,
        total_there=found.total_there,
        total_here=found.total_here,
        causes=causes,
        as_of=found.as_of,
        version=found.version,
        made_at=found.made_at,
    )


def reconciled_rows(
    made: ReconciliationInfo, *, scope: Scope, as_of: AsOf, limit: int | None = SHOWN
) -> list[RowInfo]:
    """Return the rows of a comparison, cause by cause, the largest first; names pass the gate."""
    order = {cause: i for i, cause in enumerate(CAUSES)}
    rows = sorted(
        ReconciledRow.objects.filter(reconciliation_id=made.id),
        key=lambda r: (order[r.cause], -abs(r.here - r.there), r.id),
    )[:limit]
    wanted = [row.record_id for row in rows if row.record_id]
    names = names_of(made.kind, wanted, scope, as_of)
    return [
        RowInfo(
            row.cause, row.key, row.record_id if row.record_id in names else 0,
            names.get(row.record_id, row.label), row.there, row.here, row.was, row.now,
            row.is_sure,
        )
        for row in rows
    ]  # fmt: skip
