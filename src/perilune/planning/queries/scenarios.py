"""Scenarios as known at an instant, to those who made them or were named (rule 24).

Rights are today's: who may see a scenario is decided by how it is shared now, whatever the as-of.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from perilune.history.contracts import CREATION, Event
from perilune.history.queries import state_as_of, states_as_of, timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company
from perilune.planning.contracts import Assumption, Scenario, ScenarioHead
from perilune.planning.engine.stored import edit_of
from perilune.planning.models import Assumption as AssumptionRow

MISSING = _("There is no such scenario, or it was not shared with you.")


def heads(username: str, as_of: AsOf | None = None) -> list[ScenarioHead]:
    """Return the scenarios of a person and those shared with them, by name, as of an instant."""
    now = states_as_of("scenario", None)
    then = states_as_of("scenario", None, as_of.at) if as_of else now
    seen = {id_: then[id_] for id_, state in now.items() if id_ in then and _sees(state, username)}
    counts = _counts(as_of) if seen else {}
    found = [_head(id_, state, counts.get(id_, 0)) for id_, state in seen.items()]
    return sorted(found, key=lambda head: (head.name.casefold(), head.id))


def scenario(scenario_id: int, as_of: AsOf | None, username: str) -> Scenario:
    """Return a scenario with its edits in order, as known at an instant (None: all that is known).

    NotFound when it is not theirs and was not shared with them, or was not there yet.
    """
    now = state_as_of("scenario", scenario_id)
    if now is None or not _sees(now, username):
        raise NotFound(MISSING)
    state = state_as_of("scenario", scenario_id, as_of.at) if as_of else now
    if state is None:
        raise NotFound(_("This scenario was not there on that day."))
    listed = tuple(assumptions_of(scenario_id, as_of))
    return Scenario(_head(scenario_id, state, len(listed)), listed)


def own_scenario(scenario_id: int, username: str) -> Scenario:
    """Return a scenario as it stands to its author; Refused to those it is only shared with."""
    found = scenario(scenario_id, None, username)
    if found.head.author != username:
        raise Refused(
            _("Only %(author)s changes this scenario. Copy it to go on from here."),
            author=found.head.author,
        )
    return found


def assumptions_of(scenario_id: int, as_of: AsOf | None = None) -> list[Assumption]:
    """Return the edits of a scenario in order; the gate is the caller's affair."""
    # of the past, edits that are gone since count too, and only the history knows those
    ids = None if _is_past(as_of) else _ids_now(scenario_id)
    states = states_as_of("assumption", ids, as_of.at if as_of else None).values()
    mine = [state for state in states if state["scenario_id"] == scenario_id]
    ordered = sorted(mine, key=lambda state: (state["position"] or 0, state["id"]))
    edits = ((state["id"], edit_of(state)) for state in ordered)
    return [Assumption(id_, edit) for id_, edit in edits if edit is not None]


def author_of(scenario_id: int) -> str | None:
    """Return who made a scenario, also one that was deleted; None where there never was one."""
    born = [event for event in timeline("scenario", scenario_id) if event.field == CREATION]
    return str(born[-1].new.get("author")) if born else None


def changes(scenario_id: int, as_of: AsOf | None = None) -> list[Event]:
    """Return the changes of a scenario that stand, latest first: one event for each change set."""
    found: dict[int, Event] = {}
    for event in timeline("scenario", scenario_id, as_of.at if as_of else None):
        found.setdefault(event.change_set_id, event)
    return list(found.values())


def _sees(state: Mapping[str, Any], username: str) -> bool:
    return _head(0, state, 0).is_seen_by(username)


def _head(scenario_id: int, state: Mapping[str, Any], edits: int) -> ScenarioHead:
    return ScenarioHead(
        id=scenario_id,
        name=state["name"] or "",
        author=state["author"] or "",
        period=state["period"] or "",
        shared_with=tuple((state["shared_with"] or "").split()),
        edition=state["edition"] or 0,
        edits=edits,
        is_reserve=bool(state["is_reserve"]),
        plan_id=state["plan_id"],
        plan_lines=tuple((edit, line) for edit, line in json.loads(state["plan_lines"] or "[]")),
    )


def _counts(as_of: AsOf | None) -> Counter[int]:
    if not _is_past(as_of):
        return Counter(AssumptionRow._default_manager.values_list("scenario_id", flat=True))
    states = states_as_of("assumption", None, as_of.at if as_of else None)
    return Counter(state["scenario_id"] for state in states.values())


def _ids_now(scenario_id: int) -> list[int]:
    return list(
        AssumptionRow._default_manager.filter(scenario_id=scenario_id).values_list("id", flat=True)
    )


def _is_past(as_of: AsOf | None) -> bool:
    return as_of is not None and as_of.at < company().today.at
