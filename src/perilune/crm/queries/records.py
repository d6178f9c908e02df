"""One record: who may see it, its state as of an instant, its past, what refers to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from perilune.crm.contracts import PARENTS, Condition, ListPage, ListQuery
from perilune.crm.queries.columns import kind_named
from perilune.crm.queries.lists import list_page
from perilune.history.contracts import CREATION, DELETED, Event
from perilune.history.queries import identities_of, state_as_of, timeline
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.kinds import Kind
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Right
from perilune.people.queries import who_can
from perilune.store import queries as store

RELATED: dict[str, tuple[tuple[str, str], ...]] = {
    "account": (
        ("opportunity", "account_id"),
        ("contact", "account_id"),
        ("case", "account_id"),
        ("quote", "account_id"),
        ("contract", "account_id"),
        ("account", "parent_id"),
    ),
    "opportunity": (
        ("opportunity_line", "opportunity_id"),
        ("opportunity_contact", "opportunity_id"),
        ("opportunity_split", "opportunity_id"),
        ("quote", "opportunity_id"),
        ("opportunity", "parent_id"),
    ),
    "contact": (
        ("opportunity", "contact_id"),
        ("case", "contact_id"),
        ("campaign_member", "contact_id"),
    ),
    "lead": (("campaign_member", "lead_id"),),
    "campaign": (("campaign_member", "campaign_id"), ("opportunity", "campaign_id")),
    "product": (("price_book_entry", "product_id"), ("opportunity", "product_id")),
    "price_book": (("price_book_entry", "price_book_id"),),
    "quote": (("quote_line", "quote_id"),),
    "pipeline": (("stage", "pipeline_id"),),
}
"""(kind, its reference field) of what a record page shows below."""

_ACTIVITIES_OF = {
    "account": "account_id",
    "opportunity": "opportunity_id",
    "contact": "contact_id",
    "lead": "lead_id",
}
RELATED_ROWS = 8
_EVENTS = 100


@dataclass(frozen=True)
class RecordView:
    """A record as a page shows it.

    state: decoded values as of the page's instant, None before its birth or after its end.
    now: the values as they stand, None once deleted. last: the latest values it had.
    events: latest first. retracted: change sets among them that were rolled back (audit).
    """

    kind: Kind
    id: int
    state: dict[str, Any] | None
    now: dict[str, Any] | None
    last: dict[str, Any]
    events: tuple[Event, ...] = ()
    retracted: frozenset[int] = frozenset()
    activities: tuple[dict[str, Any], ...] = ()
    identities: tuple[tuple[str, str], ...] = ()
    related: tuple[tuple[str, str, ListPage], ...] = field(default=())

    @property
    def is_deleted(self) -> bool:
        """Whether it has come to its end."""
        return self.now is None


def now_state(kind: str, record_id: int, scope: Scope) -> dict[str, Any]:
    """Return the values of a record as they stand, for somebody who may see it.

    NotFound when it is not there (any more), Refused when the gate says no.
    """
    kind_named(kind)
    state = state_as_of(kind, record_id)
    if state is None:
        raise NotFound(_("This record does not exist (any more)."))
    require_seen(kind, state, scope)
    return state


def require_seen(kind: str, state: dict[str, Any], scope: Scope) -> None:
    """Refuse unless a scope sees a record by its owner today: only «exists, ask X» is said."""
    if scope.aggregates_only:
        raise Refused(_("You see totals here, not rows."))
    if not is_seen(kind, state, scope):
        raise Refused(_("This record exists. Ask %(name)s."), name=whom_to_ask(kind, state))


def is_seen(kind: str, state: dict[str, Any], scope: Scope) -> bool:
    """Tell whether a scope sees a record with these values."""
    declared = kind_named(kind)
    if scope.aggregates_only:
        return False
    if scope.owners is None:
        return True
    if declared.owner_field:
        return scope.sees(state.get(declared.owner_field))
    parent_kind, parent_field = PARENTS.get(kind, ("", ""))
    if not parent_kind:
        return True
    parent = state_as_of(parent_kind, state[parent_field]) if state.get(parent_field) else None
    return parent is not None and is_seen(parent_kind, parent, scope)


def whom_to_ask(kind: str, state: dict[str, Any]) -> str:
    """Return the name of a record's owner, else of somebody who sees the whole company."""
    owner_field = kind_named(kind).owner_field
    if not owner_field and kind in PARENTS:
        parent_kind, parent_field = PARENTS[kind]
        parent = state_as_of(parent_kind, state[parent_field]) if state.get(parent_field) else None
        return whom_to_ask(parent_kind, parent or {})
    owner = state_as_of("rep", state[owner_field]) if state.get(owner_field) else None
    if owner and owner["name"]:
        return str(owner["name"])
    return ", ".join(who_can(Right.SEE_COMPANY_ROWS, 2)) or gettext("sales operations")


def record_view(
    kind: str, record_id: int, *, scope: Scope, as_of: AsOf, with_retracted: bool = False
) -> RecordView:
    """Return a record with its timeline up to the as-of; NotFound, or Refused with whom to ask."""
    declared = kind_named(kind)
    now = state_as_of(kind, record_id)
    events = timeline(kind, record_id, as_of.at, with_retracted=with_retracted)
    last = now or last_values(timeline(kind, record_id, with_retracted=True))
    if not last:
        raise NotFound(_("This record does not exist (any more)."))
    require_seen(kind, last, scope)
    retracted: frozenset[int] = frozenset()
    if with_retracted:
        standing = {event.change_set_id for event in timeline(kind, record_id, as_of.at)}
        retracted = frozenset(event.change_set_id for event in events) - standing
    return RecordView(
        kind=declared,
        id=record_id,
        state=_visible(kind, state_as_of(kind, record_id, as_of.at), scope),
        now=now,
        last=last,
        events=tuple(events[:_EVENTS]),
        retracted=retracted,
        activities=tuple(_activities(kind, record_id, scope, as_of)),
        identities=tuple(identities_of(kind, record_id)),
        related=tuple(_related(kind, record_id, scope, as_of)),
    )


def _visible(kind: str, state: dict[str, Any] | None, scope: Scope) -> dict[str, Any] | None:
    if state is None:
        return None
    return {name: None if (kind, name) in scope.hidden else value for name, value in state.items()}


def last_values(events: list[Event]) -> dict[str, Any]:
    """Return the values that a record had last, from its events (latest first)."""
    values: dict[str, Any] = {}
    for event in reversed(events):
        if event.field == CREATION:
            values |= event.new or {}
        elif event.field != DELETED:
            values[event.field] = event.new
    return values


def _activities(kind: str, record_id: int, scope: Scope, as_of: AsOf) -> list[dict[str, Any]]:
    column = _ACTIVITIES_OF.get(kind)
    if column is None:
        return []
    sql = f"""
        SELECT t.id, t.subject, t.type, t.owner_id, t.starts_at, t.minutes, t.outcome, t.direction
        FROM activity AS t WHERE t.{column} = :id AND t.starts_at IS NOT NULL
        ORDER BY t.starts_at DESC, t.id DESC LIMIT 50"""
    return store.run_sql(sql, {"id": record_id}, scope=scope, as_of=as_of).dicts()


def _related(
    kind: str, record_id: int, scope: Scope, as_of: AsOf
) -> list[tuple[str, str, ListPage]]:
    found = []
    for other, column in RELATED.get(kind, ()):
        asked = ListQuery(
            kind=other,
            conditions=(Condition(column, "in", (str(record_id),)),),
            size=RELATED_ROWS,
        )
        page = list_page(asked, scope=scope, as_of=as_of)
        found.append((other, column, page))
    return found


def deleted_at(events: tuple[Event, ...]) -> datetime | None:
    """Return when a record came to its end, by its events (latest first)."""
    return next((event.known_at for event in events if event.field == DELETED and event.new), None)
