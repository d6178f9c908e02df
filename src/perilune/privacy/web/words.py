"""Dossiers in words: states, places, mentions, the proof."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.history import queries as history
from perilune.kernel.kinds import CUSTOM_PREFIX
from perilune.kernel.wiring import KINDS
from perilune.privacy.contracts import (
    STATES,
    Candidate,
    DossierInfo,
    DossierState,
    Mention,
    Proof,
)
from perilune.privacy.contracts.dossiers import STAYS, USER
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Status, Table, Tone

_TONES = {
    DossierState.ASKED: Tone.WATCH, DossierState.REMAINS: Tone.ACT, DossierState.DONE: Tone.GOOD,
}  # fmt: skip
_AROUND = 60


def kind_label(kind: str) -> str:
    """Return what a kind of record is called; users are none."""
    return gettext("User") if kind == USER else gettext(KINDS.get(kind).label)


def status_of(state: DossierState) -> Status:
    """Return where a dossier stands."""
    return Status(gettext(STATES[state]), _TONES.get(state, Tone.NEUTRAL))


def title_of(info: DossierInfo) -> str:
    """Return what a dossier is called: whoever was erased has a number."""
    return info.name or gettext("Dossier %(id)s") % {"id": info.id}


def candidates(found: Sequence[Candidate]) -> list[tuple[str, str, str, str, str]]:
    """Return (value, kind, name, hint, address) of records that may be the person."""
    return [
        (
            f"{one.kind}:{one.record_id}", kind_label(one.kind), one.name, one.hint,
            record_url(one.kind, one.record_id),
        )
        for one in found
    ]  # fmt: skip


def record_url(kind: str, record_id: int) -> str:
    """Return the address of a record's page; users and reps have their own."""
    if kind == USER:
        return ""
    if kind == "rep":
        return reverse("people:rep", args=[record_id])
    return reverse("crm:record", args=[kind, record_id])


def list_of(infos: Sequence[DossierInfo]) -> Table:
    """Return the dossiers as a table."""
    return Table(
        columns=(
            Column("name", gettext("Person"), is_title=True),
            Column("state", gettext("State")),
            Column("opened", gettext("Opened on"), Format.INSTANT, is_minor=True),
            Column("asked", gettext("Asked by"), is_minor=True),
            Column("approved", gettext("Approved by"), is_minor=True),
            Column("done", gettext("Erased on"), Format.INSTANT),
        ),
        rows=[
            Row(
                info.id,
                (
                    title_of(info), status_of(info.state), info.opened_at, info.asked_by,
                    info.approved_by, info.done_at if info.state is DossierState.DONE else None,
                ),
                url=reverse("privacy:show", args=[info.id]),
            )
            for info in infos
        ],
        caption=gettext("Dossiers"),
        empty=Empty(
            gettext("No dossier yet"),
            gettext("Look for a person: nothing changes until one asks and another approves."),
            icon="search",
        ),
    )  # fmt: skip


def places_of(info: DossierInfo) -> Table:
    """Return where a person stands, or stood."""
    told = {place.label: place.found for place in info.places}
    done = info.state in (DossierState.DONE, DossierState.REMAINS)
    labels = list(dict.fromkeys([*told, *info.erased]))
    columns = [
        Column("place", gettext("Place"), is_title=True),
        Column("count", gettext("Found"), Format.NUMBER, decimals=0),
    ]
    if done:
        columns.append(Column("erased", gettext("Erased"), Format.NUMBER, decimals=0))
    return Table(
        columns=columns,
        rows=[
            Row(label, (gettext(label), told.get(label, 0), info.erased.get(label, 0))[: 2 + done])
            for label in labels
        ],
        caption=gettext("Where they stand"),
        empty=Empty(gettext("Nowhere"), gettext("Nothing of the home names this person.")),
        note=gettext(
            "Rows of tables and whole files, of all time, that name the person or a namesake."
        ),
    )


def stays() -> list[tuple[str, str]]:
    """Return what stays, each with its ground."""
    return [(gettext(what), gettext(why)) for what, why in STAYS]


def mentions_of(info: DossierInfo) -> list[tuple[str, str, str, str, str, bool, bool]]:
    """Return (value, kind, field, excerpt, address, is sure, is chosen) of texts of others."""
    by_kind: dict[str, set[int]] = {}
    for mention in info.mentions:
        by_kind.setdefault(mention.kind, set()).add(mention.record_id)
    states = {
        (kind, record_id): state
        for kind, ids in by_kind.items()
        for record_id, state in history.states_as_of(kind, sorted(ids)).items()
    }
    return [
        (
            value_of(mention), kind_label(mention.kind), field_label(mention),
            excerpt(str(states.get(mention[:2], {}).get(mention.field) or "")),
            record_url(mention.kind, mention.record_id), mention.is_sure, mention in info.chosen,
        )
        for mention in info.mentions
    ]  # fmt: skip


def value_of(mention: Mention) -> str:
    """Return a mention as a form sends it."""
    return f"{mention.kind}:{mention.record_id}:{mention.field}:{int(mention.is_sure)}"


def mention_of(value: str) -> Mention | None:
    """Return the mention of a form's value, None where it is none."""
    parts = value.split(":")
    if len(parts) != 4 or not parts[1].isdecimal():
        return None
    return Mention(parts[0], int(parts[1]), parts[2], parts[3] == "1")


def field_label(mention: Mention) -> str:
    """Return what the field of a mention is called."""
    labels = {
        item.name: item.label if item.name.startswith(CUSTOM_PREFIX) else gettext(item.label)
        for item in history.all_fields(mention.kind)
    }
    return labels.get(mention.field, mention.field)


def excerpt(text: str) -> str:
    """Return the beginning of a text; one that said so once may say it no more."""
    if not text:
        return gettext("(in an earlier value)")
    return text if len(text) <= 2 * _AROUND else f"{text[: 2 * _AROUND]}…"


def finding_of(info: DossierInfo) -> str:
    """Say in a line what stands of a person, or what the proof found."""
    if info.state is DossierState.DONE and info.proof is not None:
        return gettext("No trace left: %(files)s files and %(tables)s tables were searched.") % {
            "files": formats.number(info.proof.files, 0),
            "tables": formats.number(info.proof.tables, 0),
        }
    count = sum(place.found for place in info.places)
    if info.state is DossierState.LOOKING:
        return gettext("The whole home is being looked through; nothing is changed.")
    said = ngettext(
        "%(count)s row or file names this person.",
        "%(count)s rows and files name this person.",
        count,
    )
    return said % {"count": formats.number(count, 0)}


def proof_facts(proof: Proof) -> list[tuple[str, str]]:
    """Return what the proof read, in words."""
    apart = [
        (gettext("Borne by others too, so not searched"), formats.number(proof.shared, 0))
    ] * bool(proof.shared)
    return [
        (gettext("Searched on"), formats.instant(proof.at)),
        (gettext("Files of the home"), formats.number(proof.files, 0)),
        (gettext("Bytes"), formats.number(proof.bytes, 0)),
        (gettext("Tables of the databases"), formats.number(proof.tables, 0)),
        (gettext("Texts in them"), formats.number(proof.cells, 0)),
        (gettext("Found"), formats.number(sum(count for _p, count in proof.remains), 0)),
        *apart,
    ]


def remains_of(proof: Proof) -> Table:
    """Return what is left of a person, place by place, without naming them."""
    return Table(
        columns=(
            Column("place", gettext("Place"), is_title=True),
            Column("count", gettext("Found"), Format.NUMBER, decimals=0),
        ),
        rows=[Row(place, (Cell(place), count)) for place, count in proof.remains],
        caption=gettext("What remains"),
    )


def hashes_of(proof: Proof) -> list[tuple[str, str]]:
    """Return (sort, hash) of what was looked for."""
    sorts = {
        "email": gettext("E-mail"), "phone": gettext("Phone"), "name": gettext("Name"),
        "web": gettext("Web address"),
    }  # fmt: skip
    return [(sorts.get(sort, sort), digest) for sort, digest in proof.values]
