"""Asking a provider about all records of a kind; what it says waits among the proposals."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.contracts.enriching import (
    Answer,
    Enriched,
    Form,
    Policy,
    ProviderInfo,
    Subject,
)
from perilune.hub.contracts.mending import Proposal, Spelling
from perilune.hub.engine.enriching.weighing import offers
from perilune.hub.models import Provider, RepairProposal
from perilune.hub.queries import mending as mending_queries
from perilune.hub.queries.enriching import provider, readable
from perilune.hub.service.enriching.calling import ServiceSource
from perilune.hub.service.enriching.files import FileSource
from perilune.hub.service.keeping_out import Guard
from perilune.hub.service.mending.rows import insert
from perilune.hub.service.sync.secrets import opened
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS, JobKind, StepResult

MOST_FILE = 300_000_000
"""Bytes of files that a job reads in one step; larger ones are read in the terminal."""
_ASKED_AT_ONCE = 20
_BATCH = 2_000


def enrich(
    name: str, path: Path | None = None, *, tell: Callable[[int], None] | None = None
) -> Enriched:
    """Ask a provider about all records of its kind, here and now. path: of a file's rows.

    tell: rows read, or records asked.
    """
    info = provider(name)
    if info.form is Form.FILE:
        if path is None:
            raise Invalid(_("Name the file to read."))
        return _from_file(info, path, tell)
    asked = answered = left = after = 0
    while True:
        some = _subjects(info, after, _ASKED_AT_ONCE * 10)
        if not some:
            break
        source, said = _asked(info, some)
        after, asked, left = some[-1].record_id, asked + len(some), left + source.left
        answered += len(said)
        if tell is not None:
            tell(asked)
    return _noted(info, asked, answered, left)


def _from_file(
    info: ProviderInfo, path: Path, tell: Callable[[int], None] | None = None
) -> Enriched:
    subjects = _subjects(info, 0, None)
    source = FileSource(path, kind=info.kind, threshold=info.threshold, tell=tell)
    said = list(source.answers(subjects))
    told = date.fromtimestamp(path.stat().st_mtime)
    _keep(info, subjects, [one if one.told_on else _on(one, told) for one in said])
    return _noted(info, len(subjects), len(said), 0)


def _on(one: Answer, day: date) -> Answer:
    return Answer(one.record_id, one.values, day, one.probability)


def _asked(info: ProviderInfo, some: Sequence[Subject]) -> tuple[ServiceSource, list[Answer]]:
    source = _service(info)
    said = list(source.answers(some))
    _keep(info, some, said)
    return source, said


def _service(info: ProviderInfo) -> ServiceSource:
    if info.service is None:
        raise Invalid(_("Say first how this service is asked."))
    row = Provider.objects.get(id=info.id)
    budget = info.service.budget
    return ServiceSource(
        info.service, kind=info.kind, headers=opened(row.credentials),
        may_ask=lambda: _may_ask(info.id, budget),
    )  # fmt: skip


def _may_ask(provider_id: int, budget: int) -> bool:
    """Take one request from the day's budget."""
    today = datetime.now(UTC).date()
    with transaction.atomic():
        row = Provider.objects.select_for_update().get(id=provider_id)
        used = row.used if row.day == today else 0
        if budget and used >= budget:
            return False
        row.day, row.used = today, used + 1
        row.save(update_fields=["day", "used"])
    return True


def _noted(info: ProviderInfo, asked: int, answered: int, left: int) -> Enriched:
    waiting = RepairProposal.objects.filter(origin=info.name, state="open").count()
    counts = {"asked": asked, "answered": answered, "found": waiting, "left": left}
    Provider.objects.filter(id=info.id).update(asked_at=datetime.now(UTC), counts=counts)
    return Enriched(asked, answered, waiting, left)


# -- subjects and proposals ------------------------------------------------------------------------


def _subjects(info: ProviderInfo, after: int, limit: int | None) -> list[Subject]:
    model: Any = history.model_of(KINDS.get(info.kind))
    names = [name for name in readable(info.kind) if not name.startswith("x_")]
    rows = model._default_manager.filter(id__gt=after).order_by("id").values("id", *names)
    return [Subject(row["id"], row) for row in (rows if limit is None else rows[:limit])]


def _keep(info: ProviderInfo, subjects: Sequence[Subject], said: Sequence[Answer]) -> None:
    """Put what is said in the place of what this provider said before and nobody answered.

    Of somebody who was erased nothing is proposed (rule 34).
    """
    said = Guard(info.name).answers(info.kind, said)
    by_id = {one.record_id: one for one in subjects}
    spelling = _spelling()
    times = _since(info, [one.record_id for one in said])
    made: list[tuple[Proposal, Answer]] = [
        (one, answer)
        for answer in said
        for one in offers(
            info.kind, by_id[answer.record_id], answer, info.policies,
            since=times.get(answer.record_id, {}), spelling=spelling,
        )
    ]  # fmt: skip
    mine = RepairProposal.objects.filter(kind=info.kind, origin=info.name)
    mine = mine.filter(
        record_id__gte=subjects[0].record_id if subjects else 0,
        record_id__lte=subjects[-1].record_id if subjects else 0,
    )
    with transaction.atomic():
        mine.filter(state__in=("open", "stale")).delete()
        told = mine.filter(state="rejected").values_list("record_id", "field", "old", "new")
        no = {(a, b, str(c), str(d)) for a, b, c, d in told}
        _insert(
            info.name,
            [
                (one, answer)
                for one, answer in made
                if (one.record_id, one.field, str(one.old), str(one.new)) not in no
            ],
        )


def _insert(origin: str, made: Iterable[tuple[Proposal, Answer]]) -> None:
    by_day: dict[date | None, list[tuple[Proposal, Answer]]] = {}
    for one, answer in made:
        by_day.setdefault(answer.told_on, []).append((one, answer))
    for day, some in by_day.items():
        shares = [answer.probability for _one, answer in some]
        insert([one for one, _answer in some], origin=origin, told_on=day, probability=shares)


def _spelling() -> Spelling:
    found = mending_queries.spelling()
    return Spelling(found.country or "en", found.phone)


def _since(info: ProviderInfo, ids: Sequence[int]) -> dict[int, dict[str, date]]:
    """Return since when each field stands, where a policy asks for it."""
    if Policy.REPLACE not in info.policies.values():
        return {}
    found = history.field_times(info.kind, ids)
    return {
        record_id: {name: from_us(us).date() for name, us in times.items()}
        for record_id, times in found.items()
    }


# -- in a job ------------------------------------------------------------------------------------


def enrich_start(name: str, *, actor: str, path: Path | None = None) -> int:
    """Ask a provider in a job; returns its id. The file is taken away once it was read."""
    from perilune.jobs import service as jobs

    info = provider(name)
    if info.form is Form.FILE:
        if path is None:
            raise Invalid(_("Name the file to read."))
        if path.stat().st_size > MOST_FILE:
            raise Invalid(
                _("The file is too large for a job: run perilune repairs enrich %(name)s FILE."),
                name=name,
            )
    params = {"name": name, "path": str(path) if path else ""}
    job_id = jobs.start(ENRICH.name, params, actor=actor)
    Provider.objects.filter(id=info.id).update(job_id=job_id)
    return job_id


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    info = provider(str(params["name"]))
    if info.form is Form.FILE:
        path = Path(str(params["path"]))
        done = _from_file(info, path)
        _forget(path)
        return StepResult({}, is_done=True, done=done.asked, total=done.asked,
                          result={"found": done.found})  # fmt: skip
    model: Any = history.model_of(KINDS.get(info.kind))
    total = int(model._default_manager.count())
    some = _subjects(info, int(cursor.get("after", 0)), _ASKED_AT_ONCE)
    counts = {key: int(cursor.get(key, 0)) for key in ("asked", "answered", "left")}
    if some:
        source, said = _asked(info, some)
        counts = {"asked": counts["asked"] + len(some), "answered": counts["answered"] + len(said),
                  "left": counts["left"] + source.left}  # fmt: skip
        return StepResult(
            {**counts, "after": some[-1].record_id}, is_done=False, done=counts["asked"],
            total=total, message=_("Asking about records"),
        )  # fmt: skip
    found = _noted(info, counts["asked"], counts["answered"], counts["left"])
    return StepResult({}, is_done=True, done=total, total=total, result={"found": found.found})


def _forget(path: Path) -> None:
    """Take an uploaded file away: what it says waits among the proposals."""
    uploads = Path(django_settings.PERILUNE_HOME) / "uploads"
    if uploads in path.parents:
        shutil.rmtree(path.parent, ignore_errors=True)


ENRICH = JobKind("hub.enrich", _("Ask a provider"), _step)
