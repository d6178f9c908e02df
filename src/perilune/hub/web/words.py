"""Words and tables of the import pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.history.queries import all_fields, states_as_of
from perilune.hub.contracts import STATE_LABELS, RunState, Severity
from perilune.hub.queries import ProblemGroup, RunInfo
from perilune.hub.queries.said import hint_of, noticed, own_name, reasons, said, suggestion
from perilune.hub.service import Sample
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Diff,
    DiffRow,
    Empty,
    Format,
    Row,
    Status,
    Table,
    Tone,
)

TONES = {
    RunState.DONE: Tone.GOOD,
    RunState.STOPPED: Tone.WATCH,
    RunState.FAILED: Tone.ACT,
    RunState.READY: Tone.WATCH,
}
_FORMATS = {
    FieldType.MONEY: Format.MONEY,
    FieldType.UNIT_PRICE: Format.UNIT_PRICE,
    FieldType.DATE: Format.DATE,
    FieldType.INSTANT: Format.INSTANT,
    FieldType.BOOLEAN: Format.BOOLEAN,
    FieldType.INTEGER: Format.NUMBER,
    FieldType.DECIMAL: Format.NUMBER,
}


def state_of(info: RunInfo) -> Status:
    """Return the state of a run as a word with a tone."""
    return Status(gettext(STATE_LABELS[info.state]), TONES.get(info.state, Tone.NEUTRAL))


def value_format(item: Field) -> Format:
    """Return how a field's values are written."""
    return _FORMATS.get(item.type, Format.TEXT)


def kind_label(kind: str) -> str:
    """Return the reader's word for records of a kind."""
    return gettext(KINDS.get(kind).label_plural)


def _title(info: RunInfo) -> str:
    """Return what a run is called: the latest of a connection stands for all of them."""
    if info.syncs < 2:
        return info.title
    return ngettext(
        "%(title)s (latest of %(n)s sync)", "%(title)s (latest of %(n)s syncs)", info.syncs
    ) % {"title": info.title, "n": formats.number(info.syncs, 0)}  # fmt: skip


def runs_table(found: Sequence[RunInfo], *, may_import: bool = True) -> Table:
    """Return past imports, newest first; a demo home takes none."""
    rows = [
        Row(
            info.id,
            (
                _title(info),
                state_of(info),
                info.created_at,
                info.as_of.date() if info.as_of else None,
                info.total("new"),
                info.total("changed"),
                info.open_problems,
                info.actor,
            ),
            url=reverse("hub:run", args=[info.id]),
        )
        for info in found
    ]
    return Table(
        caption=gettext("Imports"),
        columns=(
            Column("title", gettext("File or folder"), is_title=True),
            Column("state", gettext("State")),
            Column("created", gettext("Started"), Format.INSTANT),
            Column("as_of", gettext("As of"), Format.DATE),
            Column("new", gettext("New"), Format.NUMBER, decimals=0),
            Column("changed", pgettext("records", "Changed"), Format.NUMBER, decimals=0),
            Column("problems", gettext("Open problems"), Format.NUMBER, decimals=0),
            Column("actor", gettext("By")),
        ),
        rows=rows,
        empty=Empty(
            gettext("Nothing was imported yet"),
            gettext("Drop the export of your CRM above: CSV or Excel, one file or several.")
            if may_import
            else gettext("A demo home keeps to its own company."),
        ),
    )


def counts_table(info: RunInfo) -> Table:
    """Return what an import does to the records of each kind."""
    names = ["rows", "new", "changed", "unchanged", "conflicts", "missing", "warnings", "withheld"]
    labels = [
        gettext("Rows"), gettext("New"), pgettext("records", "Changed"), gettext("Unchanged"),
        gettext("Conflicts"), gettext("Missing"), gettext("Warnings"), gettext("Kept out"),
    ]  # fmt: skip
    for name, label in (("left_out", gettext("Left out")), ("taken", gettext("Taken as updates"))):
        if info.total(name):
            names.append(name)
            labels.append(label)
    return Table(
        caption=gettext("Records"),
        columns=(
            Column("kind", gettext("Records"), is_title=True),
            *(
                Column(n, label, Format.NUMBER, decimals=0)
                for n, label in zip(names, labels, strict=True)
            ),
        ),
        rows=[
            Row(kind, (kind_label(kind), *(counts.get(name, 0) for name in names)))
            for kind, counts in info.counts.items()
        ],
        empty=Empty(gettext("The files hold no records")),
    )


def problems_table(info: RunInfo, groups: Sequence[ProblemGroup]) -> Table:
    """Return what is doubtful, rows alike together: what would become of them, or what became."""
    rows = []
    is_shown_first = info.state in (RunState.READY, RunState.STOPPED)
    out, kept = (
        (gettext("to be kept out"), gettext("to be stored"))
        if is_shown_first
        else (gettext("kept out"), gettext("stored"))
    )
    for group in groups:
        is_out = group.severity is Severity.WITHHELD
        word = Status(out, Tone.ACT) if is_out else Status(kept, Tone.WATCH)
        url = ""
        if info.state is RunState.DONE:
            url = (
                reverse("hub:duplicates_of", args=[group.kind])
                if group.code in {"like_record", "like_row"}
                else reverse("hub:alike", args=[info.id, group.first_id])
            )
        rows.append(
            Row(
                group.first_id,
                (
                    said(group.message, group.message_params),
                    word,
                    kind_label(group.kind),
                    group.column,
                    group.count,
                    group.first_line or None,
                    _hint(group),
                ),
                url=url,
            )
        )
    return Table(
        caption=gettext("Problems"),
        columns=(
            Column("what", gettext("What"), is_title=True),
            Column("state", gettext("Row")),
            Column("kind", gettext("Records")),
            Column("column", gettext("Column")),
            Column("count", gettext("Rows"), Format.NUMBER, decimals=0),
            Column("line", gettext("First line"), Format.NUMBER, decimals=0),
            Column("hint", gettext("Suggestion")),
        ),
        rows=rows,
        empty=Empty(gettext("No doubts"), gettext("Every row was understood."), icon="check"),
    )


def _hint(group: ProblemGroup) -> Cell | str:
    if group.ask:
        return gettext("Exists; you do not see it. Ask %(who)s.") % {"who": group.ask}
    if group.suggestion:
        return Cell(suggestion(group.code, group.suggestion), tone=Tone.MACHINE)
    return hint_of(group.code, "")


def sample_diffs(
    samples: Sequence[Sample], currency: str, *, is_new: bool, limit: int = 5
) -> list[Diff]:
    """Return some records that would be new, or change, field by field."""
    shown: dict[str, int] = {}
    result = []
    for sample in samples:
        if sample.is_new is not is_new or shown.get(sample.kind, 0) >= limit:
            continue
        shown[sample.kind] = shown.get(sample.kind, 0) + 1
        title = f"{gettext(KINDS.get(sample.kind).label)} · {sample.key}"
        rows = [_diff_row(sample, *parts, currency) for parts in sample.fields]
        result.append(Diff(rows, title=title, is_creation=is_new))
    return result


def _diff_row(  # noqa: PLR0917  # two sides and how both are shown
    sample: Sample, name: str, before: Any, after: Any, is_conflict: bool, currency: str
) -> DiffRow:
    field = next((item for item in all_fields(sample.kind) if item.name == name), None)
    if field is None:
        return DiffRow(name, before, after)
    label = gettext(field.label)
    if is_conflict:
        label = gettext("%(field)s (changed here too: kept)") % {"field": label}
    before, after = (shown(field, value) for value in (before, after))
    return DiffRow(label, before, after, format_of(field), currency)


def format_of(field: Field) -> Format:
    """Return how a field's values are written; a year is no number: 2001 and not 2,001."""
    return Format.TEXT if field.name.endswith("_year") else _FORMATS.get(field.type, Format.TEXT)


def shown(field: Field, value: Any) -> Any:
    """Return an encoded value as its format wants it: names for references, words for choices."""
    if value is None:
        return None
    if field.type is FieldType.DATE:
        return date.fromisoformat(str(value))
    if field.type is FieldType.INSTANT:
        return datetime.fromisoformat(str(value))
    if field.type is FieldType.CHOICE:
        label = dict(field.choices).get(str(value), str(value))
        known = pgettext("choice", label)
        return known if known != label else gettext(label)
    if field.type is FieldType.REFERENCE:
        state = states_as_of(field.target, [int(value)]).get(int(value))
        title = KINDS.get(field.target).title_field
        return (state or {}).get(title) or gettext("new record")
    return value


def finding_of(info: RunInfo) -> str:
    """Return the sentence that says what the import found or did."""
    parts = [
        ngettext("%(n)s new record", "%(n)s new records", info.total("new"))
        % {"n": info.total("new")},
        ngettext("%(n)s changed", "%(n)s changed", info.total("changed"))
        % {"n": info.total("changed")},
        ngettext("%(n)s unchanged", "%(n)s unchanged", info.total("unchanged"))
        % {"n": info.total("unchanged")},
    ]
    if info.total("withheld"):
        parts.append(
            ngettext("%(n)s row kept out", "%(n)s rows kept out", info.total("withheld"))
            % {"n": info.total("withheld")}
        )
    return ", ".join(parts) + "."


def notices(info: RunInfo) -> list[str]:
    """Return what was assumed and skipped, as sentences."""
    return [noticed(notice) for notice in info.notices]


def source_choices(info: RunInfo) -> list[tuple[str, str]]:
    """Return (source, reason) of the known sources to choose from, likeliest first; none at first.

    Beside them stands a source of its own, see `new_source`.
    """
    found = reasons(info)
    listed = {name for name, _r in found}
    others = [str(name) for name in info.guess.get("others", ()) if name not in listed]
    # the one that it bears the name of is never cut off
    others.sort(key=lambda name: name != info.source)
    return [
        *found,
        *((name, gettext("none of the ids looked at is known from it")) for name in others[:5]),
    ]


def new_source(info: RunInfo) -> str:
    """Return the name of a source of its own: after the file, with a number where that is taken."""
    own = own_name(info)
    taken = {*info.guess.get("others", ()), *(name for name, _r in reasons(info))}
    names = (own if number == 1 else f"{own}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def new_import() -> Action:
    """Return the way to the start of an import."""
    return Action(gettext("Import a file"), reverse("hub:index"), icon="upload")
