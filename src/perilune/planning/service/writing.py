"""One change of a scenario: who may, on which edition, in one private set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perilune.history.contracts import PRIVATE
from perilune.history.service import Writer, change_set
from perilune.kernel.errors import Conflict, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import writing_time
from perilune.planning.contracts import Scenario
from perilune.planning.models import Scenario as ScenarioRow
from perilune.planning.queries import own_scenario
from perilune.planning.queries.scenarios import MISSING


@contextmanager
def opened(actor: str, title: str) -> Iterator[Writer]:
    """Open a set that the journal shows to nobody but its actor."""
    with change_set(actor=actor, title=title, purpose=PRIVATE, known_at=writing_time()) as writer:
        yield writer


@contextmanager
def changing(
    scenario_id: int, title: str, *, actor: str, edition: int | None
) -> Iterator[tuple[Writer, Scenario]]:
    """Open a change of a scenario and raise its edition.

    NotFound outside its circle, Refused to those it is only shared with, Conflict when it is no
    longer the edition that the change was made on (None asks for no particular one).
    """
    with opened(actor, title) as writer:
        # the row is held until the set is written: two changes never take the same edition
        if ScenarioRow._default_manager.select_for_update().filter(id=scenario_id).first() is None:
            raise NotFound(MISSING)
        found = own_scenario(scenario_id, actor)
        if edition is not None and edition != found.head.edition:
            raise Conflict(_("This scenario was changed meanwhile: look at it again."))
        writer.change("scenario", scenario_id, {"edition": found.head.edition + 1})
        yield writer, found
