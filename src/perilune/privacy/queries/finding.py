"""Finds who somebody may be: contacts, leads, reps and users, as they stand or ever were."""

from __future__ import annotations

from perilune.history import erasing
from perilune.history import queries as history
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people
from perilune.privacy.contracts.dossiers import PERSON_KINDS, USER, Candidate
from perilune.privacy.engine.scrubbing import search_of
from perilune.privacy.engine.values import folded, words_of

SHORTEST = 3


def find(text: str, limit: int = 50) -> list[Candidate]:
    """Return the records that a name, address or number may mean, also those of before.

    Invalid for less than three letters or digits.
    """
    if len("".join(words_of(text))) < SHORTEST:
        raise Invalid(_("Give at least three letters or digits."))
    named = erasing.records_named(PERSON_KINDS, search_of(text), limit)
    found = [_candidate(kind, record_id) for kind, record_id in named]
    wanted = folded(text)
    for person in people.people():
        told = folded(f"{person.name} {person.username} {person.email}")
        if wanted in told:
            found.append(Candidate(USER, person.user_id, person.name, person.username))
    return found[:limit]


def _candidate(kind: str, record_id: int) -> Candidate:
    state = history.state_as_of(kind, record_id)
    name = name_of(kind, record_id)
    if state is None:
        return Candidate(kind, record_id, name, "")
    hints = [str(state[field]) for field in ("email", "phone", "company") if state.get(field)]
    return Candidate(kind, record_id, name, " · ".join(hints))


def name_of(kind: str, record_id: int) -> str:
    """Return what a record of a person is called, or was called last."""
    if kind == USER:
        return next((user.name for user in people.users_behind((), (record_id,))), "")
    title = KINDS.get(kind).title_field
    state = history.state_as_of(kind, record_id)
    if state is not None and state.get(title):
        return str(state[title])
    ever = erasing.values_ever(kind, [record_id], (title,))[title]
    return min(ever, default="")
