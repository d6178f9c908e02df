"""What stands here of a source's object, by key; and what stands though the source let it go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from perilune.history import queries as history
from perilune.hub.contracts.sync import Held
from perilune.hub.service.exact import alive_beside, ended_by
from perilune.hub.service.sync.ledger import Ledger
from perilune.kernel.wiring import KINDS

AT_ONCE = 20_000
_MANY = 100_000
"""Rows from which on all identities are asked for at once instead of some by their keys."""

Spans = Sequence[tuple[int, int]]


class Here:
    """Whether the record of a key stands here: "", "ended" here, or "lost" (never came, undone).

    A record that the source itself ended, of a key that the source shows again, is lost.

    rows: how many are listed; is_whole: whether those are all that the source has.
    """

    def __init__(self, source: str, kind: str, rows: int, *, is_whole: bool) -> None:
        self._source, self._kind = source, kind
        self._model = history.model_of(KINDS.get(kind))._default_manager
        self.lost: set[str] = set()
        self.agreed: list[str] = []
        self._ids: Mapping[str, int] = {}
        self._standing: set[int] = set()
        self._by_source: set[int] = set()
        self._knows_all = is_whole or rows > _MANY
        if self._knows_all:
            self._ids = history.identity_keys(source, kind)
            ids = self._model.values_list("id", flat=True)
            self._standing = set(ids.iterator(chunk_size=AT_ONCE))

    def look(self, keys: Iterable[str]) -> None:
        """Ask for some keys at once."""
        if self._knows_all:
            return
        found = history.identities(self._source, self._kind, sorted(set(keys)))
        self._ids = {key: record_id for key, (record_id, _digest) in found.items()}
        self._standing = set()
        wanted = sorted(self._ids.values())
        for start in range(0, len(wanted), 500):
            some = self._model.filter(id__in=wanted[start : start + 500])
            self._standing.update(some.values_list("id", flat=True))

    def look_at_shown(self, keys: Iterable[str]) -> None:
        """Tell of looked-up keys, which the source shows as live, whether it had ended them."""
        records = {self._ids[key] for key in keys if key in self._ids} - self._standing
        self._by_source = ended_by(self._source, self._kind, records)

    def state_of(self, key: str) -> str:
        """Return how the record of a key stands."""
        record_id = self._ids.get(key)
        if record_id is None or record_id in self._by_source:
            return "lost"
        return "" if record_id in self._standing else "ended"

    def strays(
        self, ledger: Ledger, name: str, listings: Sequence[str], bounds: Spans | None, spans: Spans
    ) -> list[Held]:
        """Return the rows whose record stands, though the source neither listed nor holds them.

        The ledger calls them gone or, where everything was listed, does not know them. A record
        that another key keeps alive (what was merged lives on in it) is none.

        listings: where what was listed lies; bounds: spans of creation that were listed whole, None
        for all; spans: of last change.
        """
        every = iter(
            [key for key, record_id in self._ids.items() if record_id in self._standing]
            if bounds is None
            else ledger.departed(name, bounds, spans)
        )
        found: dict[int, list[Held]] = {}
        while some := list(islice(every, AT_ONCE)):
            self.look(some)
            standing = [key for key in some if self.state_of(key) == ""]
            for row in ledger.unbacked(name, listings, standing):
                found.setdefault(self._ids[row.key], []).append(row)
        for record_id in self._kept_alive(ledger, name, listings, sorted(found)):
            found.pop(record_id, None)
        born = history.said_rows(
            self._kind, [i for i, rows in found.items() if not rows[0].created_us]
        )
        return [
            row if row.created_us or record_id not in born
            else row._replace(created_us=born[record_id][0][0])
            for record_id, rows in found.items()
            for row in rows
        ]  # fmt: skip

    def _kept_alive(
        self, ledger: Ledger, name: str, listings: Sequence[str], records: Sequence[int]
    ) -> set[int]:
        """Return the records that another key names which the source, or another one, holds."""
        names = history.latest_identities(self._kind, records)
        keys = [key for source, key, _digest in names if source == self._source]
        dead = {(self._source, row.key) for row in ledger.unbacked(name, listings, keys)}
        return alive_beside(self._kind, records, dead)
