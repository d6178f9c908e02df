"""The list of those who are kept out, as an import, a sync or a mail asks it."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext

from perilune.people import queries as people
from perilune.privacy.engine.keeping_out import Outs
from perilune.privacy.models import Suppressed
from perilune.privacy.queries.sealing import hash_key


def kept_out() -> Outs:
    """Return everybody whom nothing may bring back; false where there is nobody."""
    known: dict[str, dict[str, int]] = {}
    hints = set()
    for digest, sort, kind, record_id, hint in Suppressed.objects.values_list(
        "digest", "sort", "kind", "record_id", "hint"
    ):
        known.setdefault(digest, {})[kind] = record_id
        if sort == "name":
            hints.add(hint)
    if not known:
        return Outs({}, frozenset(), b"", "")
    with translation.override(people.company().language):
        mark = gettext("[erased]")
    return Outs(known, frozenset(hints), hash_key(), mark)


def count_kept_out() -> int:
    """Return how many people are kept out."""
    return Suppressed.objects.values("dossier").distinct().count()
