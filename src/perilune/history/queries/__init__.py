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
    kept_by,
    last_sent,
    last_sent_as,
    latest_identities,
    merged_into,
    merges_after,
)
from perilune.history.queries.late import ended_by, held_since, late_ids
from perilune.history.queries.states import (
    field_times,
    hidden_sets,
    raw_states,
    state_as_of,
    states_as_of,
    written_by,
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
    "field_times",
    "find_by_title",
    "first_events",
    "first_written",
    "held_since",
    "hidden_sets",
    "identities",
    "identities_of",
    "identity_keys",
    "is_large",
    "kept_by",
    "last_event",
    "last_sent",
    "last_sent_as",
    "late_ids",
    "latest_identities",
    "merged_into",
    "merges_after",
    "model_of",
    "raw_states",
    "recent_sets",
    "set_info",
    "state_as_of",
    "states_as_of",
    "store_table",
    "timeline",
    "touched",
    "version_batches",
    "written_by",
]
