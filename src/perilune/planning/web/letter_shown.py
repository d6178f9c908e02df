"""How quota letters are shown: the list of a plan, and one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.planning import queries
from perilune.planning.contracts import (
    LETTER_STATE_LABELS,
    Letter,
    LetterRow,
    LetterState,
    PlanHead,
    PlanView,
)
from perilune.planning.queries.letters import LETTERED, starts_of
from perilune.planning.web import plan_shown
from perilune.planning.web.plan_columns import money, month_name
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Format,
    Kpi,
    PageHeader,
    Row,
    Status,
    Table,
    Tone,
)

_TONES = {
    LetterState.ACKNOWLEDGED: Tone.GOOD,
    LetterState.DELIVERED: Tone.NEUTRAL,
    LetterState.MADE: Tone.WATCH,
    LetterState.OUTDATED: Tone.ACT,
    LetterState.NONE: Tone.ACT,
}
_MISSING = (LetterState.NONE, LetterState.OUTDATED)
_LANGUAGES = {"fr": "français", "en": "English"}


def may_write(request: PageRequest) -> bool:
    """Tell whether the page offers verbs: on the present alone."""
    return request.as_of.day >= request.company.today.day


def undelivered(rows: Sequence[LetterRow]) -> list[LetterRow]:
    """Return whose letter is true and was not handed over yet."""
    return [row for row in rows if row.state is LetterState.MADE]


def header(request: PageRequest, view: PlanView, rows: Sequence[LetterRow]) -> PageHeader:
    """Return the header: who of how many has acknowledged, and the verb that makes letters."""
    head = view.head
    actions = []
    if (
        head.state in LETTERED
        and Right.PUBLISH_PLANS in request.rights
        and may_write(request)
        and any(row.state in _MISSING and not row.is_held for row in rows)
    ):
        make = reverse("planning:letters_make", args=[head.id])
        actions.append(Action(gettext("Make the missing letters"), make, "post", "file-text",
                              is_primary=True))  # fmt: skip
    return plan_shown.header(request, view, "letters", said=_finding(request, head, rows),
                             verbs=actions)  # fmt: skip


def _finding(request: PageRequest, head: PlanHead, rows: Sequence[LetterRow]) -> str:
    if head.state not in LETTERED:
        return gettext("Letters are made once the plan is approved.")
    done = sum(row.state is LetterState.ACKNOWLEDGED for row in rows)
    text = ngettext(
        "%(done)s of %(n)s rep has acknowledged their letter.",
        "%(done)s of %(n)s reps have acknowledged their letter.",
        len(rows),
    )
    found = text % {"done": formats.number(done, 0), "n": formats.number(len(rows), 0)}
    first = starts_of(head)
    facts = {"day": formats.day(first)}
    if done < len(rows) and request.as_of.day >= first:
        return found + " " + gettext("The period began on %(day)s: the others are late.") % facts
    return found + " " + gettext("The period begins on %(day)s.") % facts


def figures(rows: Sequence[LetterRow]) -> list[Kpi]:
    """Return how many letters stand where."""
    counted = (
        (gettext("Without a letter"), _MISSING),
        (gettext("To be delivered"), (LetterState.MADE,)),
        (gettext("Delivered, not acknowledged"), (LetterState.DELIVERED,)),
        (gettext("Acknowledged"), (LetterState.ACKNOWLEDGED,)),
    )
    return [Kpi(label, sum(row.state in states for row in rows)) for label, states in counted]


def table(request: PageRequest, head: PlanHead, rows: Sequence[LetterRow]) -> Table:
    """Return the reps of a plan with their letters; the name opens the letter."""
    address = reverse("planning:letters_deliver", args=[head.id])
    deliver = Action(gettext("Record delivery today"), address, "post", "send")
    is_able = may_write(request) and bool(undelivered(rows))
    return Table(
        (
            Column("rep", gettext("Rep"), is_title=True),
            Column("team", gettext("Team"), is_minor=True),
            Column("state", gettext("Letter")),
            money("quota", gettext("Quota in the letter"), head.currency, 2),
            Column("language", gettext("Language"), is_minor=True),
            Column("made", gettext("Made"), Format.DATE, is_minor=True),
            Column("delivered", gettext("Delivered"), Format.DATE),
            Column("acknowledged", gettext("Acknowledged"), Format.DATE),
        ),
        [_row(row) for row in rows],
        gettext("Letters"),
        name="letters",
        verbs=(deliver,) if is_able else (),
        empty=Empty(
            gettext("No letters yet"),
            gettext("Once the plan is approved, each rep gets a letter with their own quota."),
            icon="file-text",
        ),
        note=gettext("A letter holds the rep's own quota alone, in French for who is employed in"
                     " France, else in English. The rep sees it from its delivery on."),
    )  # fmt: skip


def _row(row: LetterRow) -> Row:
    letter = row.letter
    label = gettext(LETTER_STATE_LABELS[row.state])
    if row.is_held and row.state in _MISSING:
        label = gettext("waits for the records")
    hint = gettext(
        "The plan holds a departure or absence of theirs that the records do not: enter it first,"
        " the letter would tell it."
    )
    state = Status(label, _TONES[row.state])
    return Row(
        row.rep_id,
        (
            row.name,
            row.team,
            Cell(state, hint=hint if row.is_held else ""),
            letter.quota if letter else None,
            _LANGUAGES[letter.language if letter else row.language],
            letter.made_on if letter else None,
            letter.delivered if letter else None,
            letter.acknowledged if letter else None,
        ),
        url=_url(letter) if letter else "",
    )


def _url(letter: Letter) -> str:
    return reverse("planning:letter", args=[letter.id])


def own(request: PageRequest, found: Sequence[Letter]) -> dict[str, Any]:
    """Return the page of one's own letters."""
    said = gettext("No letter has been handed to you yet.")
    actions: list[Action] = []
    if found:
        last = found[0]
        facts = {
            "first": formats.day(last.starts), "last": formats.day(last.ends),
            "amount": formats.money(last.quota, last.currency, 2),
        }  # fmt: skip
        said = gettext("Your quota from %(first)s to %(last)s: %(amount)s.") % facts
        actions.append(Action(gettext("Open the letter (PDF)"), _url(last), icon="download"))
        if last.acknowledged is None and may_write(request):
            address = reverse("planning:letter_acknowledge", args=[last.id])
            label = gettext("I have read this letter")
            actions.insert(0, Action(label, address, "post", "check", is_primary=True))
    rows = [
        Row(
            one.id,
            (formats.day(one.made_on), one.starts, one.ends,
             Cell(one.quota, currency=one.currency), one.delivered, one.acknowledged),
            url=_url(one),
        )
        for one in found
    ]  # fmt: skip
    columns = (
        Column("made", gettext("Letter of"), is_title=True),
        Column("first", gettext("From"), Format.DATE),
        Column("last", gettext("Until"), Format.DATE),
        money("quota", gettext("Quota in the letter"), found[0].currency if found else "EUR", 2),
        Column("delivered", gettext("Delivered"), Format.DATE, is_minor=True),
        Column("acknowledged", gettext("Acknowledged"), Format.DATE),
    )
    return {
        "header": PageHeader(gettext("My quota letters"), finding=said, actions=actions),
        "table": Table(
            columns, rows, gettext("My quota letters"), name="own-letters",
            empty=Empty(gettext("No letter yet"),
                        gettext("It appears here on the day it is handed to you."),
                        icon="file-text"),
        ),
    }  # fmt: skip


def own_quota(request: PageRequest, rep: int | None) -> Table | None:
    """Return one's own quota of the plan in force by month, nothing else of it (rule 28)."""
    found = None if rep is None else queries.own_quota(rep, request.as_of)
    if found is None:
        return None
    head, months = found
    names = [month_name(month) for month in request.company.calendar.months(head.year)]
    rows = [Row(month, (names[month - 1], minor)) for month, minor in months.items()]
    day = formats.day(head.effective_from)
    return Table(
        (Column("month", gettext("Month"), is_title=True),
         money("quota", gettext("Quota"), head.currency, 2)),
        rows,
        gettext("My quota of %(year)s by month") % {"year": head.year},
        name="own-quota",
        is_dense=True,
        totals=(None, sum(months.values())),
        total_label=gettext("Year"),
        note=gettext("“%(name)s”, in force from %(day)s.") % {"name": head.name, "day": day},
    )  # fmt: skip
