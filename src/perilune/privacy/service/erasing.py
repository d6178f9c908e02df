"""The erasure: asked by one person, approved by another, carried out as a job that can be killed.

Every phase is safe to repeat from where it was. Its order is chosen so that whatever is cut short
still knows whom to look for, and nothing comes back meanwhile.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from perilune.history import erasing
from perilune.history.service import change_set
from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PERSONAL_FILES
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people import queries as people
from perilune.people import service as people_service
from perilune.privacy.contracts.dossiers import DossierState, Ground, Mention
from perilune.privacy.engine.tracing import Tracer
from perilune.privacy.models import Dossier
from perilune.privacy.queries.subjects import subject_of
from perilune.privacy.service import proving
from perilune.privacy.service.looking import (
    begin,
    dossier_of,
    look_on,
    own_of,
    spots,
)
from perilune.privacy.service.suppressing import suppress
from perilune.privacy.service.tables import TableWalk
from perilune.privacy.service.tables import walk as walk_tables
from perilune.privacy.service.tidying import forgetful, tidy
from perilune.store import erasing as store_erasing
from perilune.store import service as store

STEP_SECONDS = 15.0
PURPOSE = "erasure"


def erasure_ask(
    dossier_id: int, *, ground: Ground | str, chosen: Sequence[Mention], actor: str
) -> None:
    """Ask that a person be erased, and say which doubtful texts name them.

    Invalid for a text that the look did not find; Conflict where the dossier is not at that point.
    """
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if DossierState(dossier.state) not in (DossierState.FOUND, DossierState.REMAINS):
            raise Conflict(_("This dossier is not ready: look at it again."))
        known = {Mention(*item) for item in dossier.found.get("mentions", ())}
        if not set(chosen) <= known:
            raise Invalid(_("The look did not find this text: look again."))
        dossier.ground = Ground(ground).value
        dossier.chosen = sorted(list(mention) for mention in set(chosen))
        dossier.state = DossierState.ASKED.value
        dossier.asked_by, dossier.asked_at = actor, datetime.now(UTC)
        dossier.save()


def erasure_withdraw(dossier_id: int, *, actor: str) -> None:
    """Close a dossier without erasing anything; what was looked for is forgotten."""
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if DossierState(dossier.state) in (DossierState.APPROVED, DossierState.DONE):
            raise Conflict(_("This erasure is under way or done: it cannot be taken back."))
        dossier.state, dossier.sealed = DossierState.DROPPED.value, ""
        dossier.found = {**dossier.found, "closed_by": actor}
        dossier.save()


def erasure_approve(dossier_id: int, *, actor: str, is_queued: bool = True) -> int | None:
    """Let somebody else's request be carried out; return the job, None where the caller runs it.

    Refused to who asked (rule 27); a small team may after the pause, marked self-approved.
    """
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if DossierState(dossier.state) is not DossierState.ASKED:
            raise Conflict(_("Nobody has asked for this erasure, or it was decided already."))
        now = datetime.now(UTC)
        dossier.is_self_approved = people.is_self_approved(
            actor, [dossier.asked_by], dossier.asked_at, now
        )
        dossier.state = DossierState.APPROVED.value
        dossier.approved_by, dossier.approved_at = actor, now
        dossier.save()
    return _start(dossier, actor) if is_queued else None


def erasure_again(dossier_id: int, *, actor: str, is_queued: bool = True) -> int | None:
    """Carry an approved erasure on where its job failed, or where something remained."""
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if DossierState(dossier.state) not in (DossierState.APPROVED, DossierState.REMAINS):
            raise Conflict(_("There is nothing left to carry out."))
        dossier.state = DossierState.APPROVED.value
        dossier.save(update_fields=["state"])
    return _start(dossier, actor) if is_queued else None


def _start(dossier: Dossier, actor: str) -> int:
    dossier.job_id = jobs.start(ERASE.name, {"dossier": dossier.id}, actor=actor)
    dossier.save(update_fields=["job_id"])
    return dossier.job_id


def _locked(dossier_id: int) -> Dossier:
    dossier_of(dossier_id)
    return Dossier.objects.select_for_update().get(id=dossier_id)


# -- the job ---------------------------------------------------------------------------------------

Cursor = dict[str, Any]
Phase = Callable[[Dossier, Mapping[str, Any], float], Cursor | None]


def _look(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    """Look once more: what came since the request is erased too, what others bear now stays."""
    if not cursor:
        if dossier.erased.get("history"):
            return None  # what was sealed is all that is left to know them by
        begin(dossier)
    place = {name: value for name, value in cursor.items() if name != "look"}
    after = look_on(dossier, place, seconds)
    # the history alone tells who else bears the same
    return None if after is None or after["phase"] != "history" else after


def _suppress(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    _tell(dossier, {"kept_out": suppress(dossier, subject_of(dossier))})
    return None


def _history(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    _tell(dossier, {"history": 1})
    subject = subject_of(dossier)
    place = erasing.Walk(cursor.get("part", 0), cursor.get("after", 0))
    erasing.walk(
        place, subject.person, subject.scrubber, also=subject.also, seconds=seconds,
        may_name=subject.judging.is_hinted,
    )  # fmt: skip
    _add(dossier, place.named)
    return None if place.is_over else {"part": place.part, "after": place.after}


def _tables(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    place = TableWalk(cursor.get("table", 0), cursor.get("after"))
    is_over = walk_tables(place, subject_of(dossier).scrubber, seconds=seconds, is_dry=False)
    _add(dossier, place.named)
    return None if is_over else {"table": place.table, "after": place.after}


def _users(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    now = datetime.now(UTC)
    done = 0
    for username in subject_of(dossier).users:
        if people.person_named(username) is not None:
            people_service.user_erase(username, now)
            done += 1
    _add(dossier, {"users": done})
    return None


def _store(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    subject = subject_of(dossier)
    store.refresh()
    found = store_erasing.erase(store.current(), own_of(subject), subject.scrubber, spots(subject))
    _add(dossier, {"store": found.named})
    return None


def _files(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    subject = subject_of(dossier)
    for files in PERSONAL_FILES:
        if files.clean is None:
            continue
        found = files.clean(Path(settings.PERILUNE_HOME), subject.scrubber, False)
        _add(dossier, {files.folder: found.named})
        if found.waits:
            time.sleep(min(2.0, seconds))
            return {"waits": found.waits}
    return None


def _tidy(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    tidy(Tracer(subject_of(dossier).values))
    return None


def _prove(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    tally = dict(cursor) or proving.begun()
    if not proving.search(tally, subject_of(dossier), seconds):
        return tally
    dossier.proof = proving.proof_of(tally, subject_of(dossier)) | {
        "at": datetime.now(UTC).isoformat()
    }
    dossier.save(update_fields=["proof"])
    return None


def _end(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> Cursor | None:
    remains = bool((dossier.proof or {}).get("remains"))
    with translation.override(people.company().language):
        title = gettext("Dossier %(id)s") % {"id": dossier.id}
    with transaction.atomic():
        with change_set(actor=dossier.approved_by, title=title, purpose=PURPOSE):
            pass  # the journal says when it was done; what went, no row can say
        dossier.state = (DossierState.REMAINS if remains else DossierState.DONE).value
        dossier.done_at = datetime.now(UTC)
        if not remains:
            dossier.sealed = ""
            dossier.found = {**dossier.found, "mentions": [], "common": []}
        dossier.save()
    return None


PHASES: tuple[tuple[str, str, Phase], ...] = (
    ("look", _("Looking once more"), _look),
    ("suppress", _("Keeping the person out from now on"), _suppress),
    ("history", _("Taking the person out of the history"), _history),
    ("tables", _("Taking the person out of tables"), _tables),
    ("users", _("Closing access"), _users),
    ("store", _("Rewriting the store"), _store),
    ("files", _("Cleaning files"), _files),
    ("tidy", _("Compacting databases"), _tidy),
    ("prove", _("Searching the whole home"), _prove),
    ("end", _("Writing the proof"), _end),
)


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    dossier = dossier_of(int(params["dossier"]))
    total = len(PHASES)
    if DossierState(dossier.state) is not DossierState.APPROVED:
        return StepResult(cursor={}, is_done=True, done=total, total=total)
    forgetful()
    number, inner = int(cursor.get("phase", 0)), cursor.get("inner") or {}
    deadline = time.monotonic() + STEP_SECONDS
    message = PHASES[number][1]
    while number < total:
        _name, message, phase = PHASES[number]
        after = phase(dossier, inner, max(1.0, deadline - time.monotonic()))
        if after is not None:
            message = after.get("waits", message)
            return StepResult(
                cursor={"phase": number, "inner": {} if "waits" in after else after},
                is_done=False, done=number, total=total, message=message,
            )  # fmt: skip
        number, inner = number + 1, {}
        if time.monotonic() > deadline and number < total:
            return StepResult(
                cursor={"phase": number}, is_done=False, done=number, total=total,
                message=PHASES[number][1],
            )  # fmt: skip
    remains = len((dossier.proof or {}).get("remains", ()))
    return StepResult(cursor={}, is_done=True, done=total, total=total, result={"remains": remains})


def _tell(dossier: Dossier, facts: Mapping[str, int]) -> None:
    dossier.erased = {**dossier.erased, **facts}
    dossier.save(update_fields=["erased"])


def _add(dossier: Dossier, named: Mapping[str, int]) -> None:
    told = Counter(dossier.erased)
    told.update({name: count for name, count in named.items() if count})
    _tell(dossier, dict(told))


ERASE = JobKind("privacy.erase", _("Erasure of a person"), _step)
