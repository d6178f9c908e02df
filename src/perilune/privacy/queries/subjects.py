"""Who a dossier is about: their records, what identifies them, and how it is taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import translation
from django.utils.translation import gettext

from perilune.history import erasing
from perilune.history import queries as history
from perilune.kernel.kinds import FieldType
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people
from perilune.privacy.contracts.dossiers import PERSON_KINDS, USER, Mention
from perilune.privacy.engine.scrubbing import Scrubber
from perilune.privacy.engine.values import Value, sorted_out
from perilune.privacy.models import Dossier
from perilune.privacy.queries.sealing import opened

NAMES = ("name", "first_name", "last_name")
_TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT)
USER_FIELDS: Mapping[str, frozenset[str]] = {
    "scenario": frozenset({"author", "shared_with"}),
    "mitigation": frozenset({"owner"}),
    "adjustment": frozenset({"author"}),
    "submission": frozenset({"author"}),
    "contest": frozenset({"author"}),
}
"""Fields of records that hold user names."""


@dataclass(frozen=True)
class Subject:
    """A person as their dossier knows them.

    records: kind to ids, those merged away among them. values: what identifies them wherever it
    stands; those that somebody else bears too are apart, in `common`. words: parts of their names.
    chosen: mentions that were judged to name them.
    """

    records: Mapping[str, frozenset[int]]
    values: tuple[Value, ...]
    common: tuple[Value, ...]
    words: tuple[str, ...]
    names: tuple[str, ...]
    users: Mapping[str, str]
    chosen: frozenset[Mention]
    mark: str
    titles: Mapping[str, str]

    @cached_property
    def scrubber(self) -> Scrubber:
        """What takes them out wherever they are named beyond doubt."""
        return Scrubber(self.values, self.mark, users=self.users, sets=self._sets)

    @cached_property
    def judging(self) -> Scrubber:
        """What takes them out of a text that was judged to name them: parts of names too."""
        return _Whole([*self.values, *self.common], self.mark, words=self.words, users=self.users)

    @cached_property
    def _sets(self) -> frozenset[int]:
        return erasing.sets_ever({kind: sorted(ids) for kind, ids in self.records.items()})

    @cached_property
    def person(self) -> erasing.Person:
        """The person as the history erases them."""
        return erasing.Person(
            records=self.records,
            instead={kind: self.instead(kind) for kind in self.records},
            titles=frozenset(name.casefold() for name in self.names),
            users=self.users,
            user_fields=USER_FIELDS,
        )

    @cached_property
    def also(self) -> dict[erasing.Spot, Scrubber]:
        """What is taken out of fields of others that were judged."""
        return {erasing.Spot(*mention[:3]): self.judging for mention in self.chosen}

    def instead(self, kind: str) -> dict[str, str | None]:
        """Return what stands instead of each field of a record of theirs."""
        title = KINDS.get(kind).title_field
        return {
            name: self.titles[kind] if name == title else None for name in personal_fields(kind)
        }


class _Whole(Scrubber):
    """Takes words out too, where only `text` is asked."""

    def text(self, text: str) -> str:
        return self.all_of(text)


def personal_fields(kind: str) -> tuple[str, ...]:
    """Return the fields of a kind of person that say who it is: declared, and texts of one's own.

    What a company's own field holds of a contact is not known: it is taken for personal.
    """
    declared = [item.name for item in KINDS.get(kind).fields if item.is_personal]
    own = [item.name for item in history.custom_fields(kind) if item.type in _TEXTS]
    return (*declared, *own)


def subject_of(dossier: Dossier) -> Subject:
    """Return whom a dossier is about, from what stands now, or as it was sealed."""
    kept = opened(dossier.sealed)
    records = records_of(dossier)
    if "values" in kept:  # under way: what stood here may be gone already
        values = [Value(*item) for item in kept["values"]]
        words, names = list(kept["words"]), list(kept["names"])
        users = dict(kept["users"])
    else:
        values, words, names, users = gathered(dossier, list(kept.get("extra", [])))
    # by their numbers: no value is kept in the clear
    common = set(dossier.found.get("common", ()))
    with translation.override(people.company().language):
        mark = gettext("[erased]")
        titles = {kind: _title(kind) for kind in PERSON_KINDS}
    return Subject(
        records=records,
        values=tuple(v for at, v in enumerate(values) if at not in common),
        common=tuple(v for at, v in enumerate(values) if at in common),
        words=tuple(words),
        names=tuple(names),
        users=users,
        chosen=frozenset(Mention(*item) for item in dossier.chosen),
        mark=mark,
        titles=titles,
    )


def _title(kind: str) -> str:
    if kind == "rep":
        return gettext("Former rep %(id)s")
    return gettext("Erased person %(id)s")


def records_of(dossier: Dossier) -> dict[str, frozenset[int]]:
    """Return kind to ids of a dossier's records, those that were merged into them among them."""
    told: dict[str, set[int]] = {}
    for kind, record_id in dossier.records:
        if kind != USER:
            told.setdefault(kind, set()).add(int(record_id))
    return {
        kind: frozenset(ids | erasing.merged_away(kind, sorted(ids))) for kind, ids in told.items()
    }


def gathered(
    dossier: Dossier, extra: Sequence[str]
) -> tuple[list[Value], list[str], list[str], dict[str, str]]:
    """Return (values, words of names, whole names, user names) of a person, of all time."""
    texts: set[str] = set(extra)
    names: set[str] = {text for text in extra if "@" not in text}
    for kind, ids in records_of(dossier).items():
        ever = erasing.values_ever(kind, sorted(ids), personal_fields(kind))
        texts.update(*ever.values())
        names |= _whole_names(kind, sorted(ids), ever)
    users: dict[str, str] = {}
    for user in people.users_behind(
        sorted(records_of(dossier).get("rep", ())),
        [int(record_id) for kind, record_id in dossier.records if kind == USER],
    ):
        users[user.username] = f"erased-{user.user_id}"
        texts |= {user.email, user.username}
        names.add(user.name)
    values, words = sorted_out(sorted(texts), names=sorted(name for name in names if name))
    return values, words, sorted(name for name in names if name), users


def _whole_names(kind: str, ids: Sequence[int], ever: Mapping[str, set[str]]) -> set[str]:
    """Return whole names: as they stand, and first with last names of one record."""
    names = set(ever.get("name", ()))
    if {"first_name", "last_name"} <= ever.keys():
        for record_id in ids:
            own = erasing.values_ever(kind, [record_id], ("first_name", "last_name"))
            names |= {f"{a} {b}" for a in own["first_name"] for b in own["last_name"]}
    return names
