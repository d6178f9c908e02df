"""The events of a plan as sentences: where each came from, beside a scenario or another plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest
from perilune.planning import queries
from perilune.planning.contracts import Assumption, PlanHead, PlanView, Quota, Scenario
from perilune.planning.contracts.taking import VERDICT_LABELS, TakenEdit, Taking, Verdict
from perilune.planning.engine.pairing import paired
from perilune.planning.web.plan_columns import excel
from perilune.planning.web.plan_shown import may_edit
from perilune.planning.web.sentences import ICONS, Speaker
from perilune.planning.web.shown import is_editable
from perilune.ui import formats
from perilune.ui.contracts import Action, Column, Empty, Link, Row, Status, Table, Tone

TONES = {
    Verdict.NEW: Tone.GOOD,
    Verdict.CHANGED: Tone.WATCH,
    Verdict.GONE: Tone.WATCH,
    Verdict.REFUSED: Tone.ACT,
}


@dataclass(frozen=True)
class PlannedEvent:
    """A hire, departure or absence of a plan: its sentence, where it came from, how it goes out."""

    icon: str
    sentence: str
    detail: str
    remove: Action | None


@dataclass(frozen=True)
class ShownTie:
    """What a plan and a scenario have of each other: its sentence, and the ways on."""

    link: Link
    sentence: str
    verbs: Sequence[Action]


@dataclass(frozen=True)
class ShownLine:
    """An edit of a scenario beside a plan. can: it may be chosen."""

    id: int
    icon: str
    sentence: str
    detail: str
    status: Status
    can: bool


def speaker_of(request: PageRequest, listed: Iterable[Assumption]) -> Speaker:
    """Return who tells these events."""
    items = list(listed)
    return Speaker(items, queries.names_of(items, request.as_of))


def planned_events(request: PageRequest, view: PlanView) -> list[PlannedEvent]:
    """Return the hires and leavers of a plan as sentences."""
    listed = list(view.content.people)
    speaker = speaker_of(request, listed)
    edition = {"edition": str(view.head.edition)}
    sources = any(item.source is not None for item in listed)
    names = {head.id: head.name for head in queries.heads(request.actor)} if sources else {}
    found = []
    for item in listed:
        address = reverse("planning:plan_people_remove", args=[view.head.id, item.id])
        remove = Action(gettext("Remove"), address, "post", "trash-2", values=edition)
        can = may_edit(request, view.head)
        told = speaker.tell(item.edit)
        found.append(
            PlannedEvent(ICONS[item.edit.TYPE], told, _came(item, names), remove if can else None)
        )
    return found


def _came(item: Assumption, names: Mapping[int, str]) -> str:
    if item.source is None:
        return ""
    name = names.get(item.source[0])
    if name is None:
        return gettext("from a scenario that is not yours to see, or gone")
    return gettext("from the scenario “%(name)s”") % {"name": name}


# -- what a plan and a scenario have of each other -------------------------------------------------


def ties_of_plan(request: PageRequest, view: PlanView) -> list[ShownTie]:
    """Return the scenarios that a plan's events came from or went to, with the ways on."""
    found = queries.loaded_plan(view.head.id)
    ties, _unseen = queries.plan_ties(found, actor=request.actor, scope=request.scope)
    shown = []
    for tie in ties:
        head = tie.scenario.head
        verbs = [_compare(tie)]
        if tie.open and may_edit(request, view.head) and view.is_whole:
            values = {
                "edition": str(view.head.edition), "scenario": str(head.id),
                "seen": str(head.edition), "all": "1",
            }  # fmt: skip
            address = reverse("planning:plan_take", args=[view.head.id])
            verbs.append(Action(gettext("Take the changes"), address, "post", "check",
                                values=values))  # fmt: skip
        link = Link(head.name, reverse("planning:scenario", args=[head.id]))
        first = gettext("Opened from this plan.") if tie.is_opened else gettext("Taken from it.")
        shown.append(ShownTie(link, f"{first} {_differ(tie)}", verbs))
    return shown


def ties_of_scenario(request: PageRequest, found: Scenario) -> list[ShownTie]:
    """Return the plans that a scenario came from or went to, and the drafts it may be taken into.

    Whoever may not make plans, or is in the circle of none, learns of none.
    """
    ties = queries.scenario_ties(found, actor=request.actor, scope=request.scope)
    shown = []
    for tie in ties:
        verbs = [_compare(tie)]
        if tie.behind and is_editable(request, found):
            values = {"edition": str(found.head.edition), "plan": str(tie.plan.id)}
            address = reverse("planning:follow", args=[found.head.id])
            verbs.append(Action(gettext("Take the plan's changes"), address, "post", "check",
                                values=values))  # fmt: skip
        first = gettext("Opened from it.") if tie.is_opened else gettext("Taken into it.")
        shown.append(ShownTie(_plan_link(tie.plan), f"{first} {_differ(tie)}", verbs))
    tied = {tie.plan.id for tie in ties}
    for head in queries.draft_plans(request.scope, request.actor):
        if head.id not in tied and found.assumptions:
            verb = Action(gettext("Take into this plan"), _take_url(head.id, found.head.id),
                          icon="arrow-right")  # fmt: skip
            shown.append(ShownTie(_plan_link(head), gettext("A draft of yours."), [verb]))
    return shown


def _differ(tie: Taking) -> str:
    count = tie.differences
    if not count:
        return gettext("Both say the same.")
    text = ngettext("%(n)s event differs by now.", "%(n)s events differ by now.", count)
    return text % {"n": formats.number(count, 0)}


def _compare(tie: Taking) -> Action:
    address = _take_url(tie.plan.id, tie.scenario.head.id)
    return Action(gettext("Compare"), address, icon="git-compare")


def _take_url(plan_id: int, scenario_id: int) -> str:
    return f"{reverse('planning:plan_take', args=[plan_id])}?scenario={scenario_id}"


def _plan_link(head: PlanHead) -> Link:
    return Link(head.name, reverse("planning:plan_people", args=[head.id]))


# -- a scenario beside a plan ----------------------------------------------------------------------


def lines_of(request: PageRequest, view: PlanView, tie: Taking) -> list[ShownLine]:
    """Return the edits of a scenario beside a plan, those that can be taken first."""
    here = speaker_of(request, tie.scenario.assumptions)
    there = speaker_of(request, view.content.people)
    ordered = sorted(tie.lines, key=lambda line: list(Verdict).index(line.verdict))
    shown = []
    for line in ordered:
        speaker = there if line.verdict is Verdict.GONE else here
        status = Status(gettext(VERDICT_LABELS[line.verdict]),
                        TONES.get(line.verdict, Tone.NEUTRAL))  # fmt: skip
        shown.append(
            ShownLine(line.id, ICONS[line.edit.TYPE], speaker.tell(line.edit),
                      _detail(line, there, view.head), status, line.is_open)
        )  # fmt: skip
    return shown


def _detail(line: TakenEdit, there: Speaker, head: PlanHead) -> str:
    if line.problem is not None:
        return gettext(line.problem.message) % line.problem.params
    if line.verdict is Verdict.CHANGED and line.held is not None:
        return gettext("In the plan: %(what)s") % {"what": there.tell(line.held.edit)}
    if line.verdict is Verdict.CHANGED and isinstance(line.edit, Quota):
        amount = formats.money(line.standing or 0, head.currency, 0)
        return gettext("In the plan: %(what)s") % {"what": amount}
    if line.verdict is Verdict.GONE:
        return gettext("Taking this takes it out of the plan.")
    return gettext("It was taken out of the plan since.") if line.was_there else ""


def added_of(request: PageRequest, view: PlanView, tie: Taking) -> list[tuple[str, str]]:
    """Return (icon, sentence) of what the plan has and the scenario that it opened has not."""
    speaker = speaker_of(request, view.content.people)
    found = tie.added if tie.is_opened else ()
    return [(ICONS[item.edit.TYPE], speaker.tell(item.edit)) for item in found]


def circle_note(view: PlanView) -> str:
    """Return who sees what is taken into a plan (rule 24)."""
    named = person_names()
    circle = [view.head.author, *view.head.shared_with]
    names = ", ".join(named.get(name, name) for name in circle)
    return gettext("Seen, once taken, by those of the plan: %(names)s.") % {"names": names}


# -- two plans beside each other -------------------------------------------------------------------


def events_table(request: PageRequest, view: PlanView, other: PlanView) -> Table:
    """Return the events that differ between two plans; for whoever sees those of both."""
    one, two = view.content.people, other.content.people
    kin = {view.head.based_on or view.head.id, other.head.based_on or other.head.id}
    # a copy keeps the numbers of the plan that it comes from
    links = {item.id: item.id for item in two} if len(kin) == 1 else {}
    here, there = speaker_of(request, one), speaker_of(request, two)
    rows, same = [], 0
    for at, pair in enumerate(paired(one, two, links)):
        if pair.is_same:
            same += 1
            continue
        status = Status(gettext("otherwise"), Tone.WATCH)
        if pair.line is None or pair.other is None:
            holder = view.head if pair.other is None else other.head
            status = Status(gettext("only in “%(plan)s”") % {"plan": holder.name})
        rows.append(
            Row(at, (
                here.tell(pair.line.edit) if pair.line else "–",
                there.tell(pair.other.edit) if pair.other else "–",
                status,
            ))
        )  # fmt: skip
    text = ngettext("%(n)s event is the same in both.", "%(n)s events are the same in both.", same)
    return Table(
        (
            Column("one", view.head.name, is_title=True),
            Column("two", other.head.name),
            Column("what", gettext("Difference")),
        ),
        rows,
        gettext("Hires, departures and absences that differ"),
        name="compared-events",
        empty=Empty(gettext("No event differs"), icon="check"),
        note=text % {"n": formats.number(same, 0)} if same else "",
        export_urls=excel(request, view.head.id, "events", f"with={other.head.id}"),
    )
