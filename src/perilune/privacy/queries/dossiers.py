"""Dossiers as pages and the command line show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PERSONAL_FILES
from perilune.privacy.contracts.dossiers import (
    DossierInfo,
    DossierState,
    Mention,
    Place,
    Proof,
)
from perilune.privacy.models import Dossier
from perilune.privacy.queries.finding import name_of

ROOMS: Mapping[str, str] = {
    "changes": _("History: rows of changes"),
    "identities": _("History: what sources sent last"),
    "sets": _("History: titles and authors of changes"),
    "hub.RowProblem": _("Quarantine and questions of imports"),
    "hub": _("Imports, syncs and duplicates"),
    "jobs": _("Jobs: arguments and results"),
    "planning": _("Plans, workbooks and letters"),
    "territories": _("Territory plans and their snapshots"),
    "forecasting": _("Recorded runs, closed periods, departures"),
    "insights": _("Learnt models"),
    "perilune_site": _("Notices, packs, contingencies"),
    "sessions": _("Sessions"),
    "people": _("Users and the company"),
    "crm": _("Saved views"),
    "privacy": _("Consent and rules"),
    "history": _("Fields of the company's own"),
    "account": _("Users and the company"),
    "auth": _("Users and the company"),
    "users": _("Users closed"),
}
"""Places by their name, or by the room that they are in."""


def dossiers(limit: int = 100) -> list[DossierInfo]:
    """Return the latest dossiers, newest first."""
    return [_info(row) for row in Dossier.objects.order_by("-id")[:limit]]


def dossier(dossier_id: int) -> DossierInfo:
    """Return a dossier; NotFound when there is none."""
    row = Dossier.objects.filter(id=dossier_id).first()
    if row is None:
        raise NotFound(_("There is no dossier %(id)s."), id=dossier_id)
    return _info(row)


def places_of(counts: Mapping[str, int]) -> tuple[Place, ...]:
    """Return counts by place, tables of a room together, in the order of the house."""
    folders = {files.folder: files.label for files in PERSONAL_FILES}
    labels: Counter[str] = Counter()
    for name, count in counts.items():
        label = folders.get(name) or ROOMS.get(name) or ROOMS.get(name.split(".")[0])
        if label is not None:
            labels[label] += count
    return tuple(Place(label, label, count) for label, count in labels.items() if count)


def _info(row: Dossier) -> DossierInfo:
    state = DossierState(row.state)
    records = tuple((kind, int(record_id)) for kind, record_id in row.records)
    name = "" if state is DossierState.DONE else next(
        (found for kind, record_id in records if (found := name_of(kind, record_id))), ""
    )  # fmt: skip
    return DossierInfo(
        id=row.id,
        state=state,
        records=records,
        name=name,
        places=places_of(row.found.get("places", {})),
        mentions=tuple(Mention(*item) for item in row.found.get("mentions", ())),
        chosen=frozenset(Mention(*item) for item in row.chosen),
        shared=tuple((kind, int(number)) for kind, number in row.found.get("shared", ())),
        ground=row.ground,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        is_self_approved=row.is_self_approved,
        done_at=row.done_at,
        job_id=row.job_id,
        erased={
            place.label: place.found
            for place in places_of({k: v for k, v in row.erased.items() if k not in _TOLD_APART})
        },
        proof=_proof(row.proof),
        facts={"kept_out": row.erased.get("kept_out", 0)},
    )


_TOLD_APART = {"history", "kept_out"}


def _proof(found: Mapping[str, Any] | None) -> Proof | None:
    if not found:
        return None
    return Proof(
        at=datetime.fromisoformat(found["at"]),
        files=found["files"],
        bytes=found["bytes"],
        tables=found["tables"],
        cells=found["cells"],
        values=tuple((sort, digest) for sort, digest in found["values"]),
        remains=tuple((place, count) for place, count in found["remains"]),
        outside=tuple(found["outside"]),
        shared=found.get("shared", 0),
    )
