"""Segments: what each is worth and how it is staffed, versions of the rules, moves over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.asof import AsOf
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, require
from perilune.planning import service
from perilune.planning.contracts import Segmentation, SegmentPreview, SegmentState
from perilune.planning.queries.segment_fields import segment_fields
from perilune.planning.queries.segments import (
    SegmentsSeen,
    segment_flow,
    segment_preview,
    segment_runs,
    segmentation,
    segmentations,
    segments_of,
    segments_recorded,
)
from perilune.planning.web import segment_flow as flows
from perilune.planning.web import segment_shown, shown
from perilune.planning.web.room_tabs import room_tabs
from perilune.planning.web.segment_forms import VersionForm
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Link,
    PageHeader,
    Tab,
    Timeline,
    TimelineEvent,
    Tone,
)
from perilune.ui.export import Export, xlsx_response

SPANS = (90, 365, 730)
"""Days over which moves between segments are shown."""


@page(Right.MAKE_PLANS)
def index(request: PageRequest) -> HttpResponse:
    """The segments as accounts have them, their versions, and the form of a new one."""
    found = segmentations()
    may = segment_shown.may_change(request)
    offered = [(one.id, one.name) for one in found]
    top = max((one.number for one in found), default=0) + 1
    form = VersionForm(
        request.POST or None, versions=offered,
        initial={"name": gettext("Segmentation %(n)s") % {"n": top},
                 "based_on": str(offered[0][0]) if offered else ""},
    )  # fmt: skip
    made: list[int] = []

    def create() -> None:
        data = form.cleaned_data
        made.append(
            service.create_segmentation(data["name"], actor=request.actor, scope=request.scope,
                                        based_on=data["based_on"])
        )  # fmt: skip

    done = gettext("Version made: say its rules, or take suggested cuts over.")
    if request.method == "POST" and shown.saved(request, form, create, done):
        return redirect("planning:segmentation", made[0])
    seen = segments_recorded(request.scope, request.as_of)
    flow = _flow(request, [one.name for one in seen.figures])
    facts: dict[str, Any] = {
        "header": PageHeader(
            gettext("Segments"),
            finding=_finding(found, seen),
            tabs=room_tabs(request, "segments"),
        ),
        "kpis": segment_shown.kpis(request, seen),
        "figures": segment_shown.figures(request, seen, export=True),
        "chart": segment_shown.shares_chart(seen) if seen.figures else None,
        "staffing": segment_shown.staffing_table(seen),
        "versions": segment_shown.versions(found),
        "form": form,
        "may": may,
        "verb": gettext("Make the version"),
        **flow,
    }
    return shown.show(request, "segments.html", facts)


def _finding(found: list[Segmentation], seen: SegmentsSeen) -> str:
    there = [one for one in seen.figures if one.name]
    text = ngettext("%(n)s segment holds %(share)s of the accounts.",
                    "%(n)s segments hold %(share)s of the accounts.", len(there))  # fmt: skip
    inside = seen.accounts - seen.unsegmented
    said = text % {
        "n": formats.number(len(there), 0),
        "share": formats.percent(inside / seen.accounts if seen.accounts else None, 0),
    }
    force = next((one for one in found if one.is_in_force and one.run), None)
    if force is None or force.run is None:
        return f"{said} {gettext('No version of rules is applied.')}"
    facts = {"name": force.name, "day": formats.day(force.run.day)}
    return f"{said} {gettext('“%(name)s” is applied since %(day)s.') % facts}"


def _flow(request: PageRequest, names: Sequence[str]) -> dict[str, Any]:
    text = request.GET.get("span", "")
    span = int(text) if text.isdigit() and int(text) in SPANS else SPANS[1]
    day = request.as_of.day - timedelta(days=span)
    found = segment_flow(request.scope, AsOf.end_of(day, request.company.zone), request.as_of)
    labels = {90: gettext("90 days"), 365: gettext("1 year"), 730: gettext("2 years")}
    return {
        "flow": flows.flow_picture(found, names),
        "flow_said": flows.flow_sentence(found),
        "flow_table": flows.flow_table(found) if found.moved else None,
        "spans": [Tab(labels[days], f"?span={days}#moves", days == span) for days in SPANS],
    }


@page(Right.MAKE_PLANS)
def export(request: PageRequest) -> HttpResponseBase:
    """The figures by segment, as a workbook."""
    require(request, Right.EXPORT_DATA)
    seen = segments_recorded(request.scope, request.as_of)
    columns = segment_shown.figure_columns(request.company.currency)
    facts = [
        (gettext("As known on"), formats.day(request.as_of.day)),
        (gettext("Definition"), str(segment_shown.figures(request, seen).note)),
    ]
    return xlsx_response(
        Export("segments", columns, segment_shown.figure_rows(seen), facts, gettext("Segments"))
    )


@page(Right.MAKE_PLANS)
def version(request: PageRequest, segmentation_id: int) -> HttpResponse:
    """One version: its rules, what applying it moves, what its segments are worth."""
    found = segmentation(segmentation_id)
    currency = request.company.currency
    fields = {one.name: one for one in segment_fields()}
    preview = segment_preview(found, request.scope, request.as_of)
    may = segment_shown.may_change(request) and found.may_edit
    seen = segments_of(found, request.scope, request.as_of)
    where = [found.id]
    facts = {
        "header": _header(request, found, preview),
        "edits": segment_shown.rules(found, fields, currency, may=may),
        "adds": [
            Action(gettext("Add a rule"), reverse("planning:segment_rule_new", args=where),
                   icon="plus", is_primary=not found.rules.rules),
            Action(gettext("Cut into bands"), reverse("planning:segment_bands", args=where),
                   icon="columns-3"),
            Action(gettext("Suggested cuts"), reverse("planning:segment_suggest", args=where),
                   icon="lightbulb"),
        ] if may else [],
        "shifts": segment_shown.shifts_table(preview, currency),
        "figures": segment_shown.figures(request, seen, name="version-segments"),
        "staffing": segment_shown.staffing_table(seen),
        "market": Action(gettext("Change the go-to-market"),
                         reverse("planning:segment_market", args=where), icon="pencil")
        if may and found.segments else None,
        "history": _history(found),
        "found": found,
        "may_send_back": _may_send_back(request, found),
        "verb_url": reverse("planning:segment_verb", args=[found.id, "reject"]),
    }  # fmt: skip
    return shown.show(request, "segmentation.html", facts)


def _header(request: PageRequest, found: Segmentation, preview: SegmentPreview) -> PageHeader:
    text = ngettext("%(n)s account", "%(n)s accounts", preview.changed)
    moved = text % {"n": formats.number(preview.changed, 0)}
    without = ngettext("%(n)s account", "%(n)s accounts", preview.unsegmented)
    facts = {
        "moved": moved,
        "without": without % {"n": formats.number(preview.unsegmented, 0)},
        "money": formats.short_money(
            sum(one.pipeline for one in preview.moved), request.company.currency
        ),
    }
    said = gettext(
        "Applying moves %(moved)s with %(money)s of open pipeline; %(without)s fit no rule."
    )
    if not found.rules.rules:
        said = gettext("No rule yet: add one, cut a number into bands, or take cuts over.")
    elif not preview.changed:
        said = gettext("Every account is in the segment that the rules say.")
    if found.state is SegmentState.REJECTED and found.reason:
        said = gettext("Sent back: %(reason)s") % {"reason": found.reason}
    return PageHeader(
        found.name,
        finding=said % facts if "%(" in said else said,
        actions=_verbs(request, found, preview),
        back=Link(gettext("Segments"), reverse("planning:segments")),
        statuses=(segment_shown.state_of(found),),
    )


def _verbs(request: PageRequest, found: Segmentation, preview: SegmentPreview) -> list[Action]:
    if not segment_shown.may_change(request):
        return []

    def verb(label: str, name: str, icon: str, *, primary: bool = False, why: str = "") -> Action:
        address = reverse("planning:segment_verb", args=[found.id, name])
        values = {"edition": str(found.edition)}
        return Action(label, address, "post", icon, values=values, is_primary=primary, refused=why)

    actions: list[Action] = []
    if found.may_edit:
        empty = "" if found.rules.rules else gettext("A version needs a rule.")
        actions.append(verb(gettext("Submit"), "submit", "send", primary=True, why=empty))
    if Right.PUBLISH_PLANS in request.rights:
        actions += _checked(found, preview, verb)
    actions.append(verb(gettext("Copy"), "copy", "copy"))
    if not found.is_in_force and found.state is not SegmentState.ARCHIVED:
        actions.append(verb(gettext("Archive"), "archive", "archive"))
    return actions


def _checked(
    found: Segmentation, preview: SegmentPreview, verb: Callable[..., Action]
) -> list[Action]:
    """Return the verbs of who approves and applies."""
    if found.state is SegmentState.SUBMITTED:
        return [verb(gettext("Approve"), "approve", "check", primary=True)]
    if found.state is not SegmentState.APPROVED:
        return []
    same = "" if preview.changed else gettext("Nothing would change.")
    actions = [verb(gettext("Apply to accounts"), "apply", "upload", primary=True, why=same)]
    if found.is_in_force:
        actions.append(verb(gettext("Take back"), "take-back", "undo-2"))
    return actions


def _may_send_back(request: PageRequest, found: Segmentation) -> bool:
    is_open = found.state in (SegmentState.SUBMITTED, SegmentState.APPROVED)
    may = segment_shown.may_change(request) and Right.PUBLISH_PLANS in request.rights
    return may and is_open and found.run is None


def _history(found: Segmentation) -> Timeline:
    named = person_names()

    def who(name: str) -> str:
        return named.get(name, name)

    events = [TimelineEvent(found.made_at, gettext("Version made"), who(found.author), icon="plus")]
    if found.submitted_at:
        events.append(
            TimelineEvent(found.submitted_at, gettext("Submitted"), who(found.submitted_by),
                          icon="send")
        )  # fmt: skip
    if found.checked_at:
        is_back = found.state is SegmentState.REJECTED
        label = gettext("Sent back") if is_back else gettext("Approved")
        if found.is_self_approved:
            label = gettext("Self-approved")
        events.append(
            TimelineEvent(
                found.checked_at, label, who(found.checked_by), detail=found.reason,
                icon="undo-2" if is_back else "check", tone=Tone.ACT if is_back else Tone.GOOD,
            )
        )  # fmt: skip
    for run in segment_runs(found.id):
        text = ngettext("%(n)s account changed, %(without)s fit no rule",
                        "%(n)s accounts changed, %(without)s fit no rule", run.changed)  # fmt: skip
        facts = {
            "n": formats.number(run.changed, 0), "without": formats.number(run.unsegmented, 0),
        }  # fmt: skip
        label = gettext("Applied") if run.is_standing else gettext("Applied, taken back since")
        events.append(TimelineEvent(run.at, label, who(run.actor), detail=text % facts,
                                    icon="upload"))  # fmt: skip
    return Timeline(sorted(events, key=lambda event: event.at, reverse=True))
