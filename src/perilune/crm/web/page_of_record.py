"""What the page of a record shows: facts, what happened, actions, what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from perilune.crm.contracts import MEANINGS, DealCard
from perilune.crm.queries import RecordView, deal_warnings, deleted_at, kind_named, stages
from perilune.crm.web.addresses import list_url, record_url
from perilune.crm.web.coded import author_and_source, authors, of_code
from perilune.crm.web.facts import facts_of
from perilune.crm.web.permitting import may_edit
from perilune.crm.web.presenting import (
    Names,
    kind_label,
    label_of,
    names_for,
    title_of,
    value_of,
    word,
    written,
)
from perilune.crm.web.tables import small_table
from perilune.history.contracts import CREATION, DELETED, Event
from perilune.history.queries import all_fields
from perilune.kernel.wiring import PANELS
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    DiffRow,
    Empty,
    Link,
    PageHeader,
    Status,
    Timeline,
    TimelineEvent,
    Tone,
)

_ICONS = {"call": "phone", "email": "mail", "meeting": "users", "task": "list-checks"}
_MEANING_TONES = {"won": Tone.GOOD, "lost": Tone.ACT, "open": Tone.NEUTRAL}


def page_facts(request: PageRequest, view: RecordView, *, is_audit: bool) -> dict[str, Any]:
    """Return the context of the record's page."""
    shown = view.state if view.state is not None else {"id": view.id, **view.last}
    is_there = view.state is not None
    fields = all_fields(view.kind.name)
    names = names_for(fields, [shown, *_states_of(view.events)], request.as_of)
    title = title_of(view.kind, shown, names)
    card = _card(request, view)
    groups, folded = facts_of(request, view.kind.name, shown) if is_there else ([], [])
    return {
        "header": _header(request, view, title, card),
        "title": title,
        "is_there": is_there,
        "absent": _absent(request, view),
        "groups": groups,
        "folded": folded,
        "timeline": Timeline(
            _events(request, view, names),
            empty=Empty(gettext("Nothing happened up to this day"), icon="history"),
        ),
        "panels": _panels(request, view),
        "warnings": [warning_status(name) for name in card.warnings] if card else [],
        "stage_moves": _stage_moves(request, view),
        "move_url": reverse("crm:move", args=[view.kind.name, view.id]),
        "related": _related(request, view, title) if is_there else [],
        "identities": view.identities,
        "audit_url": _audit_url(request, is_audit),
        "is_audit": is_audit,
    }


def _card(request: PageRequest, view: RecordView) -> DealCard | None:
    if view.kind.name != "opportunity" or view.state is None:
        return None
    found = deal_warnings(view.id, scope=request.scope, as_of=request.as_of)
    return found[0] if found else None


def warning_status(name: str) -> Status:
    """Return a warning of a deal in words."""
    words = {
        "overdue": (gettext("Overdue"), Tone.ACT, gettext("The close date has passed.")),
        "silent": (gettext("Silent"), Tone.WATCH, gettext("No activity for 30 days.")),
        "no_next_step": (gettext("No next step"), Tone.WATCH, gettext("Say what comes next.")),
        "no_close_date": (
            gettext("No close date"),
            Tone.WATCH,
            gettext("Without a date it is in no forecast."),
        ),
    }
    label, tone, hint = words[name]
    return Status(label, tone, hint)


# -- header --------------------------------------------------------------------------------------


def _header(
    request: PageRequest, view: RecordView, title: str, card: DealCard | None
) -> PageHeader:
    kind = view.kind
    statuses = []
    if view.is_deleted:
        statuses.append(Status(gettext("Deleted"), Tone.ACT))
    if view.state and kind.name == "opportunity":
        statuses += _stage_status(request, view.state)
    back = Link(kind_label(kind, plural=True), list_url(kind.name))
    return PageHeader(
        title,
        finding=_finding(request, card),
        actions=_actions(request, view),
        back=back,
        statuses=statuses,
    )


def _stage_status(request: PageRequest, state: Mapping[str, Any]) -> list[Status]:
    stage = next((s for s in stages(request.as_of) if s["id"] == state.get("stage_id")), None)
    meaning = (stage or {}).get("meaning") or "open"
    label = (stage or {}).get("name") or word(dict(MEANINGS)[meaning])
    return [Status(label, _MEANING_TONES[meaning], word(dict(MEANINGS)[meaning]))]


def _finding(request: PageRequest, card: DealCard | None) -> str:
    if card is None:
        return ""
    parts = []
    if card.value is not None:
        money = formats.money(card.value, request.company.currency)
        parts.append(gettext("Value %(money)s") % {"money": money})
    if card.close_date:
        parts.append(gettext("close on %(day)s") % {"day": formats.day(card.close_date)})
    if card.stage_days is not None:
        days = formats.days(card.stage_days)
        parts.append(gettext("%(days)s in this stage") % {"days": days})
    return ", ".join(parts)


def _actions(request: PageRequest, view: RecordView) -> list[Action]:
    kind, record_id = view.kind.name, view.id
    if not may_edit(request, kind):
        return []
    if view.is_deleted:
        url = reverse("crm:restore", args=[kind, record_id])
        return [Action(gettext("Restore"), url, "post", "rotate-ccw", is_primary=True)]
    actions = []
    if kind == "opportunity":
        url = reverse("crm:splits", args=[kind, record_id])
        actions.append(Action(gettext("Splits"), url, icon="users"))
    if kind == "account":
        url = reverse("crm:new", args=["opportunity"]) + f"?account_id=%23{record_id}"
        actions.append(Action(gettext("Add deal"), url, icon="plus"))
    if kind in ("opportunity", "account", "contact", "lead"):
        url = reverse("crm:new", args=["activity"]) + f"?{kind}_id=%23{record_id}"
        actions.append(Action(gettext("Log activity"), url, icon="phone", shortcut="a"))
    return [
        *actions,
        Action(
            gettext("Delete"),
            reverse("crm:delete", args=[kind, record_id]),
            "post",
            "trash-2",
            is_dangerous=True,
            consequence=gettext("Its past stays; you can undo it."),
        ),
        Action(
            gettext("Edit all"),
            reverse("crm:edit", args=[kind, record_id]),
            icon="pencil",
            shortcut="e",
            is_primary=True,
        ),
    ]


def _absent(request: PageRequest, view: RecordView) -> Empty | None:
    """Say why there is nothing to show: not born yet, or gone."""
    if view.state is not None:
        return None
    gone = deleted_at(view.events)
    if gone is not None:
        text = gettext("Deleted on %(day)s") % {"day": formats.instant(gone)}
        return Empty(text, gettext("What it was is below, and it can be restored."), icon="trash-2")
    text = gettext("Not known yet on %(day)s") % {"day": formats.day(request.as_of.day)}
    return Empty(text, gettext("This record became known later."), icon="history")


def _stage_moves(request: PageRequest, view: RecordView) -> list[tuple[int, str, bool]]:
    """Return (id, name, is_current) of the stages that the deal may go to."""
    if view.kind.name != "opportunity" or not view.now or not may_edit(request, "opportunity"):
        return []
    current = view.now.get("stage_id")
    known = stages(request.as_of)
    pipeline = view.now.get("pipeline_id") or next(
        (s["pipeline_id"] for s in known if s["id"] == current), None
    )
    return [
        (s["id"], s["name"] or f"#{s['id']}", s["id"] == current)
        for s in known
        if pipeline is None or s["pipeline_id"] == pipeline
    ]


# -- what happened -------------------------------------------------------------------------------


def _states_of(events: tuple[Event, ...]) -> list[dict[str, Any]]:
    states = []
    for event in events:
        if event.field == CREATION:
            states.append(event.new or {})
        else:
            states += [{event.field: event.old}, {event.field: event.new}]
    return states


def _events(request: PageRequest, view: RecordView, names: Names) -> list[TimelineEvent]:
    fields = {item.name: item for item in all_fields(view.kind.name)}
    currency = str(view.last.get("currency") or request.company.currency)
    found = []
    named = authors()
    for _key, group in groupby(view.events, key=lambda e: (e.change_set_id, e.known_at)):
        events = list(group)
        found.append(_change(view, events, fields, names, currency, named))
    found += [_activity(request, row) for row in view.activities]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _change(  # noqa: PLR0917  # what every event of a record is written with
    view: RecordView,
    events: list[Event],
    fields: Mapping[str, Any],
    names: Names,
    currency: str,
    named: dict[str, str],
) -> TimelineEvent:
    first = events[0]
    actor, source = author_and_source(first.actor, first.source, named)
    title, icon = what_changed(events, fields)
    is_retracted = first.change_set_id in view.retracted
    if is_retracted:
        title = gettext("Taken back: %(what)s") % {"what": title}
    return TimelineEvent(
        at=first.known_at,
        title=title,
        actor=actor,
        source=source,
        detail="",
        changes=[
            DiffRow(
                label_of(fields[event.field]),
                written(fields[event.field], event.old, names, currency),
                written(fields[event.field], event.new, names, currency),
            )
            for event in reversed(events)
            if event.field in fields
        ],
        icon="undo-2" if is_retracted else icon,
        tone=Tone.WATCH if is_retracted else Tone.NEUTRAL,
    )


def what_changed(events: list[Event], fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return the verb of one change of a record, in words, and its icon."""
    names = {event.field for event in events}
    if CREATION in names:
        return gettext("Created"), "plus"
    if DELETED in names:
        gone = any(event.field == DELETED and event.new for event in events)
        return (gettext("Deleted"), "trash-2") if gone else (gettext("Restored"), "rotate-ccw")
    if "stage_id" in names:
        return gettext("Stage changed"), "kanban"
    labels = [label_of(fields[name]) for name in fields if name in names]
    if len(labels) == 1:
        return gettext("%(field)s changed") % {"field": labels[0]}, "pencil"
    return gettext("Changed"), "pencil"


def _activity(request: PageRequest, row: Mapping[str, Any]) -> TimelineEvent:
    kind = kind_named("activity")
    type_ = value_of(kind.field("type"), row["type"], {}) or kind_label(kind)
    at: datetime = row["starts_at"].replace(tzinfo=UTC)
    parts = [of_code(row["outcome"]) if row["outcome"] else ""]
    if row["minutes"]:
        minutes = formats.number(row["minutes"], 0)
        parts.insert(0, gettext("%(minutes)s min") % {"minutes": minutes})
    return TimelineEvent(
        at=at,
        title=f"{type_} · {row['subject']}" if row["subject"] else str(type_),
        actor="",
        detail=", ".join(part for part in parts if part),
        icon=_ICONS.get(row["type"], "calendar"),
        tone=Tone.GOOD,
        url=record_url("activity", row["id"]),
    )


# -- beside and below ----------------------------------------------------------------------------


def _panels(request: PageRequest, view: RecordView) -> list[SafeString]:
    """Return what other capabilities show on this page; registered in the site."""
    context = {"id": view.id, "kind": view.kind.name, "state": view.state}
    return _at(request, f"record.{view.kind.name}", context)


def form_panels(request: PageRequest, kind: str, typed: Mapping[str, str]) -> list[SafeString]:
    """Return what other capabilities show on the form of a new record; typed: by field name."""
    return _at(request, f"form.{kind}", {"kind": kind, "typed": typed})


def _at(request: PageRequest, place: str, context: Mapping[str, Any]) -> list[SafeString]:
    chosen = sorted((p for p in PANELS if p.place == place), key=lambda p: p.order)
    # panels are rendered by our own templates, which escape what they print
    return [SafeString(panel.render(request, context)) for panel in chosen]


def _related(request: PageRequest, view: RecordView, title: str) -> list[dict[str, Any]]:
    found = []
    for other, column, page in view.related:
        is_editable = may_edit(request, other)
        if not page.count and (not is_editable or other == view.kind.name):
            continue
        add_url = ""
        if is_editable and other != "opportunity_split":
            add_url = reverse("crm:new", args=[other]) + f"?{column}=%23{view.id}"
        kind = kind_named(other)
        found.append(
            {
                "title": _related_title(view.kind.name, other),
                "count": page.count,
                "table": small_table(request, kind, page, column, title) if page.count else None,
                "more": Link(gettext("Show all"), list_url(other, {column: str(view.id)}))
                if page.count > len(page.rows)
                else None,
                "add_url": add_url,
            }
        )
    return found


def _related_title(kind: str, other: str) -> str:
    if kind == other == "account":
        return gettext("Accounts below")
    if kind == other == "opportunity":
        return gettext("Deals below")
    return kind_label(other, plural=True)


def _audit_url(request: PageRequest, is_audit: bool) -> str:
    if Right.SEE_AUDIT not in request.rights:
        return ""
    return request.path if is_audit else f"{request.path}?audit=1"
