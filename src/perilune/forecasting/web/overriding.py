"""What is said of a figure and how it came about, for the drawer behind a cell."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import LEVEL_LABELS, Cell, Level, Override
from perilune.forecasting.queries import override_history
from perilune.forecasting.queries.overrides import Overrides
from perilune.history.contracts import CREATION, DELETED, Event
from perilune.people.queries import company
from perilune.ui.contracts import DiffRow, Format, Timeline, TimelineEvent, Tone


def facts(cell: Cell, said: Overrides) -> dict[str, Any]:
    """Return what stands of a figure and its history, for the template."""
    found = [said[cell, level] for level in (Level.MANAGER, Level.OWNER) if (cell, level) in said]
    return {
        "cell": cell,
        "said": [_line(one) for one in found],
        "history": Timeline(_events(found)) if found else None,
    }


def _line(one: Override) -> dict[str, Any]:
    return {
        "level": one.level,
        "label": gettext(LEVEL_LABELS[one.level]),
        "amount": one.amount,
        "computed": one.computed,
        "reason": one.reason,
        "author": one.author,
        "day": one.made_on,
    }


def _events(found: list[Override]) -> list[TimelineEvent]:
    """Return one event for each time that something was said, with amounts before and after."""
    currency = company().currency
    grouped: dict[tuple[int, int], list[Event]] = {}
    for event in override_history(found):
        grouped.setdefault((event.change_set_id, event.record_id), []).append(event)
    return [_event(events, currency) for events in grouped.values()]


def _event(events: list[Event], currency: str) -> TimelineEvent:
    first = events[0]
    changes = {event.field: (event.old, event.new) for event in events}
    if CREATION in changes:
        values = changes[CREATION][1]
        changes = {name: (None, value) for name, value in values.items()}
    title = gettext("Said again")
    if first.field == CREATION:
        title = gettext("Said")
    elif first.field == DELETED:
        title = gettext("Taken back") if first.new else gettext("Put back")
    old, new = changes.get("amount", (None, None))
    shown = [DiffRow(gettext("Amount"), old, new, Format.MONEY, currency)] if new else []
    reason = changes.get("reason", (None, ""))[1] or ""
    author = changes.get("author", (None, ""))[1] or first.actor
    return TimelineEvent(
        first.recorded_at, title, str(author), "", str(reason), shown, "pencil", Tone.NEUTRAL
    )
