"""Lists that people keep under a name."""

from __future__ import annotations

from django.db.models import Q

from perilune.crm.contracts import SavedList
from perilune.crm.models import SavedView


def saved_views(kind: str, username: str) -> list[SavedList]:
    """Return a user's own and the shared lists of a kind, in their order."""
    rows = SavedView.objects.filter(Q(owner=username) | Q(is_shared=True), kind=kind)
    return [
        SavedList(row.pk, row.kind, row.name, row.owner, row.query, row.is_shared)
        for row in rows.order_by("position", "id")
    ]
