"""What counts as nothing in a draft because it is not known, and which accounts that concerns."""

from __future__ import annotations

from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.territories.contracts import Gap, Loaded
from perilune.territories.queries.loading import loaded, require_seen, seen_accounts
from perilune.territories.queries.snapshots import NO_RATE, UNKNOWN
from perilune.territories.queries.snapshots import lacking as read_lacking

_kept: Kept[frozenset[int]] = Kept(32)


def gaps(draft_id: int, scope: Scope, actor: str) -> list[Gap]:
    """Return what is not known of the accounts that a person sees in a draft.

    Of the whole draft as it was counted when it was begun; of a part, its accounts are counted.
    """
    found = loaded(draft_id)
    require_seen(found, scope, actor)
    settings = found.head.settings
    made = [
        Gap(prefix + key, key, prefix == NO_RATE, int(count))
        for name, prefix in (("unknown", UNKNOWN), ("without_rate", NO_RATE))
        for key, count in (settings.get(name) or {}).items()
    ]
    mine = seen_accounts(found, scope, actor)
    if mine.all():
        return made
    ids = set(found.accounts.ids[mine].tolist())
    counted = [
        Gap(one.what, one.key, one.is_rate, len(ids & _lacking(found, one.what))) for one in made
    ]
    return [one for one in counted if one.count]


def lacking(draft_id: int, what: str, scope: Scope, actor: str) -> frozenset[int]:
    """Return the ids of the accounts seen of which something is not known; none for other words."""
    found = loaded(draft_id)
    require_seen(found, scope, actor)
    ids = found.accounts.ids[seen_accounts(found, scope, actor)].tolist()
    return frozenset(ids) & _lacking(found, what)


def _lacking(found: Loaded, what: str) -> frozenset[int]:
    def read() -> frozenset[int]:
        return read_lacking(found.attributes, found.head.as_of, what)

    return _kept.get((found.snapshot_id, found.snapshot_digest, what), read)
