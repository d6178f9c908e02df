"""Files and folders as tables of text rows: CSV and its kin, gzipped or not, and spreadsheets.

Text files are streamed. Nothing here keeps more than a chunk, but a spreadsheet's sheet.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, NamedTuple

from perilune.hub.engine.text import SAMPLE_ROWS, EncodingProbe, Layout, delimiter_of, layout_of
from perilune.kernel import sheets
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab")
SHEET_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MAX_COLUMNS = 1_000
MAX_CELL = 1_000_000
GZIP_RATIO, GZIP_FREE = 300, 64 * 2**20
_BLOCK = 2**20
_FIRST = itemgetter(0)
_SAMPLE = 256 * 2**10

csv.field_size_limit(MAX_CELL)


class Fingerprint(NamedTuple):
    """What a file was when it was first looked at: a later difference means it was replaced."""

    size: int
    modified_ns: int
    inode: int
    digest: str


@dataclass(frozen=True)
class Table:
    """One table of rows: a text file, or one sheet of a spreadsheet."""

    name: str
    path: str
    sheet: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int
    has_header: bool
    fingerprint: Fingerprint
    formulas: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the table's description as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Table:
        """Return the table that `as_json` described."""
        fields = {**data, "header": tuple(data["header"])}
        return cls(**{**fields, "fingerprint": Fingerprint(*data["fingerprint"])})


class Chunk(NamedTuple):
    """Some rows of a table, each with the line of the file that it starts on."""

    lines: list[int]
    rows: list[list[str]]


def files_of(path: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Return the files that may hold records, and (file, reason) of those that do not.

    Invalid when there is nothing at the path.
    """
    if not path.exists():
        raise Invalid("There is no file or folder %(path)s.", path=str(path))
    if path.is_file():
        return [path], []
    taken, left = [], []
    for item in sorted(path.iterdir(), key=lambda p: p.name.lower()):
        if item.name.startswith((".", "~$")) or item.is_dir():
            continue
        if _ending(item) in TEXT_ENDINGS + SHEET_ENDINGS:
            taken.append(item)
        else:
            left.append((item, _("It is neither a table of text nor a spreadsheet.")))
    return taken, left


def _ending(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return "." + name.rsplit(".", 1)[-1] if "." in name else ""


def tables_of(path: Path) -> list[Table]:
    """Return the tables that a file holds. Invalid, in words for people, when it holds none."""
    size = path.stat().st_size
    if size == 0:
        raise Invalid("The file %(file)s is empty (0 bytes).", file=path.name)
    if _ending(path) in SHEET_ENDINGS:
        return _sheets(path)
    return [_text_table(path)]


def _text_table(path: Path) -> Table:
    print_, encoding = _probe(path)
    with _opened(path, encoding) as stream:
        sample = stream.read(_SAMPLE)
    if len(sample) == _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    if not sample.strip():
        raise Invalid("The file %(file)s holds no rows.", file=path.name)
    delimiter = "\t" if _ending(path) in {".tsv", ".tab"} else delimiter_of(sample)
    layout = layout_of(_head(sample, delimiter, path), delimiter)
    return _table(path, path.name, layout, print_, encoding=encoding)


def _table(path: Path, name: str, layout: Layout, print_: Fingerprint, **more: Any) -> Table:
    if len(layout.header) > MAX_COLUMNS:
        raise Invalid(
            "%(file)s has %(count)s columns; at most %(most)s can be read.",
            file=name,
            count=len(layout.header),
            most=MAX_COLUMNS,
        )
    more.setdefault("sheet", "")
    more.setdefault("encoding", "")
    return Table(
        name=name,
        path=str(path),
        delimiter=layout.delimiter,
        header=layout.header,
        header_row=layout.header_row,
        has_header=layout.has_header,
        fingerprint=print_,
        **more,
    )


def _probe(path: Path) -> tuple[Fingerprint, str]:
    """Read the bytes once: fingerprint and encoding; Invalid for binary data and gzip bombs."""
    before = path.stat()
    digest, probe, total = hashlib.blake2b(digest_size=16), EncodingProbe(), 0
    with _bytes(path) as stream:
        try:
            while block := stream.read(_BLOCK):
                digest.update(block)
                probe.feed(block)
                total += len(block)
                if total > max(GZIP_FREE, before.st_size * GZIP_RATIO):
                    raise Invalid(
                        "%(file)s unpacks to more than %(ratio)s times its size: refused.",
                        file=path.name,
                        ratio=GZIP_RATIO,
                    )
        except (OSError, EOFError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise Invalid("%(file)s is a damaged archive.", file=path.name) from error
    try:
        encoding = probe.result()
    except Invalid as error:
        raise Invalid(
            "%(file)s is not a table of text: it holds binary data.", file=path.name
        ) from error
    return Fingerprint(
        before.st_size, before.st_mtime_ns, before.st_ino, digest.hexdigest()
    ), encoding


def _bytes(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        return io.BufferedReader(gzip.open(path, "rb"))
    return path.open("rb")


def _opened(path: Path, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_bytes(path), encoding=encoding, errors="replace", newline="")


def _open_quote(path: Path, line: int) -> Invalid:
    return Invalid(
        "%(file)s, line %(line)s: a cell is longer than %(most)s characters; is a quote left open?",
        file=path.name,
        line=line,
        most=MAX_CELL,
    )


def _head(sample: str, delimiter: str, path: Path) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        return list(islice(reader, SAMPLE_ROWS))
    except csv.Error as error:
        raise _open_quote(path, reader.line_num) from error


def _sheets(path: Path) -> list[Table]:
    stat = path.stat()
    formulas = sheets.check(path)
    digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    print_ = Fingerprint(stat.st_size, stat.st_mtime_ns, stat.st_ino, digest)
    result = []
    for sheet in sheets.names(path):
        head = list(islice(sheets.rows(path, sheet), SAMPLE_ROWS))
        if not any(any(row) for row in head):
            continue
        name = f"{path.name} · {sheet}"
        table = _table(path, name, layout_of(head), print_, sheet=sheet, formulas=formulas)
        result.append(table)
    if not result:
        raise Invalid("The file %(file)s holds no rows.", file=path.name)
    return result


# -- reading -----------------------------------------------------------------------------------


def chunks(table: Table, size: int = 5_000) -> Iterator[Chunk]:
    """Give a table's rows below its header in chunks, blank rows left out.

    Invalid when the file was replaced or changed since it was looked at.
    """
    for chunk in _sheet_chunks(table, size) if table.sheet else _text_chunks(table, size):
        check_unchanged(table)
        if chunk.rows:
            yield chunk
    check_unchanged(table)


def check_unchanged(table: Table) -> None:
    """Raise Invalid when the file is no longer the one that was looked at."""
    try:
        now = Path(table.path).stat()
    except FileNotFoundError:
        now = None
    known = table.fingerprint
    if now is None or (now.st_size, now.st_mtime_ns, now.st_ino) != known[:3]:
        raise Invalid(
            "%(file)s was replaced or changed while it was being read; nothing was applied.",
            file=table.name,
        )


def _sheet_chunks(table: Table, size: int) -> Iterator[Chunk]:
    skip = table.header_row + (1 if table.has_header else 0)
    rows = enumerate(sheets.rows(Path(table.path), table.sheet), start=1)
    wanted = ((number, row) for number, row in rows if number > skip and any(row))
    while some := list(islice(wanted, size)):
        yield Chunk([number for number, _ in some], [row for _, row in some])


def _text_chunks(table: Table, size: int) -> Iterator[Chunk]:
    path = Path(table.path)
    with _opened(path, table.encoding) as stream:
        reader = csv.reader(stream, delimiter=table.delimiter)
        try:
            for _row in islice(reader, table.header_row + (1 if table.has_header else 0)):
                pass
            while True:
                line = reader.line_num
                rows = list(islice(reader, size))
                if not rows:
                    return
                if reader.line_num - line == len(rows):
                    lines = list(range(line + 1, line + 1 + len(rows)))
                else:
                    lines = _lines_of(rows, line)
                yield _without_blanks(lines, rows)
        except csv.Error as error:
            raise _open_quote(path, reader.line_num) from error
        except UnicodeError as error:
            raise Invalid(
                "%(file)s holds characters that cannot be read.", file=path.name
            ) from error


def _lines_of(rows: list[list[str]], line: int) -> list[int]:
    """Return the line that each row starts on, where cells run over several lines."""
    result = []
    for row in rows:
        result.append(line + 1)
        line += 1 + sum(cell.replace("\r\n", "\n").replace("\r", "\n").count("\n") for cell in row)
    return result


def _without_blanks(lines: list[int], rows: list[list[str]]) -> Chunk:
    if [] not in rows and all(map(_FIRST, rows)):
        return Chunk(lines, rows)
    kept = [(n, row) for n, row in zip(lines, rows, strict=True) if row and any(row)]
    return Chunk([n for n, _row in kept], [row for _n, row in kept])
