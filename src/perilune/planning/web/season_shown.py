"""How a planning season is shown: its check-list, what the data lack, the records behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import (
    LACK_LABELS,
    SEASON_OVER,
    TASK_STATE_LABELS,
    Lack,
    Lacking,
    PlanTaskInfo,
    PlanView,
    Readiness,
    TaskState,
    task_state,
)
from perilune.planning.web import plan_shown
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Format, PageHeader, Row, Status, Table, Tone

_TONES = {TaskState.LATE: Tone.ACT, TaskState.SOON: Tone.WATCH, TaskState.DONE: Tone.GOOD}


@dataclass(frozen=True)
class Line:
    """A line of the check-list. verb: what its button says, empty where it is closed."""

    task: PlanTaskInfo
    title: str
    owner: str
    detail: str
    status: Status
    verb: str


def lines(view: PlanView, request: PageRequest) -> list[Line]:
    """Return the check-list as it stands today, in its order."""
    named, today = person_names(), request.company.today.day
    return [_line(view, task, named, task_state(task, view.head, today)) for task in view.tasks]


def _line(view: PlanView, task: PlanTaskInfo, named: Mapping[str, str], state: TaskState) -> Line:
    owner = named.get(task.owner, task.owner)
    said = [owner] if owner else []
    if task.done_at is not None:
        by = named.get(task.done_by, task.done_by)
        said = [gettext("%(by)s, %(day)s") % {"by": by, "day": formats.day(task.done_at)}]
    elif task.due is not None:
        said.append(gettext("by %(day)s") % {"day": formats.day(task.due)})
    verb = gettext("Open again") if task.done_at is not None else gettext("Mark as done")
    return Line(
        task,
        gettext(task.title),
        owner,
        ", ".join(said),
        Status(gettext(TASK_STATE_LABELS[state]), _TONES.get(state, Tone.NEUTRAL)),
        "" if view.head.state in SEASON_OVER else verb,
    )


def header(request: PageRequest, view: PlanView) -> PageHeader:
    """Return the header: how many lines are done, how many late."""
    today = request.company.today.day
    states = [task_state(task, view.head, today) for task in view.tasks]
    done, late = states.count(TaskState.DONE), states.count(TaskState.LATE)
    said = gettext("%(done)s of %(n)s lines done") % {
        "done": formats.number(done, 0),
        "n": formats.number(len(states), 0),
    }
    if late:
        more = ngettext("%(n)s is late", "%(n)s are late", late)
        said += ", " + more % {"n": formats.number(late, 0)}
    said += "."
    if view.head.state in SEASON_OVER:
        said += " " + gettext("The plan is published: the season is over.")
    return plan_shown.header(request, view, "season", said=said, verbs=())


def readiness_table(view: PlanView, found: Sequence[Readiness]) -> Table:
    """Return what the data lack; a line opens its rows."""
    rows = []
    for one in found:
        address = reverse("planning:season_rows", args=[view.head.id, one.lack.value])
        state = Status(gettext("complete"), Tone.GOOD)
        if one.count:
            state = Status(gettext("missing"), Tone.WATCH)
        share = one.count / one.total if one.total else None
        rows.append(
            Row(
                one.lack.value,
                (gettext(LACK_LABELS[one.lack]), one.count, share, state),
                url=address if one.count else "",
            )
        )
    return Table(
        (
            Column("what", gettext("What is missing"), is_title=True),
            Column("count", gettext("Count"), Format.NUMBER, decimals=0),
            Column("share", gettext("Share"), Format.PERCENT, decimals=0),
            Column("state", gettext("State")),
        ),
        rows,
        gettext("Data readiness"),
        name="readiness",
        note=gettext("Territories count as in force on the first day of the plan."),
    )


def rows_table(request: PageRequest, lack: Lack, found: Sequence[Lacking]) -> Table:
    """Return the records that lack something; a name opens its record."""
    rows = []
    for one in found:
        url = ""
        if one.kind == "account":
            url = reverse("crm:record", args=["account", one.id])
        elif Right.MANAGE_PEOPLE in request.rights:
            url = reverse("people:rep", args=[one.id])
        rows.append(Row(one.id, (one.name, one.owner), url=url))
    return Table(
        (
            Column("name", gettext("Name"), is_title=True),
            Column("owner", gettext("Owner")),
        ),
        rows,
        gettext(LACK_LABELS[lack]),
        name="lacking",
        empty=Empty(gettext("Nothing is missing"), icon="check"),
    )
