"""A table of companies or people as a source: read once from its first row to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from perilune.hub.contracts.enriching import Answer, Subject
from perilune.hub.engine.enriching.joining import Joining
from perilune.hub.engine.enriching.registers import Said, reader_of
from perilune.hub.engine.sources import chunks, files_of, tables_of
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS


class FileSource:
    """A file or a folder of files: the stock files of the French register, or any table."""

    def __init__(
        self, path: Path, *, kind: str = "account", threshold: float = 0.9,
        tell: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        self.path, self.kind, self.threshold = path, kind, threshold
        self._tell = tell or (lambda _rows: None)

    def answers(self, subjects: Sequence[Subject]) -> Iterator[Answer]:
        """Give what the rows say; Invalid where the files hold no table."""
        joining = Joining(subjects, self.threshold)
        files, _left = files_of(self.path)
        if not files:
            raise Invalid(_("There is no table to read."))
        seen = 0
        for rows in chain.from_iterable(map(self._rows, files)):
            joining.take(rows)
            seen += len(rows)
            self._tell(seen)
        yield from joining.answers()

    def _rows(self, file: Path) -> Iterator[list[Said]]:
        kind = KINDS.get(self.kind)
        for table in tables_of(file):
            read = None
            for chunk in chunks(table):
                read = read or reader_of(table.header, chunk.rows[:500], kind)
                yield [read(row) for row in chunk.rows]
