"""What was recorded after its time: records of which a past moment is known otherwise today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from perilune.history.contracts import DELETED, from_us, to_us
from perilune.history.models import Change, ChangeSet
from perilune.history.queries.states import chunks, visible


def held_since(kind: str, at: datetime) -> datetime | None:
    """Return since when this installation has held records of a kind, seen from an instant.

    The completion of the first set that then counted; of the first one after it where none did.
    None when there is none at all.
    """
    then = to_us(at)
    sets = ChangeSet.objects.filter(
        Exists(Change.objects.filter(change_set_id=OuterRef("pk"), kind=kind)),
        completed_us__isnull=False,
    ).order_by("completed_us")
    held = sets.filter(Q(retracted_us=None) | Q(retracted_us__gt=then), completed_us__lte=then)
    later = sets.filter(completed_us__gt=then)
    for found in (held, later):
        first = found.values_list("completed_us", flat=True).first()
        if first is not None:
            return from_us(first)
    return None


def late_ids(kind: str, at: datetime, recorded_by: datetime) -> list[int]:
    """Return the records whose state at an instant, as recorded by another one, is not today's.

    Sets that were completed or retracted since may make the difference; a record that is listed may
    be the same all the same.
    """
    then = to_us(recorded_by)
    sets = ChangeSet.objects.filter(
        Q(completed_us__gt=then) | Q(completed_us__lte=then, retracted_us__gt=then)
    )
    found: set[int] = set()
    for some in chunks(sets.values_list("id", flat=True)):
        changes = Change.objects.filter(change_set_id__in=some, kind=kind, known_us__lte=to_us(at))
        found.update(changes.values_list("record_id", flat=True))
    return sorted(found)


def ended_by(kind: str, ids: Sequence[int], at: datetime) -> dict[int, str]:
    """Return the purpose of the set that ended each record by an instant, such as «merge»."""
    ends = visible(Change.objects.filter(kind=kind, field=DELETED, new="true"), None)
    found: dict[int, str] = {}
    for some in chunks(ids):
        rows = ends.filter(record_id__in=some, known_us__lte=to_us(at)).order_by("known_us", "id")
        found.update(rows.values_list("record_id", "change_set__purpose"))
    return found
