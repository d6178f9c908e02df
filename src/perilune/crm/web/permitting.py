"""What a person may do with records: rights of today, never on a page of the past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perilune.crm.queries import is_seen, now_state
from perilune.history.queries import states_as_of
from perilune.kernel.errors import Invalid, Past, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, require

SETUP_KINDS = frozenset({"pipeline", "stage", "product", "price_book", "price_book_entry"})
"""Kinds that a company sets up once: changed by those who manage its settings."""

_COMPANY_KINDS = frozenset({"campaign", "campaign_member"})


def is_past(request: PageRequest) -> bool:
    """Tell whether a page looks back: it is then for reading only."""
    return request.as_of.day < request.company.today.day


def right_to_edit(kind: str) -> Right:
    """Return the right that changing a kind of record needs."""
    if kind in SETUP_KINDS:
        return Right.MANAGE_SETTINGS
    return Right.SEE_COMPANY_ROWS if kind in _COMPANY_KINDS else Right.EDIT_RECORDS


def may_edit(request: PageRequest, kind: str) -> bool:
    """Tell whether a person may change records of a kind on this page."""
    rights = {Right.EDIT_RECORDS, right_to_edit(kind)}
    return not is_past(request) and rights <= request.rights


def require_edit(request: PageRequest, kind: str) -> None:
    """Refuse a change without the right, or from a page of the past."""
    require(request, Right.EDIT_RECORDS)
    require(request, right_to_edit(kind))
    if is_past(request):
        raise Past


def state_to_edit(request: PageRequest, kind: str, record_id: int) -> dict[str, Any]:
    """Return a record as it stands, for somebody who may change it."""
    require_edit(request, kind)
    return now_state(kind, record_id, request.scope)


def ids_to_edit(request: PageRequest, kind: str, ids: Sequence[int]) -> list[int]:
    """Return those ids that are there; Refused when one of them is not the person's to see."""
    require_edit(request, kind)
    states = states_as_of(kind, ids)
    if not all(is_seen(kind, state, request.scope) for state in states.values()):
        raise Refused(_("Some of these records are not yours to change."))
    return list(states)


def require_values(request: PageRequest, kind: str, values: dict[str, Any]) -> None:
    """Refuse to give a record to somebody outside of what the person sees."""
    owner = values.get("owner_id")
    owners = request.scope.owners
    if owners is not None and owner is not None and owner not in owners:
        raise Invalid(_("You can give records only to people of your own team."))
