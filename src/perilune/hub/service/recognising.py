"""Recognises another export of a known source under a new name, before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts import FileMap, RunState, Shape
from perilune.hub.engine.mapping import plain
from perilune.hub.engine.rows import SEPARATOR
from perilune.hub.engine.sameness import ALIKE, Evidence, Verdict, verdict
from perilune.hub.engine.sources import Chunk, Table, chunks
from perilune.hub.models import ImportRun
from perilune.kernel.wiring import KINDS

LOOKED_AT = 2_000
"""Rows at the head of each table whose ids are looked up."""

Mapper = Callable[[str], Sequence[FileMap]]


def recognise(own: str, tables: Sequence[Table], mapped: Mapper) -> Verdict:
    """Return which source some files are of; `mapped` gives their mappings for a source."""
    known = _known_sources()
    if not known:
        return Verdict(own)
    heads = [next(iter(chunks(table, LOOKED_AT)), Chunk([], [])) for table in tables]
    found = []
    for source, runs in known.items():
        maps = mapped(source)
        evidence = _evidence(source, runs, tables, maps, heads)
        if evidence is not None:
            found.append(evidence)
    return replace(verdict(own, found), others=tuple(known))


def as_json(own: str, found: Verdict) -> dict[str, Any]:
    """Return a verdict as a run keeps it: the reason shown, and whether an answer is due."""
    return {
        "own": own,
        "others": list(found.others),
        "is_asked": found.is_asked,
        "evidence": [asdict(one) | {"share": round(one.share, 3)} for one in found.evidence],
    }


def _known_sources() -> dict[str, list[ImportRun]]:
    result: dict[str, list[ImportRun]] = {}
    runs = ImportRun.objects.filter(state=RunState.DONE.value).order_by("-id")
    for run in runs.only("source", "tables", "counts")[:400]:
        result.setdefault(run.source, []).append(run)
    return result


def _evidence(
    source: str,
    runs: Sequence[ImportRun],
    tables: Sequence[Table],
    maps: Sequence[FileMap],
    heads: Sequence[Chunk],
) -> Evidence | None:
    """Return what speaks for a source; None where it never sent a kind that these files hold."""
    kinds = {kind for run in runs for kind in run.counts}
    headers = [_words(table["header"]) for run in runs for table in run.tables]
    of = known = titled = agreeing = 0
    is_alike, is_named = False, True
    for table, mapping, head in zip(tables, maps, heads, strict=True):
        record = mapping.records[-1] if mapping.records else None
        if mapping.shape is Shape.SKIP or record is None or record.kind not in kinds:
            continue
        is_alike = is_alike or any(_share(_words(table.header), other) for other in headers)
        key, title = _columns(mapping)
        if not key:
            continue
        texts = _keys(table, head, key, title)
        sent = history.identities(source, record.kind, texts)
        of, known = of + len(texts), known + len(sent)
        if title and (title,) != key:
            is_named = False
            names = {sent[k][0]: name for k, name in texts.items() if k in sent and name}
            here = _titles(record.kind, list(names))
            titled += len(names)
            agreeing += sum(here.get(i) == name.casefold() for i, name in names.items())
    return Evidence(source, of, known, titled, agreeing, is_alike, is_named) if of else None


def _words(header: Sequence[str]) -> frozenset[str]:
    return frozenset(map(plain, header))


def _share(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def _columns(mapping: FileMap) -> tuple[tuple[str, ...], str]:
    """Return the columns of a table's ids, and the one of the names beside them."""
    record = mapping.records[-1]
    told = mapping.options.get("columns")
    if told:
        own = told.get("case") or told.get("record")
        return ((own,) if own else ()), ""
    title = KINDS.get(record.kind).title_field
    names = [f.column for f in record.fields if f.field == title and f.column not in record.key]
    return record.key, names[0] if names else ""


def _keys(table: Table, head: Chunk, key: tuple[str, ...], title: str) -> dict[str, str]:
    """Return the ids at the head of a table, each with the name beside it."""
    at = {name: i for i, name in enumerate(table.header)}
    places, beside = [at[name] for name in key if name in at], at.get(title, -1)
    most = max([*places, beside])
    found: dict[str, str] = {}
    for row in islice(head.rows, LOOKED_AT):
        if len(row) > most:
            text = SEPARATOR.join(row[i].strip() for i in places)
            if text.strip(SEPARATOR):
                found.setdefault(text, row[beside].strip() if beside >= 0 else "")
    return found


def _titles(kind: str, ids: Sequence[int]) -> dict[int, str]:
    title = KINDS.get(kind).title_field
    if not title or not ids:
        return {}
    states = history.raw_states(kind, ids)
    return {i: str(values.get(title) or "").casefold() for i, values in states.items()}
