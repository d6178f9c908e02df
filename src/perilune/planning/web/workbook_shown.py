"""How workbooks of a plan are shown: what waits, what it would change, what was handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import Invalid, PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries import company, person_names
from perilune.people.web.gate import PageRequest, said
from perilune.planning import queries
from perilune.planning.contracts import Clash, Mailed, Place, PlanView, Workbook
from perilune.planning.queries import Waiting
from perilune.planning.queries.words import level_label, unit_label
from perilune.planning.web import plan_shown
from perilune.planning.web.plan_columns import money
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    PageHeader,
    Row,
    Status,
    Table,
    Tone,
)

MOST_SHOWN = 200
"""Changes that a preview lists; it counts all."""


@dataclass(frozen=True)
class Option:
    """One amount that can be chosen for a place. value: of the radio."""

    value: int
    who: str
    amount: str
    detail: str = ""


@dataclass(frozen=True)
class Question:
    """A place whose amount is to be chosen. name: of its radios."""

    name: str
    label: str
    detail: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken, and its wrong cells as (cell, what)."""

    what: str
    cells: Sequence[tuple[str, str]]


def refusal_of(error: PeriluneError) -> Refusal:
    """Return why a file was not taken, in words."""
    problems = error.problems if isinstance(error, Invalid) else ()
    told = [(one.field, gettext(one.message) % one.params) for one in problems]
    return Refusal(said(error), told)


def header(request: PageRequest, view: PlanView, found: Waiting) -> PageHeader:
    """Return the header: what waits and what it would change."""
    files = len(found.files)
    if not files:
        lock = view.head.lock_on
        text = gettext("No returned file waits.")
        if lock is not None:
            day = formats.day(lock)
            text += " " + gettext("Workbooks are taken until %(day)s.") % {"day": day}
        return plan_shown.header(request, view, "workbooks", said=text, verbs=())
    count = len(found.merge.changes)
    waits = ngettext("%(n)s returned file waits:", "%(n)s returned files wait:", files)
    text = ngettext("%(n)s amount changes", "%(n)s amounts change", count)
    parts = [text % {"n": formats.number(count, 0)}]
    asked = len(found.merge.clashes)
    if asked:
        text = ngettext("%(n)s is said differently", "%(n)s are said differently", asked)
        parts.append(text % {"n": formats.number(asked, 0)})
    told = waits % {"n": formats.number(files, 0)} + " " + ", ".join(parts) + "."
    return plan_shown.header(request, view, "workbooks", said=told, verbs=())


def files_table(request: PageRequest, view: PlanView, found: Waiting) -> Table:
    """Return the files that wait; one can be put aside."""
    named = person_names()
    address = reverse("planning:workbooks_drop", args=[view.head.id])
    rows = [
        Row(
            one.id,
            (_called(one.who, view), one.file if one.file != one.who else "", one.edition,
             len(one.changed), one.at, named.get(one.actor, one.actor)),
        )
        for one in found.files
    ]  # fmt: skip
    drop = Action(gettext("Put aside"), address, "post", "trash-2")
    return Table(
        (
            Column("who", gettext("Whose"), is_title=True),
            Column("file", gettext("File"), is_minor=True),
            Column("edition", gettext("Handed out at edition"), Format.NUMBER, decimals=0),
            Column("changed", gettext("Amounts changed in it"), Format.NUMBER, decimals=0),
            Column("at", gettext("Came back on"), Format.INSTANT),
            Column("actor", gettext("Read by"), is_minor=True),
        ),
        rows,
        gettext("Returned files"),
        name="returned",
        verbs=(drop,) if rows and plan_shown.may_edit(request, view.head) else (),
        empty=Empty(
            gettext("No returned file waits"),
            gettext("Choose the workbooks that came back, or a sheet with targets and quotas."),
            icon="upload",
        ),
    )


def changes_table(view: PlanView, found: Waiting) -> Table:
    """Return the amounts that become others without a question, the largest difference first."""
    currency = view.head.currency
    changes = sorted(
        found.merge.changes, key=lambda one: -abs((one.after or 0) - (one.before or 0))
    )
    rows = [
        Row(
            one.place.key,
            (*_where(view, one.place), one.before, one.after,
             (one.after or 0) - (one.before or 0),
             ", ".join(_called(who, view) for who in one.who)),
        )
        for one in changes[:MOST_SHOWN]
    ]  # fmt: skip
    left = len(changes) - len(rows)
    text = ngettext("and %(n)s more change", "and %(n)s more changes", left)
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("level", gettext("Level"), is_minor=True),
            Column("month", gettext("Month")),
            money("before", gettext("Before"), currency, 2),
            money("after", gettext("After"), currency, 2),
            money("gap", gettext("Difference"), currency, 2),
            Column("who", gettext("Said by")),
        ),
        rows,
        gettext("Amounts that change"),
        name="changes",
        is_dense=True,
        note=text % {"n": formats.number(left, 0)} if left > 0 else "",
        empty=Empty(gettext("Nothing changes without a question"), icon="check"),
    )


def questions(view: PlanView, clashes: Sequence[Clash]) -> list[Question]:
    """Return what has to be chosen: as it is now, or as one of the files says."""
    named = person_names()
    currency = view.head.currency
    found = []
    for clash in clashes:
        unit, level, month = _where(view, clash.place)
        by = named.get(clash.now_by, clash.now_by)
        now = gettext("changed by %(by)s since") % {"by": by} if by else ""
        options = [Option(0, gettext("As it is now"), _amount(clash.now, currency), now)]
        for one in clash.said:
            old = gettext("handed out as %(amount)s") % {"amount": _amount(one.old, currency)}
            options.append(
                Option(one.returned, _called(one.who, view), _amount(one.minor, currency), old)
            )
        name = f"pick|{clash.place.key}"
        found.append(Question(name, f"{unit} · {month}", level, options))
    return found


def handed_table(
    view: PlanView, books: Sequence[Workbook], *, may_export: bool, may_mail: bool
) -> Table:
    """Return the workbooks that were handed out; the name downloads it again."""
    address_ = reverse("planning:workbooks_mail", args=[view.head.id])
    verbs = (Action(gettext("Mail to their leaders"), address_, "post", "mail"),)
    named = person_names()
    rows = []
    for book in books:
        state = Status(gettext("returned"), Tone.GOOD)
        if not book.has_returned:
            state = Status(gettext("out"), Tone.NEUTRAL)
        address = reverse("planning:workbook_file", args=[view.head.id, book.id])
        units = ", ".join(unit_label(unit, view.names) for unit in book.units)
        rows.append(
            Row(
                book.id,
                (_called(book.holder, view), units, state, book.edition, book.made_at,
                 named.get(book.made_by, book.made_by)),
                url=address if may_export else "",
            )
        )  # fmt: skip
    return Table(
        (
            Column("holder", gettext("For"), is_title=True),
            Column("units", gettext("Units")),
            Column("state", gettext("State")),
            Column("edition", gettext("Edition"), Format.NUMBER, decimals=0),
            Column("at", gettext("Handed out"), Format.INSTANT),
            Column("by", gettext("By"), is_minor=True),
        ),
        rows,
        gettext("Workbooks handed out"),
        name="handed",
        verbs=verbs if rows and may_mail else (),
        note=gettext("A name downloads the workbook as it was handed out.") if rows else "",
        empty=Empty(
            gettext("No workbook was handed out"),
            gettext("Each leader gets the rows of their units, to fill in and send back."),
            icon="download",
        ),
    )


def mailed_table(mails: Sequence[Mailed]) -> Table | None:
    """Return who was sent what when, the latest first; None where nothing was mailed."""
    if not mails:
        return None
    named = person_names()
    rows = []
    for one in mails:
        state = Status(gettext("on its way"), Tone.NEUTRAL)
        if one.sent_at is not None:
            state = Status(gettext("taken by the mail server"), Tone.GOOD)
        elif one.problem:
            state = Status(one.problem, Tone.ACT)
        rows.append(
            Row(one.id, (one.holder, one.address, one.edition, one.sent_at or one.at, state,
                         named.get(one.actor, one.actor)))
        )  # fmt: skip
    return Table(
        (
            Column("holder", gettext("For"), is_title=True),
            Column("address", gettext("Mailed to")),
            Column("edition", gettext("Edition"), Format.NUMBER, decimals=0),
            Column("at", gettext("Mailed on"), Format.INSTANT),
            Column("state", gettext("State")),
            Column("by", gettext("By"), is_minor=True),
        ),
        rows,
        gettext("Workbooks mailed"),
        name="mailed",
    )


def offered(view: PlanView, request: PageRequest) -> list[tuple[str, str]]:
    """Return whom a workbook can be made for, as (value, label); only of units that one sees."""
    found = queries.holders(view.content, view.names, request.company.today)
    labels = []
    for holder in found:
        if not set(queries.subtree(view.content, holder.units)) <= view.seen:
            continue
        units = ", ".join(unit_label(unit, view.names) for unit in holder.units)
        label = f"{holder.name} ({units})" if holder.key.startswith("leader:") else units
        labels.append((holder.key, label))
    return labels


def may_export(request: PageRequest) -> bool:
    """Tell whether somebody may take files out."""
    return Right.EXPORT_DATA in request.rights


def picked(values: Any) -> dict[Place, int]:
    """Return what was chosen in a posted preview."""
    found = {}
    for name, text in values.items():
        place = Place.of(name.removeprefix("pick|")) if name.startswith("pick|") else None
        if place is not None and text.isdecimal():
            found[place] = int(text)
    return found


def _where(view: PlanView, place: Place) -> tuple[str, str, str]:
    month = company().calendar.months(view.head.year)[place.month - 1].name
    return unit_label(place.unit, view.names), level_label(place.level), month


def _amount(minor: int | None, currency: str) -> str:
    return gettext("nothing") if minor is None else formats.money(minor, currency, 2)


def _called(who: str, view: PlanView) -> str:
    """Return whose a workbook is: a leader's name, or how its unit is called."""
    return unit_label(who, view.names) if who in view.content.units else who
