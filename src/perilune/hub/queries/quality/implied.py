"""Fields that other data imply, with the evidence on all records, and what would fill the gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from perilune.crm.queries import saved_views
from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import KINDS_JUDGED, Implied, ImpliedField
from perilune.hub.engine.quality.implied import AGREE, FEWEST, Clue, clues
from perilune.hub.models import ImpliedChoice
from perilune.hub.queries.quality.needed import needed_fields
from perilune.hub.queries.quality.rules import rules_at
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.keeping import Kept
from perilune.kernel.kinds import CUSTOM_PREFIX, Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.store.service import current

SAMPLE = 2_000
MOSTLY = 0.5
"""Share of records that must fill a field before its gaps are taken for lacks."""
_KEYS = (
    FieldType.TEXT,
    FieldType.CHOICE,
    FieldType.REFERENCE,
    FieldType.INTEGER,
    FieldType.BOOLEAN,
)
_LEFT = (FieldType.LONG_TEXT, FieldType.INSTANT)
_PLAIN = "t"

_found: Kept[list[ImpliedField]] = Kept(32)


@dataclass(frozen=True)
class Term:
    """A column that may imply another; via: the reference through which it is read."""

    name: str
    sql: str
    join: str
    type: tuple[FieldType, str]
    via: str = ""


def terms(kind: str) -> dict[str, Term]:
    """Return the columns of a kind, and those of the records that it refers to, by name."""
    found = {}
    for item in all_fields(kind):
        found[item.name] = Term(item.name, f'{_PLAIN}."{item.name}"', "", (item.type, item.target))
        if item.type is not FieldType.REFERENCE or item.target not in KINDS:
            continue
        alias = f"n_{item.name}"
        join = f'LEFT JOIN "{item.target}" AS {alias} ON {alias}.id = {_PLAIN}."{item.name}"'
        title = KINDS.get(item.target).title_field
        for other in all_fields(item.target):
            if other.type in _KEYS and other.name != title and not other.is_personal:
                name = f"{item.name}.{other.name}"
                sql = f'{alias}."{other.name}"'
                found[name] = Term(name, sql, join, (other.type, other.target), item.name)
    return found


def implied_fields(kind: str, as_of: AsOf) -> list[ImpliedField]:
    """Return the fields of a kind that other data imply; NotFound for a kind that is not judged.

    What is never hidden is among them only where its gaps can be filled.
    """
    if kind not in KINDS_JUDGED:
        raise NotFound(_("There is no kind of record named %(name)s."), name=kind)
    needed = needed_fields(kind)
    key = (
        kind,
        as_of.at,
        current().path,
        store.freshness().version,
        tuple(f.name for f in all_fields(kind)),
        needed,
    )
    return _found.get(key, lambda: _look(kind, as_of, needed))


def _look(kind: str, as_of: AsOf, needed: frozenset[str]) -> list[ImpliedField]:
    fields = [item for item in all_fields(kind) if item.type not in _LEFT]
    rows, told = _counts(kind, fields, as_of)
    if rows < FEWEST:
        return []
    found = list(_plain(kind, fields, rows, told, as_of, needed))
    settled = {one.field for one in found if one.how is not Implied.UNREAD}
    title = KINDS.get(kind).title_field
    open_fields = {
        item.name: item for item in fields
        if item.name not in settled and item.name != title and told[item.name][0] >= FEWEST
    }  # fmt: skip
    for clue in _clues(kind, open_fields, rows, as_of):
        made = _measured(kind, clue, rows, as_of)
        is_kept = clue.field in needed
        if made.filled >= FEWEST and made.share >= AGREE and (made.gaps or not is_kept):
            found.append(made)
    return found


def _counts(
    kind: str, fields: Sequence[Field], as_of: AsOf
) -> tuple[int, dict[str, tuple[int, int, str]]]:
    """Return how many records there are, and of each field (filled, distinct, the least value)."""
    parts = ", ".join(
        f'COUNT(t."{f.name}") AS n{at}, COUNT(DISTINCT t."{f.name}") AS d{at},'
        f' CAST(MIN(t."{f.name}") AS VARCHAR) AS v{at}'
        for at, f in enumerate(fields)
    )
    sql = f'SELECT COUNT(*) AS n, {parts} FROM "{kind}" AS t'
    row = store.run_sql(sql, scope=Scope.company(), as_of=as_of).dicts()[0]
    return row["n"], {
        f.name: (row[f"n{at}"], row[f"d{at}"], row[f"v{at}"] or "") for at, f in enumerate(fields)
    }


def _plain(  # noqa: PLR0917  # of one reading
    kind: str, fields: Sequence[Field], rows: int, told: dict[str, tuple[int, int, str]],
    as_of: AsOf, needed: frozenset[str],
) -> Iterator[ImpliedField]:  # fmt: skip
    """Give what is (hardly) never filled, (nearly) always the same, or read by nothing."""
    read = _read(kind)
    for item in fields:
        filled = told[item.name][0]
        is_kept = item.name in needed
        if not filled:
            if not is_kept:
                yield ImpliedField(kind, item.name, Implied.EMPTY, rows=rows, agree=rows)
        elif filled >= max(FEWEST, MOSTLY * rows) and (filled < rows or not is_kept):
            yield from _constant(kind, item, rows, told[item.name], as_of)
        elif filled <= (1 - AGREE) * rows and not is_kept:
            yield ImpliedField(
                kind, item.name, Implied.RARE, rows=rows, filled=filled, agree=rows - filled
            )
        if filled and item.name.startswith(CUSTOM_PREFIX) and item.name not in read:
            yield ImpliedField(kind, item.name, Implied.UNREAD, rows=rows, filled=filled,
                               agree=filled)  # fmt: skip


def _constant(
    kind: str, item: Field, rows: int, told: tuple[int, int, str], as_of: AsOf
) -> Iterator[ImpliedField]:
    """Give a field of which all, or nearly all, that fill it say the same."""
    filled, distinct, value = told
    how, top = Implied.CONSTANT, filled
    if distinct > 1:
        if distinct - 1 > (1 - AGREE) * filled:
            return  # each other value is said at least once
        said = store.run_sql(_commonest(kind, item.name), scope=Scope.company(), as_of=as_of)
        value, top = said.rows[0]
        how = Implied.MOSTLY
    if top >= AGREE * filled:
        yield ImpliedField(
            kind, item.name, how, value=value, rows=rows, filled=filled, agree=top,
            gaps=rows - filled,
        )  # fmt: skip


def _commonest(kind: str, field: str) -> str:
    """Return the query of a field's commonest value: as text, how often."""
    return (
        f'SELECT CAST(t."{field}" AS VARCHAR) AS said, COUNT(*) AS n FROM "{kind}" AS t'
        f' WHERE t."{field}" IS NOT NULL GROUP BY t."{field}" ORDER BY n DESC, said LIMIT 1'
    )


def _read(kind: str) -> set[str]:
    """Return the fields that named SQL, saved lists or rules are known to read.

    What the house reads by itself cannot be told of declared fields; of the company's own it can.
    """
    words: set[str] = set()
    for spec in store.specs():
        words.update(re.findall(r"\bx_[a-z0-9_]+", spec.sql))
    for rule in rules_at(company().today):
        if rule.kind == kind:
            words |= {rule.field, *(one.column for one in rule.conditions)}
    for view in saved_views(kind, ""):
        words.update(re.findall(r"\bx_[a-z0-9_]+", view.query))
    return words


def _clues(kind: str, open_fields: dict[str, Field], rows: int, as_of: AsOf) -> list[Clue]:
    known = terms(kind)
    asked = [known[name] for name in open_fields]
    title = KINDS.get(kind).title_field  # what a name says is no rule
    by = [one for one in known.values() if one.type[0] in _KEYS and one.name != title]
    barred = {(one.via, one.name) for one in by if one.via}
    joins = " ".join(dict.fromkeys(one.join for one in by if one.join))
    each = max(1, rows // SAMPLE)
    shown = ", ".join(
        [f"{one.sql} AS a{at}" for at, one in enumerate(asked)]
        + [f"{one.sql} AS b{at}" for at, one in enumerate(by)]
    )
    sql = f'SELECT {shown} FROM "{kind}" AS t {joins} WHERE t.id % {each} = 0 ORDER BY t.id'
    result = store.run_sql(sql, scope=Scope.company(), as_of=as_of)
    columns = list(zip(*result.rows, strict=True)) or [() for _column in result.columns]
    fields = {one.name: columns[at] for at, one in enumerate(asked)}
    others = {one.name: columns[len(asked) + at] for at, one in enumerate(by)}
    return clues(fields, others, {one.name: one.type for one in known.values()}, barred)


def _pairs_sql(kind: str, field: str, by: str) -> str:
    """Return the rows of a kind with both values: id, a (the field), b (what implies it)."""
    one, other = terms(kind)[field], terms(kind)[by]
    return f'SELECT t.id, {one.sql} AS a, {other.sql} AS b FROM "{kind}" AS t {other.join}'


def _told_sql(kind: str, field: str, how: Implied, by: str) -> str:
    """Return what implies a field, and what it says: b, said, n (rows), top (rows that agree)."""
    pairs = _pairs_sql(kind, field, by)
    if how is Implied.COPY:
        return (
            f"SELECT p.b, p.b AS said, COUNT(*) AS n, COUNT(CASE WHEN p.a = p.b THEN 1 END) AS top"
            f" FROM ({pairs}) AS p WHERE p.a IS NOT NULL AND p.b IS NOT NULL GROUP BY p.b"
        )
    return (
        "SELECT k.b, k.a AS said, k.all_n AS n, k.n AS top FROM ("
        "SELECT c.b, c.a, c.n, SUM(c.n) OVER (PARTITION BY c.b) AS all_n,"
        " ROW_NUMBER() OVER (PARTITION BY c.b ORDER BY c.n DESC, c.a) AS place FROM ("
        f"SELECT p.b, p.a, COUNT(*) AS n FROM ({pairs}) AS p"
        " WHERE p.a IS NOT NULL AND p.b IS NOT NULL GROUP BY p.b, p.a) AS c) AS k"
        " WHERE k.place = 1 AND k.all_n > 1"
    )


def _measured(kind: str, clue: Clue, rows: int, as_of: AsOf) -> ImpliedField:
    """Return a finding with its counts over all records."""
    field, how, by = clue.field, clue.how, clue.by
    told = _told_sql(kind, field, how, by)
    sql = f"SELECT COALESCE(SUM(w.n), 0) AS n, COALESCE(SUM(w.top), 0) AS top FROM ({told}) AS w"
    row = store.run_sql(sql, scope=Scope.company(), as_of=as_of).dicts()[0]
    lacking = 0
    if row["n"] >= MOSTLY * rows:
        text = f"SELECT COUNT(*) AS n FROM ({gaps_sql(kind, field, how, by)}) AS g"
        given = {"agree": AGREE} if how is Implied.LOOKUP else {}
        lacking = store.run_sql(text, given, scope=Scope.company(), as_of=as_of).scalar() or 0
    return ImpliedField(
        kind, field, how, by, rows=rows, filled=int(row["n"]), agree=int(row["top"]),
        gaps=int(lacking),
    )  # fmt: skip


def gaps_sql(kind: str, field: str, how: Implied, by: str) -> str:
    """Return the records that lack a field, with what it would be filled by: id, said."""
    pairs = _pairs_sql(kind, field, by)
    if how is Implied.COPY:
        return f"SELECT p.id, p.b AS said FROM ({pairs}) AS p WHERE p.a IS NULL AND p.b IS NOT NULL"
    told = _told_sql(kind, field, how, by)
    return (
        f"SELECT p.id, w.said FROM ({pairs}) AS p INNER JOIN ({told}) AS w ON w.b = p.b"
        " WHERE p.a IS NULL AND w.top >= w.n * :agree"
    )


def gaps(found: ImpliedField, as_of: AsOf, most: int) -> list[tuple[int, Any]]:
    """Return (record, value) of records that lack a field and what other data say it is."""
    if found.how in (Implied.EMPTY, Implied.RARE, Implied.UNREAD):
        return []
    if found.how in (Implied.CONSTANT, Implied.MOSTLY):
        top = (
            f'SELECT u."{found.field}" FROM "{found.kind}" AS u WHERE u."{found.field}" IS NOT NULL'
            f' GROUP BY u."{found.field}" ORDER BY COUNT(*) DESC, u."{found.field}" LIMIT 1'
        )
        sql = (
            f'SELECT t.id, w.said FROM "{found.kind}" AS t CROSS JOIN (SELECT ({top}) AS said) AS w'
            f' WHERE t."{found.field}" IS NULL'
        )
    else:
        sql = gaps_sql(found.kind, found.field, found.how, found.by)
    text = f"SELECT g.id, g.said FROM ({sql}) AS g ORDER BY g.id LIMIT :most"
    params = {"agree": AGREE, "most": most}
    return list(store.run_sql(text, params, scope=Scope.company(), as_of=as_of).rows)


def implied_choices(kind: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what was decided of the findings of a kind, and by whom, by field and how."""
    return {
        (row.field, row.how): (row.choice, row.actor)
        for row in ImpliedChoice.objects.filter(kind=kind)
    }
