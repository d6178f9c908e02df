"""Erasure wins over history (rule 34): what names a person goes from every row there ever was.

Rows, instants, amounts and references stay, so that counts, sums and every question of an earlier
day still answer. Nothing here decides who or what: that is handed in.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import Q

from perilune.history import rows
from perilune.history.contracts import CREATION, MERGED, SEVERAL
from perilune.history.models import Change, ChangeSet, Identity
from perilune.kernel.kinds import Scalar
from perilune.kernel.personal import Scrub

ROWS = 4_000
PARTS = ("changes", "identities", "sets")
"""What a walk goes through, in this order."""


class Spot(NamedTuple):
    """A field of a record, at any time."""

    kind: str
    record_id: int
    field: str


@dataclass(frozen=True)
class Person:
    """Whose rows are erased: records, and what stands instead of each of their fields.

    records: kind to ids. instead: kind to field to what stands instead of any value of it: None,
    or a text with `%(id)s`. titles: names as change sets bear them, in small letters.
    users: user name to what stands instead. user_fields: kind to the fields that hold user names.
    """

    records: Mapping[str, frozenset[int]]
    instead: Mapping[str, Mapping[str, str | None]]
    titles: frozenset[str] = frozenset()
    users: Mapping[str, str] = field(default_factory=dict)
    user_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has(self, kind: str, record_id: int) -> bool:
        """Tell whether a record is one of the person's."""
        return record_id in self.records.get(kind, ())

    def value(self, kind: str, record_id: int, name: str) -> str | None:
        """Return what stands instead of a value of a field of a record of theirs."""
        text = self.instead[kind][name]
        return text and text % {"id": record_id}


Look = Callable[[Spot, str], None]
"""Told of every text of a record that is not the person's, while a walk only looks."""


@dataclass
class Walk:
    """How far a walk is: the part and the key it has come to; what it named, by part."""

    part: int = 0
    after: int = 0
    named: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        """Tell whether every part was gone through."""
        return self.part >= len(PARTS)


def values_ever(kind: str, ids: Sequence[int], names: Sequence[str]) -> dict[str, set[str]]:
    """Return every text that fields of some records ever had, in any set, also a retracted one.

    What a source said last, and the titles of the sets that made them, are among them under "".
    """
    found: dict[str, set[str]] = {name: set() for name in names}
    wanted = set(names)
    changes = Change.objects.filter(kind=kind, record_id__in=list(ids))
    documents = []
    for name, old, new in changes.values_list("field", "old", "new"):
        for text in (old, new):
            if text is not None:
                value = orjson.loads(text)
                documents.append(value if name in (CREATION, SEVERAL) else {name: value})
    sent = Identity.objects.filter(kind=kind, record_id__in=list(ids), sent__isnull=False)
    documents += [orjson.loads(text or "null") for text in sent.values_list("sent", flat=True)]
    for document in documents:
        if isinstance(document, dict):
            for name in wanted & document.keys():
                if isinstance(document[name], str):
                    found[name].add(document[name])
    return found


def records_named(kinds: Sequence[str], pattern: str, limit: int = 100) -> list[tuple[str, int]]:
    """Return (kind, id) of the records whose rows of any time match a regular expression."""
    named = Q(old__iregex=pattern) | Q(new__iregex=pattern)
    rows = Change.objects.filter(named, kind__in=list(kinds)).order_by("kind", "record_id")
    return list(rows.values_list("kind", "record_id").distinct()[:limit])


def sets_ever(records: Mapping[str, Sequence[int]]) -> frozenset[int]:
    """Return the change sets that ever wrote a row of some records, kind to ids."""
    found: set[int] = set()
    for kind, ids in records.items():
        mine = Change.objects.filter(kind=kind, record_id__in=list(ids))
        found.update(mine.values_list("change_set_id", flat=True).distinct())
    return frozenset(found)


def merged_away(kind: str, ids: Sequence[int]) -> set[int]:
    """Return the records that ever were merged into these, or into what those became, but them."""
    known, going = set(ids), set(ids)
    while going:
        into = Identity.objects.filter(source=MERGED, kind=kind, record_id__in=going)
        going = {int(key) for key in into.values_list("key", flat=True)} - known
        known |= going
    return known - set(ids)


def keys_ever(kind: str, ids: Sequence[int]) -> set[tuple[str, str]]:
    """Return every (source, key) under which some records were ever known."""
    known = Identity.objects.filter(kind=kind, record_id__in=list(ids))
    return set(known.values_list("source", "key"))


def walk(
    place: Walk,
    person: Person,
    scrub: Scrub,
    *,
    also: Mapping[Spot, Scrub],
    seconds: float,
    look: Look | None = None,
    may_name: Callable[[str], bool] = lambda text: True,
) -> Walk:
    """Go on through the history for some seconds; safe to repeat from any place.

    also: what is taken out of some fields beyond that. look: only look, and tell this every text
    that is not the person's own; nothing is written. may_name: tells quickly that a row of somebody
    else has nothing of the person, as most have.
    """
    deadline = time.monotonic() + seconds
    eraser = _Eraser(person, scrub, also, look, may_name)
    while not place.is_over:
        take = (eraser.changes, eraser.identities, eraser.sets)[place.part]
        last, named = take(place.after)
        place.named[PARTS[place.part]] += named
        if last is None:
            place.part, place.after = place.part + 1, 0
        else:
            place.after = last
        if time.monotonic() > deadline:
            break
    return place


@dataclass
class _Eraser:
    person: Person
    scrub: Scrub
    also: Mapping[Spot, Scrub]
    look: Look | None
    may_name: Callable[[str], bool]

    # -- change rows -----------------------------------------------------------------------

    def changes(self, after: int) -> tuple[int | None, int]:
        found = list(
            Change.objects.filter(id__gt=after)
            .order_by("id")
            .values_list("id", "kind", "record_id", "field", "old", "new")[:ROWS]
        )
        fresh: list[tuple[Any, ...]] = []
        touched: dict[str, set[int]] = {}
        for row_id, kind, record_id, name, old, new in found:
            pair = tuple(self._text(kind, record_id, name, text) for text in (old, new))
            if pair != (old, new):
                fresh.append((*pair, row_id))
                touched.setdefault(kind, set()).add(record_id)
        if fresh and self.look is None:
            with transaction.atomic():
                _update("history_change", ("old", "new"), fresh)
                for kind, ids in touched.items():
                    rows.project(kind, sorted(ids))
        return (found[-1][0] if found else None), len(fresh)

    def _text(self, kind: str, record_id: int, name: str, text: str | None) -> str | None:
        if text is None or not (self.person.has(kind, record_id) or self.may_name(text)):
            return text
        value = orjson.loads(text)
        if name in (CREATION, SEVERAL):
            new: Any = self._document(kind, record_id, value)
        else:
            new = self._value(kind, record_id, name, value)
        return text if new == value else rows.dump(new)

    def _document(self, kind: str, record_id: int, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        return {name: self._value(kind, record_id, name, value) for name, value in document.items()}

    def _value(self, kind: str, record_id: int, name: str, value: Any) -> Scalar:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # a number, a truth or nothing
        if self.person.has(kind, record_id) and name in self.person.instead[kind]:
            return self.person.value(kind, record_id, name)
        if name in self.person.user_fields.get(kind, ()):
            users = self.person.users
            value = " ".join(users.get(word, word) for word in value.split(" "))
        spot = Spot(kind, record_id, name)
        if self.look is not None:
            self.look(spot, value)
        return self.also.get(spot, self.scrub).text(value)

    # -- what sources know ------------------------------------------------------------------

    def identities(self, after: int) -> tuple[int | None, int]:
        found = list(
            Identity.objects.filter(id__gt=after)
            .order_by("id")
            .values_list("id", "kind", "record_id", "key", "digest", "sent")[:ROWS]
        )
        fresh = []
        for row_id, kind, record_id, key, digest, sent in found:
            is_own = self.person.has(kind, record_id)
            new_key = self._key(row_id, record_id, key, is_own=is_own)
            new_sent = sent
            if sent is not None and sent != "null":
                said = orjson.loads(sent)
                told = self._document(kind, record_id, said)
                new_sent = sent if told == said else rows.dump(told)
            # a digest of what was said could be tried out against guesses
            new_digest = 0 if is_own else digest
            if (new_key, new_digest, new_sent) != (key, digest, sent):
                fresh.append((new_key, new_digest, new_sent, row_id))
        if fresh and self.look is None:
            with transaction.atomic():
                _update("history_identity", ("key", "digest", "sent"), fresh)
        return (found[-1][0] if found else None), len(fresh)

    def _key(self, row_id: int, record_id: int, key: str, *, is_own: bool) -> str:
        """Return a key without names: one made of them is what a file without ids had."""
        named = self.scrub.text(key) != key
        return f"erased:{record_id}:{row_id}" if named or (is_own and _is_worded(key)) else key

    # -- change sets -------------------------------------------------------------------------

    def sets(self, after: int) -> tuple[int | None, int]:
        found = list(
            ChangeSet.objects.filter(id__gt=after)
            .order_by("id")
            .values_list("id", "title", "actor", "retracted_by")[:ROWS]
        )
        users, fresh = self.person.users, []
        for row_id, title, actor, retracted_by in found:
            new_title = "" if title.casefold() in self.person.titles else self.scrub.text(title)
            new = (new_title, users.get(actor, actor), users.get(retracted_by, retracted_by))
            if new != (title, actor, retracted_by):
                fresh.append((*new, row_id))
        if fresh and self.look is None:
            with transaction.atomic():
                _update("history_changeset", ("title", "actor", "retracted_by"), fresh)
        return (found[-1][0] if found else None), len(fresh)


def _is_worded(key: str) -> bool:
    """Tell a key that is made of a row's words from a number or code that a system gave.

    «#» begins a digest of the whole row, which guesses could be tried out against.
    """
    is_made = key.startswith("#") or " " in key or "@" in key or "\x1f" in key or key.isalpha()
    return is_made and not key.startswith("erased:")


def _update(table: str, columns: Sequence[str], tuples: Sequence[Sequence[Any]]) -> None:
    marks = ", ".join(f'"{name}" = %s' for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{table}" SET {marks} WHERE id = %s', tuples)
