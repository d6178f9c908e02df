"""Edits of scenarios in the journal, in the sentences of the studio."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import ngettext

from perilune.history.contracts import CREATION, DELETED, Event
from perilune.history.queries import states_as_of
from perilune.kernel.asof import AsOf
from perilune.planning.contracts import ASSUMPTION, Assumption, Edit, Move
from perilune.planning.queries import edit_of, names_of
from perilune.planning.web.sentences import Speaker, role_label

KIND = ASSUMPTION.name


class EditWords:
    """Tells the edits that some events are about; asks nothing where there are none."""

    def __init__(self, events: Iterable[Event], as_of: AsOf) -> None:
        mine = [event for event in events if event.kind == KIND]
        found = {event.id: edit_of(state) for event, state in _states(mine)}
        self._edits = {id_: edit for id_, edit in found.items() if edit is not None}
        self._speaker: Speaker | None = None
        if mine:
            listed = [Assumption(0, edit) for edit in self._edits.values()]
            lists = [Assumption(0, Move(0, as_of.day, accounts=ids)) for ids in _accounts(mine)]
            hires = _hires(self._edits.values())
            self._speaker = Speaker(hires, names_of([*listed, *hires, *lists], as_of))

    def told(self, event: Event) -> str:
        """Return what the edit of an event assumes; empty of others, or where it is unreadable."""
        edit = self._edits.get(event.id) if event.kind == KIND else None
        return self._speaker.tell(edit) if edit and self._speaker else ""

    def value(self, event: Event, value: Any) -> str | None:
        """Return a value that an edit keeps as a code, in words; None where it keeps it plainly."""
        if event.kind != KIND or self._speaker is None or not value:
            return None
        if event.field == "role":
            return role_label(value)
        if event.field == "unit":
            return self._speaker.unit(value)
        if event.field == "accounts":
            return self._speaker.accounts(tuple(json.loads(value)))
        if event.field == "series":
            n = len(json.loads(value))
            return ngettext("%(n)s point", "%(n)s points", n) % {"n": n}
        return None


def _states(events: Sequence[Event]) -> Iterator[tuple[Event, Mapping[str, Any]]]:
    """Give the edits as they were made and as they stood when they were removed."""
    yield from ((event, event.new) for event in events if event.field == CREATION)
    gone = [event for event in events if event.field == DELETED]
    for event in gone:
        # as this installation held it: in an archive all is known at one instant
        eve = event.recorded_at - timedelta(microseconds=1)
        held = states_as_of(KIND, [event.record_id], recorded_by=eve)
        yield from ((event, state) for state in held.values())


def _hires(edits: Iterable[Edit]) -> list[Assumption]:
    """Return the planned hires that edits speak of, by their negative id."""
    named = (getattr(edit, name, None) for edit in edits for name in ("rep_id", "to_rep_id"))
    wanted = sorted({-id_ for id_ in named if id_ is not None and id_ < 0})
    states = states_as_of(KIND, wanted) if wanted else {}
    read = ((id_, edit_of(state)) for id_, state in states.items())
    return [Assumption(id_, edit) for id_, edit in read if edit is not None]


def _accounts(events: Iterable[Event]) -> list[tuple[int, ...]]:
    """Return the lists of accounts that were changed, before and after."""
    changed = [event for event in events if event.field == "accounts"]
    return [tuple(json.loads(v)) for event in changed for v in (event.old, event.new) if v]
