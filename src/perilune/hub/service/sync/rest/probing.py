"""Looks at a REST interface before it is read: its rows, what tells of them, its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from perilune.hub.contracts.sources import NONE, PAGINGS, Probe, RestObject
from perilune.hub.engine.sync import paths
from perilune.hub.engine.sync.cells import text_of
from perilune.hub.service.sync.given import BORNS, GONES, STAMPS, chosen, key_in, says_when
from perilune.hub.service.sync.rest.source import Interface
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

SHOWN = 5
MOST_SIZE = 10_000
_ROUND = frozenset({10, 20, 25, 30, 40, 50, 60, 75, 100, 200, 250, 500, 1_000})
"""How many rows pages have where nobody asks for another number."""


class Reader(Interface):
    """A REST interface, and what can be found out about it."""

    def greet(self) -> str:
        """Come in and return what answers."""
        return self.asking.greet()

    def probe(self, one: RestObject) -> Probe:
        """Look at an object and complete what was said of it; Invalid where it cannot be so."""
        one = _asked_well(one)
        found = self.asking.get(self.asking.place(one.path), self._params(one, None, None))
        assert found is not None
        answer, whole = found
        if not one.rows and not isinstance(answer, list):
            guessed = paths.guess_rows(answer)
            if guessed is None:
                raise Invalid(_("The answer holds no list of rows: say where they are."))
            one = replace(one, rows=guessed)
        rows = self._rows(one, answer)
        one = replace(one, total=one.total or paths.guess_total(answer, one.rows))
        one = _paged(one, answer, whole.links, len(rows))
        one = replace(one, is_sparse=bool(rows) and not paths.is_uniform(rows))
        shape = paths.shape_of(rows, {})
        if not rows and not one.key:
            raise Invalid(_("The answer has no rows yet: say which field tells the key."))
        one = self._read(one, rows, shape)
        count = paths.number_at(answer, one.total)
        self._proved(one, rows, count, answer, whole)
        shown = [[text_of(paths.at(row, name)) for name in shape] for row in rows[:SHOWN]]
        return Probe(one, tuple(shape), count, shown)

    def _read(
        self, one: RestObject, rows: Sequence[Mapping[str, Any]], shape: Mapping[str, str]
    ) -> RestObject:
        """Return an object with its columns named and how they say when."""
        if not rows:
            return replace(one, stamp=one.stamp or NONE, born=one.born or NONE,
                           gone=one.gone or NONE)  # fmt: skip
        key = one.key or key_in(list(shape), one.kind)
        if key not in shape:
            raise Invalid(
                _("Say which field tells the key: %(columns)s."), columns=", ".join(shape)[:300]
            )
        stamp = chosen(one.stamp, shape, STAMPS, name=one.name)
        born = chosen(one.born, shape, BORNS, name=one.name)
        gone = chosen(one.gone, shape, GONES, name=one.name)
        says, born_says = (
            says_when(column, [paths.at(row, column) for row in rows], is_named=bool(given),
                      name=one.name)
            for column, given in ((stamp, one.stamp), (born, ""))
        )  # fmt: skip
        says = "text" if says == "instant" else says
        return replace(
            one, key=key, stamp=stamp, born=born, gone=gone, says=says,
            born_says="" if born_says == "number" else born_says,
        )  # fmt: skip

    def _proved(  # an object and the answer that it gave
        self,
        one: RestObject,
        rows: Sequence[Mapping[str, Any]],
        count: int,
        answer: Any,
        whole: Any,
    ) -> None:
        """Raise Invalid unless pages go on as was said, and each row has a key of its own."""
        keys = [paths.cell(row, one.key) for row in rows]
        if len(set(keys)) < len(keys) or "" in keys:
            raise Invalid(
                _("%(column)s is no key: %(count)s rows share one with another."),
                count=len(keys) - len(set(keys) - {""}), column=one.key,
            )  # fmt: skip
        if one.paging == "none" and count > len(rows):
            raise Invalid(
                _("The answer has %(rows)s of %(total)s rows: say how the others are asked for."),
                rows=len(rows), total=count,
            )  # fmt: skip
        after = self._after(one, None, answer, whole)
        if after is not None and not 0 <= count <= len(rows):
            more, _total, _next = self._asked(one, {"at": after, "seen": 0}, None)
            if more and [paths.cell(row, one.key) for row in more] == keys:
                raise Invalid(
                    _("The second page brings the rows of the first one: look at how pages are"
                      " asked for.")
                )  # fmt: skip
        if one.one and rows and one.says:
            self._proved_one(one, rows[0], keys[0])

    def _proved_one(self, one: RestObject, row: Mapping[str, Any], key: str) -> None:
        found = self.single(one, key)
        if found is None:
            raise Invalid(_("The address of one row does not bring the row %(key)s."), key=key)
        missing = next((n for n in paths.flat(row) if not paths.has(found, n)), "")
        if missing:
            raise Invalid(
                _("%(object)s: the answer for one row lacks %(field)s, which a list has."),
                object=one.name, field=missing,
            )  # fmt: skip


def _asked_well(one: RestObject) -> RestObject:
    """Return an object whose parts fit together; Invalid where they do not."""
    if not one.path.strip():
        raise Invalid(_("Say at which path the rows are."))
    if one.paging not in ("", *PAGINGS):
        raise Invalid(_("There is no such way to ask for pages."))
    if one.paging in ("page", "offset", "cursor") and not one.page_name:
        raise Invalid(_("Say what the parameter of the page is called."))
    if one.one and "{key}" not in one.one:
        raise Invalid(_("The path of one row names its key as {key}."))
    if not 1 <= one.size <= MOST_SIZE:
        raise Invalid(_("A page has from 1 to %(most)s rows."), most=MOST_SIZE)
    return one


def _paged(one: RestObject, answer: Any, links: Mapping[str, Any], rows: int) -> RestObject:
    """Return an object with how its pages go on, where nobody said it and the answer shows it."""
    if one.paging in ("cursor", "next") and not one.after:
        guess = paths.guess_after if one.paging == "cursor" else paths.guess_next
        one = replace(one, after=guess(answer, one.rows))
        if not one.after:
            raise Invalid(_("Say where the answer tells the next page."))
    if one.paging:
        return one
    if links.get("next"):
        return replace(one, paging="link")
    after = paths.guess_next(answer, one.rows)
    if not after and not one.total and rows in _ROUND:
        raise Invalid(
            _("The answer has exactly %(rows)s rows, as a page has: say how pages are asked for."),
            rows=rows,
        )
    return replace(one, paging="next", after=after) if after else replace(one, paging="none")
