"""Words and tables of the pages of repairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.history.queries import all_fields
from perilune.hub.contracts.mending import (
    RULE_LABELS,
    SURE_LABELS,
    WHYS,
    MendGroup,
    MendRow,
    MendRun,
    Rule,
    Stale,
    Sure,
)
from perilune.hub.web.words import kind_label
from perilune.kernel.kinds import FieldType
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Format,
    Link,
    Pages,
    Row,
    Status,
    Tab,
    Table,
    Tone,
)
from perilune.ui.export import Export

_TONES = {Sure.CERTAIN: Tone.GOOD, Sure.LIKELY: Tone.NEUTRAL, Sure.LOOK: Tone.WATCH}
EDITED = frozenset((FieldType.TEXT, FieldType.LONG_TEXT))
"""Types of fields that are answered by hand beside a proposal."""


def tabs(current: str) -> list[Tab]:
    """Return the pages of repairs."""
    pages = (
        ("repairs", gettext("Proposals")),
        ("providers", gettext("Enrichment")),
        ("typing", gettext("Typing avoided")),
    )
    return [Tab(label, reverse(f"hub:{name}"), name == current) for name, label in pages]


def finding(waiting: int, has_looked: bool) -> str:
    """Return the sentence of the page."""
    if not has_looked:
        return gettext("Nobody has looked yet.")
    if not waiting:
        return gettext("Nothing waits: every value that can be read is in its normal form.")
    return ngettext(
        "%(n)s field could be mended or filled; nothing changes until somebody says so.",
        "%(n)s fields could be mended or filled; nothing changes until somebody says so.",
        waiting,
    ) % {"n": formats.number(waiting, 0)}  # fmt: skip


def group_url(name: str, group: tuple[str, str, str], **more: object) -> str:
    """Return the address of a page of a group."""
    kind, rule, origin = group
    asked = {"from": origin} if origin else {}
    asked |= {key: str(value) for key, value in more.items()}
    url = reverse(f"hub:{name}", args=[kind, rule])
    return f"{url}?{urlencode(asked)}" if asked else url


def group_title(rule: str, origin: str) -> str:
    """Return what a kind of repair is called, or who says so."""
    if origin:
        return gettext("What %(provider)s says") % {"provider": origin}
    return gettext(RULE_LABELS[Rule(rule)])


def why(rule: str, origin: str) -> str:
    """Return why a kind of repair is proposed."""
    return group_title(rule, origin) if origin else gettext(WHYS[Rule(rule)])


def shown(value: Any) -> str:
    """Return a value as a person reads it; nothing is said to be nothing."""
    if value is None:
        return gettext("(empty)")
    return str(value).replace(" ", "␣") if _is_odd(value) else formats.text(value)


def _is_odd(value: Any) -> bool:
    """Tell whether a text has spaces that nobody would see."""
    return isinstance(value, str) and value != " ".join(value.split())


def groups_table(found: Sequence[MendGroup], *, has_looked: bool) -> Table:
    """Return the kinds of repair that wait."""
    rows = []
    for one in found:
        sample = one.samples[0] if one.samples else (None, None)
        url = group_url("repairs_of", (one.kind, one.rule.value, one.origin))
        rows.append(
            Row(
                f"{one.kind}-{one.rule.value}-{one.origin}",
                (
                    group_title(one.rule.value, one.origin), kind_label(one.kind), one.count,
                    shown(sample[0]), shown(sample[1]), one.accepted, one.rejected,
                ),
                url=url,
            )
        )  # fmt: skip
    return Table(
        caption=gettext("Kinds of repair"),
        columns=(
            Column("what", gettext("Kind of repair"), is_title=True),
            Column("kind", gettext("Records")),
            Column("count", gettext("Fields"), Format.NUMBER, decimals=0),
            Column("old", gettext("For example")),
            Column("new", gettext("Would become")),
            Column("yes", gettext("Accepted so far"), Format.NUMBER, decimals=0, is_minor=True),
            Column("no", gettext("Rejected so far"), Format.NUMBER, decimals=0, is_minor=True),
        ),
        rows=rows,
        empty=_nothing(has_looked),
        name="groups",
    )


def _nothing(has_looked: bool) -> Empty:
    if not has_looked:
        return Empty(
            gettext("Nobody has looked yet"),
            gettext("Look at all records: what is written in an odd way is proposed here."),
            icon="search",
        )
    return Empty(
        gettext("Nothing to mend"),
        gettext("What arrives or changes is looked at whenever this page is opened."),
        icon="check",
    )


def rows_table(
    group: tuple[str, str, str], found: Sequence[MendRow], pages: Pages, *, may_edit: bool
) -> Table:
    """Return the proposals of a group side by side: what stands, what it would become."""
    kind, rule, origin = group
    types = {item.name: item.type for item in all_fields(kind)}
    told = origin or any(one.of for one in found)
    names = {one.field for one in found}
    rows = []
    for one in found:
        edit = reverse("hub:repair_edit", args=[one.id]) + "?cell=1"
        can = may_edit and types.get(one.field) in EDITED
        cells: list[Any] = [
            Cell(one.title, url=reverse("crm:record", args=[kind, one.record_id])),
            shown(one.old),
            Cell(shown(one.new), edit_url=edit if can else ""),
            Status(gettext(SURE_LABELS[one.sure]), _TONES[one.sure]),
        ]
        if len(names) > 1:
            cells.insert(1, gettext(one.label))
        if told:
            cells.append(_told(one))
        rows.append(Row(one.id, tuple(cells)))
    columns = [
        Column("record", gettext("Record"), is_title=True),
        Column("old", gettext("Stands there")),
        Column("new", gettext("Would become")),
        Column("sure", gettext("How sure")),
    ]
    if len(names) > 1:
        columns.insert(1, Column("field", gettext("Field")))
    if told:
        columns.append(Column("told", gettext("Who says so")))
    url = group_url("repairs_pick", group)
    return Table(
        caption=group_title(rule, origin),
        columns=tuple(columns),
        rows=rows,
        pages=pages,
        verbs=(
            Action(gettext("Accept"), url, icon="check", name="accept", shortcut="a"),
            Action(gettext("Reject"), url, icon="x", name="reject", shortcut="r",
                   consequence=gettext("Not brought up again while both values stay the same.")),
        ),
        export_urls=tuple(
            Link(label, group_url("repairs_export", group, form=form))
            for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
        ),
        note=gettext(
            "Arrows walk, space selects, «a» accepts, «r» rejects, Enter on a new value edits it."
        ),
        empty=Empty(gettext("Nothing left here"), gettext("Go back to the other kinds of repair.")),
        name="proposals",
    )  # fmt: skip


def _told(one: MendRow) -> str:
    if one.origin:
        said = one.origin if not one.told_on else f"{one.origin}, {formats.day(one.told_on)}"
        if one.probability is None:
            return said
        return gettext("%(who)s; this record with %(share)s") % {
            "who": said, "share": formats.percent(one.probability, 0),
        }  # fmt: skip
    return gettext("%(agree)s of %(of)s") % {"agree": one.agree, "of": one.of} if one.of else ""


def runs_table(found: Sequence[MendRun], names: Mapping[str, str]) -> Table:
    """Return what was applied, newest first."""
    rows = [
        Row(
            one.id,
            (
                one.at,
                group_title(one.rule, one.origin) if one.rule or one.origin
                else gettext("Several kinds"),
                kind_label(one.kind), one.fields, names.get(one.actor, one.actor),
                Status(gettext("in force"), Tone.GOOD) if one.is_standing
                else Status(gettext("taken back"), Tone.NEUTRAL),
                Cell(gettext("Take back…"), url=reverse("hub:repairs_undo", args=[one.id]))
                if one.is_standing else "",
            ),
        )
        for one in found
    ]  # fmt: skip
    return Table(
        caption=gettext("What was applied"),
        columns=(
            Column("at", gettext("When"), Format.INSTANT),
            Column("what", gettext("Kind of repair")),
            Column("kind", gettext("Records")),
            Column("fields", gettext("Fields"), Format.NUMBER, decimals=0),
            Column("actor", gettext("By")),
            Column("state", gettext("State")),
            Column("undo", ""),
        ),
        rows=rows,
        empty=Empty(gettext("Nothing was applied yet"), gettext("Accept proposals to begin.")),
        name="runs",
    )


def stale_table(found: Sequence[Stale], titles: Mapping[tuple[str, int], str]) -> Table:
    """Return proposals that were not applied, for their field was edited since."""
    labels: dict[str, dict[str, str]] = {}
    rows = []
    for at, one in enumerate(found):
        named = labels.setdefault(one.kind, {f.name: f.label for f in all_fields(one.kind)})
        title = titles.get((one.kind, one.record_id)) or f"#{one.record_id}"
        rows.append(
            Row(
                at,
                (title, gettext(named.get(one.field, one.field)), shown(one.old), shown(one.now)),
                url=reverse("crm:record", args=[one.kind, one.record_id]),
            )
        )
    return Table(
        caption=gettext("Edited since, and left as they are"),
        columns=(
            Column("record", gettext("Record"), is_title=True),
            Column("field", gettext("Field")),
            Column("old", gettext("When it was proposed")),
            Column("now", gettext("Stands there now")),
        ),
        rows=rows,
        name="stale",
    )


def export_of(group: tuple[str, str, str], found: Sequence[MendRow]) -> Export:
    """Return every open proposal of a group as a file."""
    columns = (
        Column("id", gettext("Record id"), Format.NUMBER, decimals=0),
        Column("record", gettext("Record")),
        Column("field", gettext("Field")),
        Column("old", gettext("Stands there")),
        Column("new", gettext("Would become")),
        Column("sure", gettext("How sure")),
        Column("told", gettext("Who says so")),
    )

    def lines() -> Iterator[tuple[Any, ...]]:
        for one in found:
            yield (one.record_id, one.title, gettext(one.label), _plain(one.old), _plain(one.new),
                   gettext(SURE_LABELS[one.sure]), _told(one))  # fmt: skip

    return Export(f"repairs-{group[0]}-{group[1]}", columns, lines())


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
