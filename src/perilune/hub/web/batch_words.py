"""Batches of write-back as pages show them: the difference, what was written, why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.writing import (
    BATCH_LABELS,
    LINE_LABELS,
    OPEN,
    POLICY_LABELS,
    VERB_LABELS,
    WHYS,
    BatchInfo,
    BatchState,
    LineInfo,
    LineState,
    Policy,
    Verb,
)
from perilune.hub.queries.said import said
from perilune.hub.web import making_words
from perilune.hub.web.write_words import Values, more, record_url, values_of
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Format,
    Kpi,
    Row,
    Status,
    Tab,
    Table,
    Tone,
)

_TONES = {
    LineState.WRITTEN: Tone.GOOD,
    LineState.TAKEN: Tone.GOOD,
    LineState.SAME: Tone.GOOD,
    LineState.ASK: Tone.WATCH,
    LineState.ASKED: Tone.WATCH,
    LineState.REFUSED: Tone.ACT,
    LineState.CANNOT: Tone.ACT,
    LineState.GONE: Tone.ACT,
}
_BATCH_TONES = {
    BatchState.DONE: Tone.GOOD,
    BatchState.FAILED: Tone.ACT,
    BatchState.READY: Tone.WATCH,
}


def batches_of(found: Sequence[BatchInfo], names: Mapping[str, str]) -> Table:
    """Return the batches of a connection: the log of what was written."""
    rows = [
        Row(
            info.id,
            (
                Cell(info.purpose, url=_batch(info)), gettext(VERB_LABELS[info.verb]),
                state_of(info), info.records,
                info.count(LineState.WRITTEN, LineState.TAKEN), info.count(LineState.ASK),
                info.count(LineState.REFUSED, LineState.CANNOT, LineState.GONE),
                names.get(info.actor, info.actor), info.created_at,
            ),
            url=_batch(info),
        )
        for info in found
    ]  # fmt: skip
    columns = (
        Column("purpose", gettext("Written for"), is_title=True),
        Column("verb", gettext("What is written"), is_minor=True),
        Column("state", gettext("State")),
        _number("records", gettext("Records")),
        _number("written", gettext("Values written")),
        _number("asked", gettext("To decide")),
        _number("refused", gettext("Not written")),
        Column("actor", gettext("By"), is_minor=True),
        Column("at", gettext("When"), Format.INSTANT, is_minor=True),
    )
    nothing = Empty(
        gettext("Nothing was written yet"),
        gettext("Each batch stays here with all it wrote, and can be taken back."),
    )
    return Table(columns, rows, gettext("Log"), is_dense=True, empty=nothing, name="batches")


def asked_of(name: str, found: Sequence[tuple[int, LineInfo]], currency: str) -> Table | None:
    """Return what waits for a person, of every batch; None where nothing does."""
    if not found:
        return None
    values = values_of([one for _batch_id, one in found], currency)
    rows = []
    for batch_id, one in found:
        url = f"{reverse('connections:batch', args=[name, batch_id])}?state={LineState.ASK.value}"
        rows.append(
            Row(
                one.id,
                (
                    Cell(one.title or one.key, url=url), values.label(one.kind, one.field),
                    values.text(one.kind, one.field, one.known),
                    values.text(one.kind, one.field, one.found),
                    values.text(one.kind, one.field, one.wanted), one.changed_at, one.edited_at,
                ),
                url=url,
            )
        )  # fmt: skip
    columns = (
        Column("title", gettext("Record"), is_title=True),
        Column("field", gettext("Field")),
        Column("known", gettext("Said there last"), is_minor=True),
        Column("found", gettext("Stands there now")),
        Column("wanted", gettext("Stands here")),
        Column("changed", gettext("Record changed there"), Format.INSTANT, is_minor=True),
        Column("edited", gettext("Edited here"), Format.INSTANT, is_minor=True),
    )
    return Table(
        columns, rows, gettext("Changed on both sides, to decide"), is_dense=True, name="asked"
    )


def _batch(info: BatchInfo) -> str:
    return reverse("connections:batch", args=[info.connection, info.id])


def state_of(info: BatchInfo) -> Status:
    """Return how a batch stands, in a word."""
    if info.undone_by is not None:
        return Status(gettext("taken back"), Tone.NEUTRAL)
    if info.state is BatchState.DONE and info.count(LineState.ASK):
        return Status(gettext("To decide"), Tone.WATCH)
    return Status(gettext(BATCH_LABELS[info.state]), _BATCH_TONES.get(info.state, Tone.NEUTRAL))


def batch_finding(info: BatchInfo) -> str:
    """Return the sentence that says what a batch would do, or did."""
    if info.message:
        return said(info.message, info.message_params)
    if info.state is BatchState.LOOKING:
        return gettext("What stands there is looked at; nothing is written.")
    if info.state is BatchState.READY:
        return _would(info)
    if info.state is BatchState.DISCARDED:
        return gettext("Put away; nothing was written.")
    wrote = info.count(LineState.WRITTEN)
    text = ngettext("%(n)s value written", "%(n)s values written", wrote)
    parts = [text % {"n": formats.number(wrote, 0)}]
    if info.verb in (Verb.END, Verb.RESTORE):
        parts = [making_words.did(info)]
    taken = info.count(LineState.TAKEN)
    if taken:
        text = ngettext("%(n)s taken from there", "%(n)s taken from there", taken)
        parts.append(text % {"n": formats.number(taken, 0)})
    asked = info.count(LineState.ASK)
    if asked:
        text = ngettext(
            "%(n)s waits for a decision", "%(n)s wait for a decision", asked
        ) % {"n": formats.number(asked, 0)}  # fmt: skip
        parts.append(text)
    return ", ".join(parts) + "."


def _would(info: BatchInfo) -> str:
    count = info.count(*OPEN)
    if not count and info.undoes is None:
        return gettext("Nothing can be written as it stands. See the lines below.")
    if info.verb is not Verb.CHANGE:
        return making_words.would(info, count)
    text = ngettext(
        "%(n)s value would be written. Nothing is written before you say so.",
        "%(n)s values would be written. Nothing is written before you say so.",
        count,
    )
    return text % {"n": formats.number(count, 0)}


def kpis_of(info: BatchInfo) -> list[Kpi]:
    """Return a batch in a few figures."""
    is_over = info.state in (BatchState.DONE, BatchState.FAILED)
    first = (
        (gettext("Values written"), info.count(LineState.WRITTEN))
        if is_over
        else (gettext("Would be written"), info.count(*OPEN))
    )
    same = info.count(LineState.SAME)
    not_written = info.count(LineState.REFUSED, LineState.CANNOT, LineState.GONE)
    figures = [
        first,
        (gettext("Changed on both sides"), info.count(LineState.ASK)),
        (gettext("Stand there already"), same),
        (gettext("Not written, with reason"), not_written),
    ]
    if info.verb in (Verb.END, Verb.RESTORE):
        figures = making_words.figures(info, is_over=is_over)
    return [Kpi(label, value, decimals=0, is_rise_good=None) for label, value in figures]


def tabs_of(info: BatchInfo, state: str) -> list[Tab]:
    """Return the states that lines of a batch are in, as tabs."""
    total = sum(info.counts.values())
    tabs = [Tab(gettext("All values"), _batch(info), not state, total)]
    for each, label in LINE_LABELS.items():
        count = info.counts.get(each, 0)
        if count and count < total:
            url = f"{_batch(info)}?state={each.value}"
            tabs.append(Tab(gettext(label), url, state == each.value, count))
    return tabs if len(tabs) > 1 else []


def lines_of(info: BatchInfo, found: Sequence[LineInfo], of: int, currency: str) -> Table:
    """Return the lines of a batch: what stands on both sides, what is done, and why not."""
    if info.verb in (Verb.END, Verb.RESTORE):
        return _records_of(info, found, of)
    values = values_of(found, currency)
    rows = [
        Row(
            one.id,
            (
                Cell(one.title or one.key, url=record_url(one)), values.label(one.kind, one.field),
                values.text(one.kind, one.field, one.known),
                _found(one, values),
                values.text(one.kind, one.field, one.wanted),
                Cell(
                    Status(gettext(LINE_LABELS[one.state]), _TONES.get(one.state, Tone.NEUTRAL)),
                    hint=_when(one),
                ),
                Cell(why_of(one), hint=one.code),
            ),
            url=record_url(one),
        )
        for one in found
    ]  # fmt: skip
    is_undo = info.undoes is not None
    is_open = info.state in (BatchState.LOOKING, BatchState.READY)
    columns = (
        Column("title", gettext("Record"), is_title=True),
        Column("field", gettext("Field")),
        Column("known", gettext("Was written") if is_undo else gettext("Said there last"),
               is_minor=True),
        Column("found", gettext("Stands there now") if is_open else gettext("Stood there")),
        Column("wanted", gettext("Stood there before") if is_undo else gettext("Stands here")),
        Column("state", gettext("State")),
        Column("why", gettext("Why"), is_minor=True),
    )  # fmt: skip
    return Table(
        columns, rows, gettext("Values, field by field"), is_dense=True, verbs=_verbs(info, found),
        name="lines", note=more(of, len(found)),
        empty=Empty(gettext("No line"), gettext("No value is in this state.")),
    )  # fmt: skip


def _records_of(info: BatchInfo, found: Sequence[LineInfo], of: int) -> Table:
    rows = [
        Row(
            one.id,
            (
                one.title or one.key, gettext(KINDS.get(one.kind).label), one.key,
                Cell(Status(_ended(info, one), _TONES.get(one.state, Tone.NEUTRAL)),
                     hint=_when(one)),
                Cell(why_of(one), hint=one.code),
            ),
        )
        for one in found
    ]  # fmt: skip
    columns = (
        Column("title", gettext("Record"), is_title=True),
        Column("kind", gettext("Kind")),
        Column("key", gettext("Its key there"), is_minor=True),
        Column("state", gettext("State")),
        Column("why", gettext("Why"), is_minor=True),
    )
    return Table(
        columns, rows, gettext("Record by record"), is_dense=True, verbs=_verbs(info, found),
        name="lines", note=more(of, len(found)),
        empty=Empty(gettext("No line"), gettext("No record is in this state.")),
    )  # fmt: skip


def _ended(info: BatchInfo, one: LineInfo) -> str:
    """Return the state of a record that is to be deleted, or brought back."""
    is_end = info.verb is Verb.END
    words = {
        LineState.WAITS: gettext("will be deleted") if is_end else gettext("will be brought back"),
        LineState.WRITTEN: gettext("deleted") if is_end else gettext("brought back"),
        LineState.SAME: gettext("gone already") if is_end else gettext("stands there already"),
    }
    return words.get(one.state, gettext(LINE_LABELS[one.state]))


def _found(one: LineInfo, values: Values) -> Any:
    if one.state in (LineState.NEW, LineState.GONE, LineState.CANNOT):
        return ""
    text = values.text(one.kind, one.field, one.found)
    is_moved = one.found not in (one.known, one.wanted)
    return Cell(text, tone=Tone.WATCH if is_moved else Tone.NEUTRAL)


def _when(one: LineInfo) -> str:
    return formats.instant(one.answered_at) if one.answered_at is not None else ""


def why_of(one: LineInfo) -> str:
    """Return why a line is as it is, in words: ours by code, theirs as they said it."""
    if one.code in WHYS:
        text = gettext(WHYS[one.code])
        return f"{text} {one.reason}".strip()
    if one.code:
        return one.reason or one.code
    if one.decision:
        by = gettext("%(who)s decided: %(what)s") % {
            "who": one.decided_by, "what": gettext(POLICY_LABELS[Policy(one.decision)])
        }  # fmt: skip
        return by
    if one.state in (LineState.ASK, LineState.TAKES):
        return gettext("changed on both sides")
    return ""


def _verbs(info: BatchInfo, found: Sequence[LineInfo]) -> list[Action]:
    def verb(name: str, label: str) -> Action:
        url = reverse("connections:batch_verb", args=[info.connection, info.id, name])
        return Action(label, url, method="post", name=name)

    states = {one.state for one in found}
    verbs = []
    if LineState.ASK in states and info.state is not BatchState.DISCARDED:
        verbs += [verb("ours", gettext("Write ours")), verb("theirs", gettext("Take theirs"))]
    if info.state is BatchState.READY and states & {LineState.WAITS, LineState.TAKES}:
        verbs.append(verb("leave", gettext("Leave these out")))
    return verbs


def _number(name: str, label: str) -> Column:
    return Column(name, label, Format.NUMBER, decimals=0)


def people_of(info: BatchInfo, names: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Return who did what of a batch, and when."""
    told = [
        (
            gettext("Looked at by %(who)s") % {"who": names.get(info.actor, info.actor)},
            info.created_at,
        )
    ]
    if info.started_at is not None:
        who = names.get(info.confirmed_by, info.confirmed_by)
        told.append((gettext("Confirmed by %(who)s") % {"who": who}, info.started_at))
    if info.finished_at is not None:
        told.append((gettext("Finished"), info.finished_at))
    return [(text, formats.instant(at)) for text, at in told]
