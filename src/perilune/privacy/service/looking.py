"""Opens a dossier and looks where its person stands: nothing is written but the dossier."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from perilune.history import erasing
from perilune.history import queries as history
from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PERSONAL_FILES
from perilune.kernel.wiring import KINDS, JobKind, StepResult
from perilune.privacy.contracts.dossiers import PERSON_KINDS, USER, DossierState, Mention
from perilune.privacy.engine.scrubbing import Scrubber
from perilune.privacy.engine.values import Value, sorted_out
from perilune.privacy.models import Dossier
from perilune.privacy.queries.relating import related
from perilune.privacy.queries.sealing import opened, sealed
from perilune.privacy.queries.subjects import Subject, gathered, personal_fields, subject_of
from perilune.privacy.service.tables import TableWalk
from perilune.privacy.service.tables import walk as walk_tables
from perilune.store import erasing as store_erasing
from perilune.store import service as store

STEP_SECONDS = 15.0
MOST_MENTIONS = 500
PHASES = ("history", "tables", "files")


def dossier_open(
    records: Sequence[tuple[str, int]],
    *,
    extra: Sequence[str] = (),
    actor: str,
    is_queued: bool = True,
) -> int:
    """Open a dossier of a person and start the look; return its number.

    records: (kind, id) of contacts, leads, reps or users. extra: addresses, numbers or whole names
    that stand in texts alone. is_queued: whether the queue looks, or who asked calls `finish_look`.
    Invalid where neither names anyone; NotFound for a record that was
    never there.
    """
    values, _words = sorted_out(extra, names=[text for text in extra if "@" not in text])
    if not records and not values:
        raise Invalid(
            _("Choose a record, or give an address, a number or a whole name to look for.")
        )
    for kind, record_id in records:
        _require(kind, record_id)
    dossier = Dossier.objects.create(
        records=[[kind, record_id] for kind, record_id in records],
        sealed=sealed({"extra": [text.strip() for text in extra if text.strip()]}),
        opened_by=actor,
        opened_at=datetime.now(UTC),
    )
    if is_queued:
        dossier.job_id = jobs.start(LOOK.name, {"dossier": dossier.id}, actor=actor)
        dossier.save(update_fields=["job_id"])
    return dossier.id


def finish_look(dossier_id: int) -> None:
    """Look to the end, here and now."""
    dossier = dossier_of(dossier_id)
    begin(dossier)
    cursor: dict[str, Any] | None = {}
    while cursor is not None:
        cursor = look_on(dossier, cursor, STEP_SECONDS)
    dossier.state = DossierState.FOUND.value
    dossier.save(update_fields=["state"])


def _require(kind: str, record_id: int) -> None:
    if kind == USER:
        return
    if kind not in PERSON_KINDS:
        raise Invalid(_("Records of this kind are not people."))
    if not history.timeline(kind, record_id, with_retracted=True):
        raise NotFound(_("There is no such record."))


def look_again(dossier_id: int, *, actor: str) -> int:
    """Start the look anew: the home changed, or records were added; return the job."""
    dossier = dossier_of(dossier_id)
    if DossierState(dossier.state) not in (DossierState.LOOKING, DossierState.FOUND):
        raise Invalid(_("This dossier is under way or closed."))
    dossier.state = DossierState.LOOKING.value
    dossier.job_id = jobs.start(LOOK.name, {"dossier": dossier.id}, actor=actor)
    dossier.save(update_fields=["state", "job_id"])
    return dossier.job_id


def dossier_add(dossier_id: int, kind: str, record_id: int, *, actor: str) -> None:
    """Say that another record is the same person, and look anew; Conflict once it was asked for."""
    _require(kind, record_id)
    dossier = dossier_of(dossier_id)
    if DossierState(dossier.state) is not DossierState.FOUND:
        raise Conflict(_("This dossier is under way or closed."))
    if [kind, record_id] not in dossier.records:
        dossier.records = [*dossier.records, [kind, record_id]]
        dossier.save(update_fields=["records"])
    look_again(dossier_id, actor=actor)


def dossier_of(dossier_id: int) -> Dossier:
    """Return a dossier; NotFound when there is none."""
    found = Dossier.objects.filter(id=dossier_id).first()
    if found is None:
        raise NotFound(_("There is no dossier %(id)s."), id=dossier_id)
    return found


# -- the look -----------------------------------------------------------------------------------


def begin(dossier: Dossier) -> None:
    """Gather what identifies the person, of all time, and seal it: the look forgets the rest."""
    extra = list(opened(dossier.sealed).get("extra", []))
    values, words, names, users = gathered(dossier, extra)
    dossier.sealed = sealed(
        {
            "extra": extra, "values": [list(v) for v in values], "words": words, "names": names,
            "users": users,
        }
    )  # fmt: skip
    dossier.found = {"common": [], "shared": [], "mentions": [], "places": {}}
    dossier.save(update_fields=["sealed", "found"])


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    dossier = dossier_of(int(params["dossier"]))
    if DossierState(dossier.state) is not DossierState.LOOKING:
        return StepResult(cursor={}, is_done=True)
    if not cursor:
        begin(dossier)
    after = look_on(dossier, cursor, STEP_SECONDS)
    if after is None:
        dossier.state = DossierState.FOUND.value
        dossier.save(update_fields=["state"])
        return StepResult(cursor={}, is_done=True, done=len(PHASES), total=len(PHASES))
    done = PHASES.index(after["phase"])
    return StepResult(
        cursor=after, is_done=False, done=done, total=len(PHASES), message=_SAID[after["phase"]]
    )


_SAID = {
    "history": _("Looking through the history"),
    "tables": _("Looking through tables"),
    "files": _("Looking through files"),
}


def look_on(dossier: Dossier, cursor: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
    """Look on for some seconds and keep what was found; return where to go on, None at the end."""
    phase = cursor.get("phase", PHASES[0])
    subject = subject_of(dossier)
    deadline = time.monotonic() + seconds
    if phase == "history":
        place = erasing.Walk(cursor.get("part", 0), cursor.get("after", 0))
        noting = _Noting(dossier, subject)
        erasing.walk(
            place, subject.person, subject.scrubber, also={}, seconds=seconds, look=noting.note,
            may_name=subject.judging.is_hinted,
        )  # fmt: skip
        noting.keep(place.named)
        if not place.is_over:
            return {"phase": phase, "part": place.part, "after": place.after}
        phase, cursor = "tables", {}
    if phase == "tables" and time.monotonic() < deadline:
        tables = TableWalk(cursor.get("table", 0), cursor.get("after"))
        is_over = walk_tables(
            tables, subject_of(dossier).scrubber, seconds=deadline - time.monotonic(), is_dry=True
        )
        _count(dossier, tables.named)
        if not is_over:
            return {"phase": phase, "table": tables.table, "after": tables.after}
        phase, cursor = "files", {}
    if phase == "files" and time.monotonic() < deadline:
        _count(dossier, files_named(subject_of(dossier)))
        return None
    return {"phase": phase, **{k: v for k, v in cursor.items() if k != "phase"}}


def files_named(subject: Subject, *, is_dry: bool = True) -> dict[str, int]:
    """Return how many files of each folder of the home name a person."""
    home = Path(settings.PERILUNE_HOME)
    found = {"store": store_erasing.erase(
        store.current(), own_of(subject), subject.scrubber, spots(subject), is_dry=is_dry
    ).named}  # fmt: skip
    for files in PERSONAL_FILES:
        if files.clean is not None:
            found[files.folder] = files.clean(home, subject.scrubber, is_dry).named
    return found


def own_of(subject: Subject) -> store_erasing.Own:
    """Return the person's rows as the store erases them."""
    return store_erasing.Own(
        subject.records, {kind: subject.instead(kind) for kind in subject.records}
    )


def spots(subject: Subject) -> dict[tuple[str, int, str], Scrubber]:
    """Return the judged fields as the store erases them."""
    return {(spot.kind, spot.record_id, spot.field): scrub for spot, scrub in subject.also.items()}


def _count(dossier: Dossier, named: Mapping[str, int]) -> None:
    places = Counter(dossier.found.get("places", {}))
    places.update({name: count for name, count in named.items() if count})
    dossier.found = {**dossier.found, "places": dict(places)}
    dossier.save(update_fields=["found"])


class _Noting:
    """Notes who else bears the same, and which texts of others may name the person."""

    def __init__(self, dossier: Dossier, subject: Subject) -> None:
        self._dossier, self._subject = dossier, subject
        values: list[Value] = [Value(*item) for item in opened(dossier.sealed)["values"]]
        self._each = [Scrubber([value], "") for value in values]
        self._any = Scrubber(values, "", words=subject.words)
        self._near = related(subject.records)
        self._personal = {kind: set(personal_fields(kind)) for kind in PERSON_KINDS}
        self.common: set[int] = set(dossier.found.get("common", ()))
        self.shared = {tuple(item) for item in dossier.found.get("shared", ())}
        self.mentions = {Mention(*item) for item in dossier.found.get("mentions", ())}

    def note(self, spot: erasing.Spot, text: str) -> None:
        """Take note of a text that is not one of the person's own fields."""
        if spot.field in self._personal.get(spot.kind, ()):
            if not self._subject.person.has(spot.kind, spot.record_id) and self._any.names(text):
                bears = {at for at, one in enumerate(self._each) if one.names(text)}
                self.common |= bears
                self.shared.add((spot.kind, spot.record_id))
        elif len(self.mentions) < MOST_MENTIONS and _is_text(spot):
            if self._any.names(text):
                self.mentions.add(Mention(*spot, True))
            elif spot.record_id in self._near.get(spot.kind, ()) and self._any.may_name(text):
                self.mentions.add(Mention(*spot, False))

    def keep(self, named: Mapping[str, int]) -> None:
        """Keep it with the dossier, without a value."""
        sure = {mention[:3] for mention in self.mentions if mention.is_sure}
        self._dossier.found = {
            **self._dossier.found,
            "common": sorted(self.common),
            "shared": sorted(map(list, self.shared)),
            "mentions": sorted(
                list(mention)
                for mention in self.mentions
                if mention.is_sure or mention[:3] not in sure
            ),
        }
        _count(self._dossier, named)


def _is_text(spot: erasing.Spot) -> bool:
    """Leave out what only refers: names of users are replaced as such."""
    return spot.kind in KINDS and spot.field not in {"author", "owner", "shared_with"}


LOOK = JobKind("privacy.look", _("Looking for a person"), _step)
