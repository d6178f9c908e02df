"""Rule 32: what a full file no longer holds is asked about; what looks cut stops."""

from __future__ import annotations

from perilune.history.contracts import from_us
from perilune.hub.contracts import (
    Notice,
)
from perilune.hub.models import ImportRun, MissingAnswer
from perilune.hub.service.common import said_until
from perilune.hub.service.reading import Reader
from perilune.kernel.messages import gettext_noop as _

CAPS = frozenset({2_000, 10_000, 50_000})
DROP = 0.8
"""A full file with less than this share of the rows of the last one stops (rule 32)."""


def note_missing(run: ImportRun, reader: Reader) -> None:
    """List the records that a full file no longer holds (rule 32)."""
    if not run.is_full:
        return
    from perilune.history.queries import identity_keys

    MissingAnswer.objects.filter(source=run.source, answer="").delete()
    answered = set(MissingAnswer.objects.filter(source=run.source).values_list("kind", "key"))
    for kind, counts in run.counts.items():
        if kind in ("pipeline", "stage"):
            continue
        held = identity_keys(run.source, kind)
        present = reader.resolver.keys.find(kind, held)
        missing = [
            (k, i) for k, i in held.items() if k not in present and (kind, k) not in answered
        ]
        counts["missing"] = len(missing)
        counts["held"] = len(held)
        MissingAnswer.objects.bulk_create(
            MissingAnswer(source=run.source, kind=kind, key=key, record_id=record_id, run=run)
            for key, record_id in missing
        )
        # what came back is missing no more
        MissingAnswer.objects.filter(
            source=run.source, kind=kind, key__in=list(present)[:900]
        ).delete()


def guard(run: ImportRun) -> Notice | None:
    """Return why a run must stop and ask, or None."""
    last = said_until(run)
    if last and run.as_of_us and run.as_of_us < last:
        return Notice(
            _(
                "This export is older than the last one of %(source)s (%(day)s):"
                " applying it would undo news."
            ),
            {"source": run.source, "day": from_us(last).date().isoformat()},
        )
    if not run.is_full:
        return None
    for kind, counts in run.counts.items():
        held = counts.get("held", 0)
        if held >= 20 and counts["rows"] < held * DROP:
            return Notice(
                _(
                    "The file holds %(rows)s records of kind %(kind)s,"
                    " %(held)s were there before: a sudden drop."
                ),
                {"rows": counts["rows"], "kind": kind, "held": held},
            )
        if counts["rows"] in CAPS:
            return Notice(
                _(
                    "The file holds exactly %(rows)s records:"
                    " the export was probably cut at its limit."
                ),
                {"rows": counts["rows"]},
            )
    return None
