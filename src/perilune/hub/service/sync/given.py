"""Objects that a person names: their order, and the columns that tell of rows by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from perilune.hub.contracts.sources import NONE, Given, Probe
from perilune.hub.engine.mapping import plain
from perilune.hub.engine.sync.cells import says_of
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

G = TypeVar("G", bound=Given)

KEYS = ("id", "uid", "uuid", "guid", "key", "sysid", "objectid", "identifiant")
STAMPS = (
    "updatedat", "updatedon", "updated", "updateddate", "updatetime", "updatedtime", "lastupdated",
    "lastupdate", "lastupdatedat", "modifiedat", "modifiedon", "modified", "modifieddate",
    "lastmodified", "lastmodifieddate", "lastmodifiedat", "datemodified", "dateupdated",
    "systemmodstamp", "writedate", "changedat", "changedon", "majle", "datemaj",
    "datemodification", "modifiele", "misajourle", "rowversion",
)  # fmt: skip
BORNS = (
    "createdat", "createdon", "created", "createddate", "createdtime", "creationdate", "createdate",
    "datecreated", "dateentered", "addtime", "insertedat", "datecreation", "creele",
)  # fmt: skip
GONES = (
    "isdeleted", "deleted", "deletedat", "deletedon", "isremoved", "removed", "supprime",
    "supprimele",
)  # fmt: skip


class Names(Protocol):
    """A source whose objects a person names."""

    def greet(self) -> str:
        """Come in and return what answers, in its own words; Refused or Unavailable with why."""

    def probe(self, one: Any) -> Probe:
        """Look at an object and complete what was said of it; Invalid where it cannot be so."""


def in_order(found: Iterable[G]) -> list[G]:
    """Return objects children first: what a row refers to was there before it."""
    places = {kind.name: i for i, kind in enumerate(KINDS)}
    return sorted(found, key=lambda one: (-places.get(one.kind, 0), one.name))


def named(columns: Collection[str], words: Sequence[str]) -> str:
    """Return the column that is called like one of some words, in their order; "" for none."""
    by_word = {plain(column): column for column in columns}
    return next((by_word[word] for word in words if word in by_word), "")


def key_in(columns: Collection[str], kind: str) -> str:
    """Return the column that probably tells the key."""
    return named(columns, (*KEYS, f"{kind}id", f"{kind}key", "code"))


def chosen(given: str, columns: Collection[str], words: Sequence[str], *, name: str) -> str:
    """Return the column that was named, "-" for none, else one that is called so.

    Invalid where there is none of its name. name: of the object.
    """
    if given == NONE:
        return NONE
    if given and given not in columns:
        raise Invalid(_("%(object)s has no field %(field)s."), object=name, field=given)
    return given or named(columns, words) or NONE


def says_when(
    column: str, values: Sequence[Any], *, is_named: bool, name: str
) -> str:  # fmt: skip
    """Return how a column says when, "" where none does; Invalid where a person named it."""
    if column == NONE:
        return ""
    found = says_of(values)
    if found is None and is_named:
        value = next(str(one) for one in values if one not in (None, ""))
        raise Invalid(
            _("%(object)s: «%(value)s» in %(column)s does not say when a row changed."),
            object=name, value=value[:60], column=column,
        )  # fmt: skip
    return found.value if found else ""
