"""Measures that the hub counts, as the pages of measures ask for them."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext

from perilune.hub.contracts.typing import CAUSE_LABELS
from perilune.hub.queries import measured
from perilune.hub.queries.quality import said
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Count, Counter, Tally
from perilune.people.contracts import Right


def counters() -> tuple[Counter, ...]:
    """Return who counts for which measure."""
    return (
        Counter(
            "data_quality", measured.quality_tallies, _quality_parts, measured.quality_sql,
            _quality_url,
        ),
        Counter(
            "typing_avoided", measured.typing_tallies, _typing_parts, measured.typing_sql,
            _typing_url,
        ),
    )  # fmt: skip


def _quality_parts(asked: Count) -> list[tuple[str, Tally]]:
    return [(said.title(rule), tally) for rule, tally in measured.quality_parts(asked)]


def _quality_url(scope: Scope, rights: Collection[str]) -> str:
    return reverse("hub:quality") if Right.SEE_ROWS in rights else ""


def _typing_parts(asked: Count) -> list[tuple[str, Tally]]:
    return [
        (f"{gettext(CAUSE_LABELS[cause])} · {_field(kind, field)}", tally)
        for (cause, kind, field), tally in measured.typing_parts(asked)
    ]


def _field(kind: str, field: str) -> str:
    return f"{said.kind_label(kind, plural=False)}, {said.field_label(kind, field)}"


def _typing_url(scope: Scope, rights: Collection[str]) -> str:
    may = Right.IMPORT_DATA in rights and scope.owners is None
    return reverse("hub:typing") if may else ""
