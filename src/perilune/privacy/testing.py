"""Makers for tests: a person who stands in every room, and an erasure carried to its end."""

from __future__ import annotations

from collections.abc import Sequence

from perilune.jobs import service as jobs
from perilune.privacy import service
from perilune.privacy.contracts import Ground, Mention
from perilune.privacy.models import Dossier


def looked_for(
    records: Sequence[tuple[str, int]], *, extra: Sequence[str] = (), actor: str = "asker"
) -> Dossier:
    """Return a dossier whose look is done."""
    number = service.dossier_open(records, extra=extra, actor=actor, is_queued=False)
    jobs.run_here(service.LOOK.name, {"dossier": number})
    return Dossier.objects.get(id=number)


def erased(
    records: Sequence[tuple[str, int]],
    *,
    extra: Sequence[str] = (),
    chosen: Sequence[Mention] = (),
    with_all: bool = True,
) -> Dossier:
    """Return the dossier of a person who was erased; with_all: every mention is theirs."""
    dossier = looked_for(records, extra=extra)
    mentions = [Mention(*item) for item in dossier.found["mentions"]] if with_all else chosen
    service.erasure_ask(dossier.id, ground=Ground.ASKED, chosen=mentions, actor="asker")
    service.erasure_approve(dossier.id, actor="approver", is_queued=False)
    done = jobs.run_here(service.ERASE.name, {"dossier": dossier.id})
    assert done.error == "", done.error
    return Dossier.objects.get(id=dossier.id)
