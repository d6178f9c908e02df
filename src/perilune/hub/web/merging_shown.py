"""Duplicates as pages show them: the queue, records side by side, what a merge would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.history.queries import all_fields
from perilune.hub.contracts.merging import RULE_LABELS, MergePlan
from perilune.hub.contracts.review import GroupLine, GroupView, MergeLine, SearchInfo
from perilune.hub.queries.whys import sure, why, why_grouped
from perilune.hub.web.words import format_of, kind_label, shown
from perilune.kernel.kinds import Field
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Format,
    Link,
    Row,
    Status,
    Table,
    Tone,
)


@dataclass(frozen=True)
class Side:
    """One record of a group, at the head of its column."""

    id: int
    title: str
    url: str
    facts: str
    is_kept: bool
    is_in: bool


@dataclass(frozen=True)
class Choice:
    """One record's value of a field."""

    id: int
    text: str
    is_taken: bool
    is_empty: bool


@dataclass(frozen=True)
class Line:
    """One field across the records. rule: whose value it becomes; becomes: that value."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    becomes: str
    rule: str
    differs: bool


def field_label(kind: str, name: str) -> str:
    """Return a field's label in the reader's language."""
    found = next((item for item in all_fields(kind) if item.name == name), None)
    return gettext(found.label) if found else name


def _text(field: Field, value: Any, currency: str) -> str:
    return formats.write(shown(field, value), format_of(field), currency)


def sides(plan: MergePlan, left_out: Sequence[int] = ()) -> list[Side]:
    """Return the heads of the columns."""
    found = []
    for one in plan.records:
        facts = [
            ngettext("%(n)s record refers to it", "%(n)s records refer to it", one.related)
            % {"n": formats.number(one.related, 0)}
        ]
        if one.sources:
            facts.append(", ".join(sorted(one.sources)))
        title = str(one.values.get(KINDS.get(plan.kind).title_field) or f"#{one.id}")
        found.append(
            Side(
                one.id, title, reverse("crm:record", args=[plan.kind, one.id]), " · ".join(facts),
                one.id == plan.kept, one.id not in left_out,
            )
        )  # fmt: skip
    return found


def lines(plan: MergePlan, currency: str) -> list[Line]:
    """Return the fields that any of the records has, those that differ first."""
    fields = {item.name: item for item in all_fields(plan.kind)}
    found = []
    for outcome in plan.outcomes:
        field = fields[outcome.field]
        values = [one.values.get(outcome.field) for one in plan.records]
        if all(value is None for value in values):
            continue
        choices = tuple(
            Choice(one.id, _text(field, value, currency), one.id == outcome.from_id, value is None)
            for one, value in zip(plan.records, values, strict=True)
        )
        found.append(
            Line(
                outcome.field, gettext(field.label), choices,
                _text(field, outcome.value, currency),
                gettext(RULE_LABELS[outcome.rule]) if outcome.differs else "", outcome.differs,
            )
        )  # fmt: skip
    return sorted(found, key=lambda line: not line.differs)


def consequence(plan: MergePlan) -> str:
    """Return what else a merge does, as a sentence."""
    moving = [_count(kind, count) for kind, count in plan.moving.items()]
    text = (
        gettext("Will refer to the one that stays: %(what)s.") % {"what": ", ".join(moving)}
        if moving
        else gettext("Nothing else refers to the others.")
    )
    dropped = [_count(kind, count) for kind, count in plan.dropped.items()]
    if dropped:
        text += " " + gettext("There twice afterwards, so one ends: %(what)s.") % {
            "what": ", ".join(dropped)
        }
    return text


def _count(kind: str, count: int) -> str:
    return f"{kind_label(kind)}{gettext(':')} {formats.number(count, 0)}"


def whys(view: GroupView, titles: Mapping[int, str]) -> list[tuple[str, str, list[str]]]:
    """Return for each pair its records, how probable it is and why."""
    return [
        (
            f"{titles.get(pair.left, pair.left)} · {titles.get(pair.right, pair.right)}",
            sure(pair.probability),
            [
                why(part, field_label(view.kind, part.column))
                for part in pair.parts
                if part.level >= 0 or abs(part.bits) >= 0.5
            ],
        )
        for pair in view.pairs
    ]


def why_said(view: GroupView) -> str:
    """Return the sentence that says by what a group was found."""
    if view.weakest is None:
        return gettext("Found by rule: %(rule)s.") % {"rule": why_grouped(view)}
    return gettext("Weakest pair: %(share)s.") % {"share": why_grouped(view)}


def finding(search: SearchInfo | None) -> str:
    """Return the sentence that says what the last search found."""
    if search is None:
        return gettext("Nobody has looked yet.")
    still = sum(search.counts.values()) - search.questions
    if not still:
        return gettext("%(records)s records compared: no two of one thing.") % {
            "records": formats.number(search.records, 0)
        }
    return gettext("%(records)s records compared, %(groups)s groups found.") % {
        "records": formats.number(search.records, 0), "groups": formats.number(still, 0)
    }  # fmt: skip


def quality(search: SearchInfo) -> list[tuple[str, str]]:
    """Return precision and recall on people's own answers; empty without enough of them."""
    if search.quality is None:
        return []
    found = []
    for name, label in (("precision", gettext("Precision")), ("recall", gettext("Recall"))):
        value, low, high, _hits, _of = search.quality[name]
        if value is not None:
            found.append(
                (
                    label,
                    gettext("%(value)s (%(low)s to %(high)s)")
                    % {
                        "value": formats.percent(value, 0),
                        "low": formats.percent(low, 0),
                        "high": formats.percent(high, 0),
                    },
                )
            )
    return found


def queue_table(found: Sequence[GroupLine], caption: str, nothing: Empty) -> Table:
    """Return groups to judge."""
    rows = [
        Row(
            line.id,
            (
                Cell(" · ".join(line.titles), url=reverse("hub:group", args=[line.id])),
                len(line.ids),
                why_grouped(line),
            ),
            url=reverse("hub:group", args=[line.id]),
        )
        for line in found
    ]
    return Table(
        caption=caption,
        columns=(
            Column("records", gettext("Records"), is_title=True),
            Column("count", gettext("Number"), Format.NUMBER, decimals=0),
            Column("why", gettext("Weakest pair, or rule")),
        ),
        rows=rows,
        empty=nothing,
        name=f"groups-{len(rows)}",
    )


def merges_table(found: Sequence[MergeLine], names: Mapping[str, str]) -> Table:
    """Return merges that were done, each with its undo."""
    rows = [
        Row(
            line.change_set_id,
            (
                Cell(line.title, url=reverse("hub:merge", args=[line.change_set_id])),
                kind_label(line.kind),
                len(line.gone) + 1,
                names.get(line.actor, line.actor),
                line.at,
                Status(gettext("taken back"), Tone.NEUTRAL)
                if line.undone_at
                else Status(gettext("in force"), Tone.GOOD),
            ),
            url=reverse("hub:merge", args=[line.change_set_id]),
        )
        for line in found
    ]
    return Table(
        caption=gettext("Merges"),
        columns=(
            Column("title", gettext("Record"), is_title=True),
            Column("kind", gettext("Kind")),
            Column("count", gettext("Records"), Format.NUMBER, decimals=0),
            Column("actor", gettext("By")),
            Column("at", gettext("When"), Format.INSTANT),
            Column("state", gettext("State")),
        ),
        rows=rows,
        empty=Empty(gettext("Nothing was merged yet"), gettext("Merges can be taken back here.")),
        name="merges",
    )


def kind_link(kind: str) -> Link:
    """Return the way back to the queue of a kind."""
    return Link(gettext("Duplicates"), reverse("hub:duplicates_of", args=[kind]))


def search_action(kind: str, *, is_again: bool, refused: str = "") -> Action:
    """Return the verb that looks through all records of a kind."""
    return Action(
        gettext("Look again") if is_again and not refused else gettext("Look for duplicates"),
        reverse("hub:duplicates_search", args=[kind]), method="post", icon="search",
        consequence=gettext("All records of this kind are compared; nothing is changed."),
        refused=refused,
    )  # fmt: skip
