"""Opens an import: looks at the files, proposes how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from perilune.history.contracts import to_us
from perilune.hub.contracts import (
    FileMap,
    Notice,
    RunState,
    Shape,
    from_json,
    to_json,
)
from perilune.hub.engine.mapping import propose
from perilune.hub.engine.sameness import Verdict
from perilune.hub.engine.sources import Table, files_of, tables_of
from perilune.hub.models import ImportRun, SavedMapping
from perilune.hub.service.common import (
    as_unavailable,
    drop_reading,
    run_of,
)
from perilune.hub.service.recognising import as_json, recognise
from perilune.kernel.asof import end_of_day
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people


def import_open(
    path: Path,
    *,
    source: str = "",
    mapping: Sequence[Mapping[str, Any]] | None = None,
    as_of: date | datetime | None = None,
    is_full: bool = False,
    is_forced: bool = False,
    actor: str = "",
) -> int:
    """Look at a file or folder, propose how it is read, and return the run's id.

    Without a source, files whose ids and headers this home knows are taken for the next export of
    that source; where that is in doubt `source_question` asks. Invalid when nothing in it can be
    read; Refused in a demo home. Nothing is written but the run.
    """
    company = people.company()
    if company.is_demo:
        raise Refused(
            _("This is a demo home: it never takes real data. Use «perilune init» for a company.")
        )
    path = path.expanduser().resolve()
    tables, notices = _look_at(path)
    named = (source or _source_of(path))[:80]
    found = Verdict(named)
    if not source:
        found = recognise(named, tables, lambda known: _mappings(known, tables, mapping))
    source = found.source
    likely = found.evidence[0].source if found.is_asked else source
    maps = _mappings(likely, tables, mapping)
    run = ImportRun.objects.create(
        source=source,
        title=path.name,
        path=str(path),
        actor=actor,
        asked_us=_as_of_us(as_of),
        is_full=is_full,
        is_forced=is_forced,
        tables=[table.as_json() for table in tables],
        mappings=[to_json(item) for item in maps],
        guess=as_json(named, found),
        notices=[asdict(n) for n in notices],
    )
    return run.id


def _look_at(path: Path) -> tuple[list[Table], list[Notice]]:
    files, left = files_of(path)
    notices = [Notice(reason, {}, file.name) for file, reason in left]
    tables: list[Table] = []
    for file in files:
        try:
            tables += tables_of(file)
        except Invalid as error:
            if path.is_file():
                raise
            notices.append(Notice(error.message, error.params, file.name))
        except OSError as error:
            raise as_unavailable(error) from error
    if not tables:
        raise Invalid(_("There is nothing to import in %(path)s."), path=path.name)
    return tables, notices


_DATED = re.compile(r"[\W_]*(\d{4}[\W_]?\d{2}([\W_]?\d{2})?|\(\d+\))$")
"""The date or copy number at the end of a name: `deals-2026-06-01`, `deals (1)`."""


def _source_of(path: Path) -> str:
    """Name the source after the file, without its date: next month's is the same source."""
    name = path.name if path.is_dir() else path.name.split(".")[0]
    name = _DATED.sub("", name) or name
    return re.sub(r"[^\w-]+", "-", name).strip("-").lower() or "file"


def _as_of_us(as_of: date | datetime | None) -> int | None:
    if as_of is None:
        return None
    if isinstance(as_of, datetime):
        return to_us(as_of)
    return to_us(end_of_day(as_of, people.company().zone))


def _mappings(
    source: str, tables: Sequence[Table], given: Sequence[Mapping[str, Any]] | None
) -> list[FileMap]:
    kinds = {kind.name: kind for kind in KINDS}
    saved = _saved(source, tables)
    named = {str(item.get("file", "")): item for item in given or ()}
    result = []
    for table in tables:
        chosen = named.get(table.name) or named.get("*") or saved.get(table.name)
        if chosen is not None:
            own = from_json({**chosen, "file": table.name})
            if _fits(own, table):
                result.append(own)
                continue
            if table.name in named or ("*" in named and len(tables) == 1):
                missing = sorted(_columns_of(own) - set(table.header))
                raise Invalid(
                    _("The file %(file)s has no column %(column)s."),
                    file=table.name,
                    column=missing[0],
                )
        result.append(propose(table.name, table.header, kinds, has_header=table.has_header))
    return result


def _saved(source: str, tables: Sequence[Table]) -> dict[str, Mapping[str, Any]]:
    """Return the remembered mapping of each table: by its file's name, else by the same headers."""
    by_file = {row.file: row.mapping for row in SavedMapping.objects.filter(source=source)}
    missing = [table for table in tables if table.name not in by_file]
    if not by_file or not missing:
        return by_file
    runs = ImportRun.objects.filter(source=source, state=RunState.DONE.value).order_by("-id")
    by_header: dict[tuple[str, ...], str] = {}
    for run in runs.only("tables")[:20]:
        for data in run.tables:
            by_header.setdefault(tuple(data["header"]), data["name"])
    for table in missing:
        before = by_file.get(by_header.get(table.header, ""))
        if before is not None:
            by_file[table.name] = before
    return by_file


def _columns_of(mapping: FileMap) -> set[str]:
    used = {one.column for record in mapping.records for one in record.fields if one.column}
    used |= {name for record in mapping.records for name in record.key}
    return used | set(dict(mapping.options.get("columns", {})).values())


def _fits(mapping: FileMap, table: Table) -> bool:
    return _columns_of(mapping) <= set(table.header)


def import_map(run_id: int, mappings: Sequence[Mapping[str, Any]]) -> None:
    """Take changed mappings for a run that is not yet applied; it is read anew."""
    run = run_of(run_id)
    if RunState(run.state) not in (RunState.OPENED, RunState.READY, RunState.STOPPED):
        raise Conflict(_("This import is under way or over; its mapping can no longer change."))
    tables = [Table.from_json(table) for table in run.tables]
    maps = [from_json(item) for item in mappings]
    for table, item in zip(tables, maps, strict=True):
        if not _fits(item, table):
            missing = sorted(_columns_of(item) - set(table.header))
            raise Invalid(
                _("The file %(file)s has no column %(column)s."), file=table.name, column=missing[0]
            )
    run.mappings = [to_json(item) for item in maps]
    run.state = RunState.OPENED.value
    run.save(update_fields=["mappings", "state"])
    drop_reading(run)


def source_question(run_id: int) -> bool:
    """Tell whether a person must say first which source the files are of."""
    return bool(run_of(run_id).guess.get("is_asked"))


def doubts_of(run_id: int) -> list[tuple[str, str]]:
    """Return (file, msgid) of what keeps the mapping from being accepted unseen."""
    run = run_of(run_id)
    maps = [from_json(item) for item in run.mappings]
    found = [(m.file, doubt) for m in maps for doubt in m.doubts if m.shape is not Shape.SKIP]
    if all(m.shape is Shape.SKIP for m in maps):
        found += [(m.file, m.reason) for m in maps]
    return found
