"""Asking whether something is there already: what is typed, what an import or a sync brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from perilune.crm.queries import is_seen, whom_to_ask
from perilune.hub.contracts.lookalikes import (
    ASKED,
    Beyond,
    Facts,
    Look,
    Looks,
    Strength,
    Why,
)
from perilune.hub.engine.lookalikes.facts import employer, facts
from perilune.hub.engine.lookalikes.keys import Key, hashed, keys
from perilune.hub.engine.lookalikes.reasons import agree
from perilune.hub.service.lookalikes import following
from perilune.hub.service.lookalikes.index import Index
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS

SHOWN = 5
"""Records that an answer names."""
ALIKE = 40
"""A key that more records share brings none of them by itself: it says nothing."""
CANDIDATES = 40
"""Records that are compared closely, those that share the most."""
SHORTEST = 3
"""Letters of a name from which records are offered whose name begins so."""
_ALWAYS = frozenset(("number", "email", "domain", "name"))
"""Keys that bring some of their records however many share them."""


def check(
    kind: str, values: Mapping[str, Any], scope: Scope, *, record_id: int | None = None,
    is_typing: bool = False, most: int = SHOWN,
) -> Looks:  # fmt: skip
    """Return the records that look like one of a kind with these values, the likeliest first.

    values: by field name, in any spelling; unknown names are ignored. record_id: the record itself,
    which is left out. is_typing: the name is not whole yet, so that names that begin so count too.
    What the reader may not see is told by whom to ask, and only where much speaks for it (rule 35).
    Invalid for a kind that is not looked for.
    """
    if kind not in ASKED:
        raise Invalid(_("There is no check for duplicates of this kind: %(kind)s."), kind=kind)
    asked = facts(kind, values)
    with following.opened() as (index, is_whole):
        if index is None:
            return Looks(is_whole=False)
        asking = Asking(index)
        found = [
            (other, one)
            for other in ASKED[kind]
            for one in asking.like(_as_kind(asked, other), kind=other, is_typing=is_typing)
            if not (other == kind and one.record == record_id)
        ]
        found.sort(key=lambda pair: (-pair[1].strength, ASKED[kind].index(pair[0]), -pair[1].score))
        return _told(found, scope, is_whole, most)


def _as_kind(asked: Facts, kind: str) -> Facts:
    """Return what is asked as it is compared with records of a kind: a person's employer."""
    return employer(asked) if kind == "account" and asked.kind != "account" else asked


class Found:
    """A record that agrees with what is asked."""

    def __init__(self, row: Mapping[str, Any], strength: Strength, why: Sequence[Why]) -> None:
        self.row, self.strength, self.why = row, strength, tuple(why)
        self.record = int(row["id"])
        self.score = len(why)


class Asking:
    """Several checks in a row over one index: what is the same for all is asked once."""

    def __init__(self, index: Index) -> None:
        self.index, self.secret = index, following.secret()
        self.noted = index.facts()
        self._often: dict[tuple[str, str], int] = {}

    def like(self, asked: Facts, *, kind: str = "", is_typing: bool = False) -> list[Found]:
        """Return the records of a kind (its own by default) that agree with it, best first."""
        kind = kind or asked.kind
        ids = self.candidates(asked, kind)
        begun = self._begun(asked, kind) if is_typing else []
        rows = following.values_of(kind, list(dict.fromkeys([*ids, *begun])))
        records = self.noted.get(f"records {kind}", 0)
        found = []
        for record, row in rows.items():
            other = facts(kind, row)
            strength, why = agree(asked, other, lambda word: self.often(kind, word), records)
            if not strength and record in begun and other.name.startswith(asked.name):
                strength, why = Strength.POSSIBLE, [Why.BEGINS]
            if strength:
                found.append(Found(row, strength, why))
        return sorted(found, key=lambda one: (-one.strength, -one.score, one.record))

    def candidates(self, asked: Facts, kind: str) -> list[int]:
        """Return the records that share keys with what is asked, those that share most first."""
        shared: defaultdict[int, float] = defaultdict(float)
        for key in keys(asked):
            for record in self._sharing(kind, key):
                shared[record] += key.weight
        return sorted(shared, key=lambda one: (-shared[one], one))[:CANDIDATES]

    def _sharing(self, kind: str, key: Key) -> Iterable[int]:
        found = self.index.sharing(hashed(kind, key, self.secret), ALIKE + 1)
        if len(found) > ALIKE and key.tag not in _ALWAYS:
            return ()
        return found[:ALIKE]

    def _begun(self, asked: Facts, kind: str) -> list[int]:
        if len(asked.name) < SHORTEST or asked.kind != kind:
            return []
        return self.index.beginning(kind, asked.name, SHOWN)

    def often(self, kind: str, word: str) -> int:
        """Return in how many records of a kind a word of a name stands, at least 1."""
        if (kind, word) not in self._often:
            key = hashed(kind, Key("word", word, 1), self.secret)
            self._often[kind, word] = max(1, self.index.often(key))
        return self._often[kind, word]


def _told(found: Sequence[tuple[str, Found]], scope: Scope, is_whole: bool, most: int) -> Looks:
    seen: list[tuple[str, Found]] = []
    beyond: dict[Beyond, None] = {}
    for kind, one in found:
        if len(seen) == most and len(beyond) == most:
            break
        if is_seen(kind, dict(one.row), scope):
            seen.append((kind, one))
        elif one.strength > Strength.POSSIBLE and not scope.aggregates_only:
            beyond[Beyond(kind, whom_to_ask(kind, dict(one.row)))] = None
    return Looks(tuple(_looks(seen[:most])), tuple(beyond)[:most], is_whole)


def _looks(seen: Sequence[tuple[str, Found]]) -> Iterable[Look]:
    employers = {one.row["account_id"] for kind, one in seen if kind == "contact"} - {None}
    named = following.values_of("account", list(employers)) if employers else {}
    for kind, one in seen:
        title = str(one.row.get(KINDS.get(kind).title_field) or f"#{one.record}")
        detail = {
            "account": one.row.get("city"), "lead": one.row.get("company"),
            "contact": named.get(one.row.get("account_id") or 0, {}).get("name"),
        }[kind]  # fmt: skip
        yield Look(kind, one.record, title, str(detail or ""), one.strength, one.why)
