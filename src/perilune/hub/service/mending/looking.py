"""Records are looked through for what could be mended: all of them in a job, changed ones at once.

The proposals of a record are made anew whenever it, or what tells of it, has changed; what people
rejected stays rejected as long as both values are the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from perilune.history import queries as history
from perilune.hub.contracts.mending import (
    COUNTRY_FORMS,
    MENDED,
    TEXTS,
    Facts,
    Looked,
    PhoneForm,
    Spelling,
)
from perilune.hub.engine.mending.proposing import proposals, usual_country
from perilune.hub.models import RepairProposal, RepairState
from perilune.hub.queries import mending as queries
from perilune.hub.service.mending.rows import insert
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS, JobKind, StepResult
from perilune.people.queries import company

SMALL = 500
"""Changed records that a page takes in before it answers."""
AT_ONCE = 2_000
"""Records of a home that is looked through by the page that asks first."""
_BATCH = 10_000
_IDS = 500
_BESIDE = {"account": ("account_id",), "contact": ("account_id",), "lead": ()}


def look(*, tell: Callable[[int, int], None] | None = None) -> Looked:
    """Look through all records of this home, here and now. tell: (done, total)."""
    cursor: Mapping[str, Any] = {}
    while True:
        done = _step({}, cursor)
        if tell is not None:
            tell(done.done, done.total)
        if done.is_done:
            return Looked(
                done.result["seen"], done.result["found"], queries.waiting(), queries.spelling()
            )
        cursor = done.cursor


def look_start(*, actor: str) -> int:
    """Look through all records in a job; returns its id, also of one that is under way."""
    from perilune.jobs import service as jobs

    running = queries.running_look()
    if running is not None:
        return running
    state = _state()
    state.job_id = jobs.start(LOOK.name, {}, actor=actor)
    state.save(update_fields=["job_id"])
    return state.job_id


def catch_up(*, actor: str = "store") -> bool:
    """Look at what changed since; return whether nothing is left to a job."""
    state = _state()
    if queries.running_look() is not None:
        return False
    if state.cursor == 0:
        if sum(map(_count, MENDED)) > AT_ONCE:
            return False  # somebody says when
        look()
        return True
    number = history.last_event()
    if state.cursor == number:
        return True
    changed = _changed(state.cursor)
    if changed is None or sum(map(len, changed.values())) > SMALL:
        look_start(actor=actor)
        return False
    spelling = queries.spelling()
    for kind, ids in changed.items():
        for some in _chunks(sorted(ids)):
            _take_in(kind, some, _rows(kind, id__in=some), spelling)
    RepairState.objects.filter(id=1).update(cursor=number, looked_at=datetime.now(UTC))
    return True


def spell(country: str, phone: str) -> None:
    """Say how countries (empty: as most are) and telephone numbers are written; Invalid if unknown.

    All records are looked at again.
    """
    if country not in ("", *COUNTRY_FORMS) or phone not in tuple(PhoneForm):
        raise Invalid(_("There is no such spelling."))
    _state()
    RepairState.objects.filter(id=1).update(country=country, phone=phone, cursor=0)


# -- one look ----------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    total = sum(map(_count, MENDED))
    if not cursor:
        cursor = {
            "kind": 0, "after": 0, "seen": 0, "found": 0, "number": history.last_event(),
            "country": _usual(),
        }  # fmt: skip
    if cursor["kind"] >= len(MENDED):
        _state()
        RepairState.objects.filter(id=1).update(
            cursor=cursor["number"], usual=cursor["country"], looked_at=datetime.now(UTC)
        )
        result = {"seen": cursor["seen"], "found": cursor["found"]}
        return StepResult({}, is_done=True, done=total, total=total, result=result)
    kind = MENDED[cursor["kind"]]
    rows = _rows(kind, id__gt=cursor["after"])
    spelling = Spelling(cursor["country"], queries.spelling().phone)
    found = _take_in(kind, None, rows, spelling, after=cursor["after"], is_last=_is_last(rows))
    return StepResult(
        {
            **cursor, "seen": cursor["seen"] + len(rows), "found": cursor["found"] + found,
            "kind": cursor["kind"] + _is_last(rows),
            "after": 0 if _is_last(rows) else rows[-1]["id"],
        },
        is_done=False, done=cursor["seen"] + len(rows), total=total,
        message=_("Looking at records"),
    )  # fmt: skip


LOOK = JobKind("hub.repairs.look", _("Look for repairs"), _step)


def _is_last(rows: Sequence[Any]) -> bool:
    return len(rows) < _BATCH


def _rows(kind: str, **which: Any) -> list[dict[str, Any]]:
    names = dict.fromkeys(("id", *TEXTS[kind], *(_BESIDE[kind] if kind == "contact" else ())))
    return list(_model(kind).filter(**which).order_by("id").values(*names)[:_BATCH])


def _model(kind: str) -> Any:
    return history.model_of(KINDS.get(kind))._default_manager


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _IDS):
        yield ids[start : start + _IDS]


def _count(kind: str) -> int:
    return int(_model(kind).count())


def _state() -> RepairState:
    return RepairState.objects.get_or_create(id=1)[0]


def _usual() -> str:
    """Return the spelling of countries: what was chosen, else what most records have."""
    state = _state()
    if state.country:
        return state.country
    counts: Counter[str] = Counter()
    for kind in MENDED:
        counts.update(one for one in _model(kind).values_list("country", flat=True) if one)
    return usual_country(counts, company().language)


def _take_in(
    kind: str, ids: Sequence[int] | None, rows: list[dict[str, Any]], spelling: Spelling, *,
    after: int = 0, is_last: bool = False,
) -> int:  # fmt: skip
    """Put the proposals of rows in the place of those that were open; ids None: from `after` on."""
    facts = _facts(kind, rows)
    made = [
        one for row in rows for one in proposals(kind, row, spelling, facts.get(row["id"], Facts()))
    ]
    mine = RepairProposal.objects.filter(kind=kind, origin="")
    if ids is not None:
        mine = mine.filter(record_id__in=ids)
    else:
        mine = mine.filter(record_id__gt=after)
        mine = mine if is_last else mine.filter(record_id__lte=rows[-1]["id"])
    with transaction.atomic():
        mine.filter(state__in=("open", "stale")).delete()
        told = ("record_id", "field", "old", "new")
        no = {(a, b, str(c), str(d)) for a, b, c, d in mine.filter(state="rejected")
              .values_list(*told)}  # fmt: skip
        kept = [
            one for one in made if (one.record_id, one.field, str(one.old), str(one.new)) not in no
        ]
        insert(kept)
    return len(kept)


# -- what tells of a record ----------------------------------------------------------------------


def _facts(kind: str, rows: list[dict[str, Any]]) -> dict[int, Facts]:
    if kind == "account":
        return _of_contacts([row["id"] for row in rows])
    if kind == "contact":
        return _of_accounts(rows)
    return {}


def _of_contacts(ids: Sequence[int]) -> dict[int, Facts]:
    mails: defaultdict[int, list[str]] = defaultdict(list)
    phones: defaultdict[int, list[str]] = defaultdict(list)
    asked = _model("contact")
    parts: Iterable[Any] = (
        [asked.filter(account_id__gte=ids[0], account_id__lte=ids[-1])]
        if len(ids) > _IDS
        else [asked.filter(account_id__in=ids)]
    )
    for part in parts:
        for account, mail, phone in part.values_list("account_id", "email", "phone"):
            if mail:
                mails[account].append(mail)
            if phone:
                phones[account].append(phone)
    return {
        one: Facts(tuple(mails.get(one, ())), tuple(phones.get(one, ())))
        for one in mails.keys() | phones.keys()
    }


def _of_accounts(rows: list[dict[str, Any]]) -> dict[int, Facts]:
    countries: dict[int, str] = {}
    wanted = sorted({row["account_id"] for row in rows if row["account_id"]})
    for some in _chunks(wanted):
        countries |= dict(_model("account").filter(id__in=some).values_list("id", "country"))
    return {
        row["id"]: Facts(country=countries.get(row["account_id"]) or "")
        for row in rows
        if row["account_id"]
    }


def _changed(cursor: int) -> dict[str, set[int]] | None:
    """Return what was touched since, with the accounts of contacts and the contacts of accounts."""
    found: dict[str, set[int]] = {}
    for kind in MENDED:
        ids, _number = history.touched(kind, cursor)
        if ids is None or len(ids) > SMALL:
            return None
        found[kind] = set(ids)
    people, firms = found["contact"], found["account"]
    beside = _model("contact").filter(id__in=people).values_list("account_id", flat=True)
    also = _model("contact").filter(account_id__in=firms).values_list("id", flat=True)[: SMALL + 1]
    found["account"] = firms | {one for one in beside if one}
    found["contact"] = people | set(also)
    return found
