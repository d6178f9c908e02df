"""What the pages of scenarios share: the list of edits, headers, the place of results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from perilune.kernel.calendar import Grain, Period
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.wiring import PANELS
from perilune.people.queries import person_names
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest
from perilune.planning import queries
from perilune.planning.contracts import EDIT_LABELS, Assumption, Scenario
from perilune.planning.web.sentences import ICONS, Speaker
from perilune.ui import formats
from perilune.ui.contracts import Action, Link, PageHeader, Status, Tone
from perilune.ui.toasts import notify


@dataclass(frozen=True)
class ShownEdit:
    """One edit of the list: its sentence and what can be done with it."""

    id: int
    icon: str
    label: str
    sentence: str
    is_open: bool
    url: str
    actions: Sequence[Action]


def speaker_of(request: PageRequest, *scenarios: Scenario) -> Speaker:
    """Return who tells the edits of these scenarios."""
    listed = [item for found in scenarios for item in found.assumptions]
    return Speaker(listed, queries.names_of(listed, request.as_of))


def is_editable(request: PageRequest, found: Scenario) -> bool:
    """Tell whether the page offers verbs: to the author, on the present."""
    is_now = request.as_of.day >= request.company.today.day
    return is_now and found.head.author == request.actor


def edits_of(
    request: PageRequest,
    found: Scenario,
    speaker: Speaker,
    open_id: int | None = None,
    *,
    is_read_only: bool = False,
) -> list[ShownEdit]:
    """Return the edits of a scenario in order, with their verbs where they may be changed."""
    may = is_editable(request, found) and not is_read_only
    last = len(found.assumptions)
    return [
        ShownEdit(
            id=item.id,
            icon=ICONS[item.edit.TYPE],
            label=gettext(EDIT_LABELS[item.edit.TYPE]),
            sentence=speaker.tell(item.edit),
            is_open=item.id == open_id,
            url=reverse("planning:edit", args=[found.head.id, item.id]) if may else "",
            actions=_verbs(found, item, place, last) if may else (),
        )
        for place, item in enumerate(found.assumptions, 1)
    ]


def _verbs(found: Scenario, item: Assumption, place: int, last: int) -> list[Action]:
    where = [found.head.id, item.id]
    edition = {"edition": str(found.head.edition)}
    order, remove = reverse("planning:order", args=where), reverse("planning:remove", args=where)
    first, end = gettext("It is the first one."), gettext("It is the last one.")
    return [
        Action(gettext("Up"), order, "post", "arrow-up", values={**edition, "by": "-1"},
               refused=first if place == 1 else ""),
        Action(gettext("Down"), order, "post", "arrow-down", values={**edition, "by": "1"},
               refused=end if place == last else ""),
        Action(gettext("Remove"), remove, "post", "trash-2", values=edition),
    ]  # fmt: skip


def new_edits(found: Scenario) -> list[Action]:
    """Return the verbs that add an edit of each type."""
    return [
        Action(
            gettext(label),
            reverse("planning:edit_new", args=[found.head.id, kind]),
            icon=ICONS[kind],
        )
        for kind, label in EDIT_LABELS.items()
    ]


def header(request: PageRequest, found: Scenario) -> PageHeader:
    """Return the header of a scenario: what it is about, who sees it, its verbs."""
    head = found.head
    where = [head.id]
    verbs = [
        Action(gettext("Compare"), f"{reverse('planning:compare')}?s={head.id}",
               icon="git-compare"),
        Action(gettext("Copy"), reverse("planning:copy", args=where), "post", icon="copy"),
    ]  # fmt: skip
    if is_editable(request, found):
        edition = {"edition": str(head.edition)}
        undo = Action(
            gettext("Take back"),
            reverse("planning:undo", args=where),
            "post",
            icon="undo-2",
            shortcut="u",
            refused="" if head.edition > 1 else gettext("There is nothing to take back."),
        )
        verbs = [
            undo,
            *verbs,
            Action(pgettext("verb", "Share"), reverse("planning:share", args=where), icon="users"),
            Action(gettext("Rename"), reverse("planning:settings", args=where), icon="pencil"),
            Action(gettext("Delete"), reverse("planning:delete", args=where), "post",
                   icon="trash-2", values=edition),
        ]  # fmt: skip
    return PageHeader(
        head.name,
        finding=_finding(request, found),
        actions=verbs,
        back=Link(gettext("Scenarios"), reverse("planning:scenarios")),
        statuses=(circle(found, request.actor),),
    )


def circle(found: Scenario, actor: str) -> Status:
    """Return who sees a scenario, as a word."""
    head = found.head
    if head.author != actor:
        return Status(pgettext("scenario", "Shared with me"))
    if head.shared_with:
        return Status(gettext("Shared by name"))
    return Status(gettext("Private"), Tone.GOOD)


def _finding(request: PageRequest, found: Scenario) -> str:
    head = found.head
    named = person_names()
    facts = {
        "period": head.period,
        "author": named.get(head.author, head.author),
        "names": ", ".join(named.get(name, name) for name in head.shared_with),
    }
    if head.author != request.actor:
        return gettext("About %(period)s, by %(author)s: you may read it and copy it.") % facts
    if request.as_of.day < request.company.today.day:
        facts["day"] = formats.day(request.as_of.day)
        return gettext("About %(period)s, as it stood on %(day)s.") % facts
    if head.shared_with:
        return gettext("About %(period)s. Seen by you and %(names)s.") % facts
    return gettext("About %(period)s. Only you see it.") % facts


def period_of(request: PageRequest, found: Scenario) -> Period:
    """Return the period of a scenario; the quarter under way where its name is none any more."""
    calendar = request.company.calendar
    try:
        return calendar.parse(found.head.period)
    except Invalid:
        return calendar.find(request.as_of.day, Grain.QUARTER)


def periods(request: PageRequest, *also: str) -> list[tuple[str, str]]:
    """Return the periods that a scenario can be about: quarters and years from today on."""
    calendar, day = request.company.calendar, request.company.today.day
    quarter, year = calendar.find(day, Grain.QUARTER), calendar.find(day, Grain.YEAR)
    names = [calendar.shift(quarter, by).name for by in range(5)]
    names += [calendar.shift(year, by).name for by in range(2)]
    return [(name, name) for name in dict.fromkeys([*filter(None, also), *names])]


def results_of(request: PageRequest, place: str, context: Mapping[str, Any]) -> SafeString:
    """Return what other capabilities show at a place, in their order; empty if nothing."""
    here = sorted((item for item in PANELS if item.place == place), key=lambda item: item.order)
    # panels are rendered by our own templates, which escape what they print
    return format_html_join("", "{}", ((SafeString(p.render(request, context)),) for p in here))


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: itself, else with a number behind it."""
    tries = (name, *(f"{name} ({at})" for at in range(2, len(taken) + 3)))
    return next(one for one in tries if one not in taken)


def saved(
    request: PageRequest, form: PlainForm, verb: Callable[[], object], done: str, undo_url: str = ""
) -> bool:
    """Run a verb with a form; its errors stand at the fields. True when it was done."""
    if not form.is_valid():
        return False
    try:
        verb()
    except (Invalid, Conflict, NotFound) as error:
        form.take(error)
        return False
    notify(request, done, undo_url)
    return True


def show(request: PageRequest, template: str, facts: dict[str, Any]) -> HttpResponse:
    """Render a page; 422 when the form on it is wrong."""
    form = facts.get("form")
    is_wrong = form is not None and form.is_bound and not form.is_valid()
    return render(request, f"planning/{template}", facts, status=422 if is_wrong else 200)


def edition_of(request: PageRequest) -> int | None:
    """Return the edition that a posted change was made on."""
    text = request.POST.get("edition", "")
    return int(text) if text.isdigit() else None
