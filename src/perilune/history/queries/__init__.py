"""Reads of the history: states as of any instant, the audit, identities, store tables."""

from perilune.history.queries.audit import (
    arrivals,
    edits_made_here,
    events_of_set,
    first_events,
    first_written,
    is_large,
    recent_sets,
    set_info,
    timeline,
)
from perilune.history.queries.fields import (
    all_fields,
    custom_fields,
    model_of,
)
from perilune.history.queries.identities import (
    find_by_title,
    identities,
    identities_of,
    identity_keys,
    last_sent,
)
from perilune.history.queries.late import ended_by, held_since, late_ids
from perilune.history.queries.states import (
    hidden_sets,
    raw_states,
    said_rows,
    state_as_of,
    states_as_of,
)
from perilune.history.queries.tables import (
    last_event,
    store_table,
    touched,
    version_batches,
)

__all__ = [
    "all_fields",
    "arrivals",
    "custom_fields",
    "edits_made_here",
    "ended_by",
    "events_of_set",
    "find_by_title",
    "first_events",
    "first_written",
    "held_since",
    "hidden_sets",
    "identities",
    "identities_of",
    "identity_keys",
    "is_large",
    "last_event",
    "last_sent",
    "late_ids",
    "model_of",
    "raw_states",
    "recent_sets",
    "said_rows",
    "set_info",
    "state_as_of",
    "states_as_of",
    "store_table",
    "timeline",
    "touched",
    "version_batches",
]
