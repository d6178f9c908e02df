"""What a text file is: its encoding, delimiter and header row, from its bytes."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category

from perilune.kernel.errors import Invalid

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 200
_VALUE = re.compile(r"^[\s\d.,:/+\-%$€£()]*\d[\s\d.,:/+\-%$€£()TZ]*$")
_GUID = re.compile(r"^\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27,}\}?$")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class EncodingProbe:
    """Finds the encoding of a file while its bytes go by: UTF-8 when every byte agrees with it."""

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._is_cp1252 = True
        self._marked = ""
        self._head = b""
        self._zeros = 0
        self._total = 0

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the file."""
        if not self._head:
            self._head = block[:4096]
            self._marked = next((name for bom, name in _BOMS if block.startswith(bom)), "")
        self._total += len(block)
        if b"\0" in block:
            self._zeros += block.count(b"\0")
        if self._is_utf8:
            try:
                self._utf8.decode(block)
            except UnicodeDecodeError:
                self._is_utf8 = False
        if not self._is_utf8 and self._is_cp1252:
            # five bytes mean nothing in Windows-1252: then it is Latin-1
            self._is_cp1252 = len(block.translate(None, _NOT_CP1252)) == len(block)

    def result(self) -> str:
        """Return the codec's name; Invalid when the bytes are no text."""
        self._refuse_others()
        if self._marked:
            return self._marked
        if self._zeros:
            return self._wide()
        if self._is_utf8:
            try:
                self._utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                return "cp1252"
            return "utf-8"
        return "cp1252" if self._is_cp1252 else "latin-1"

    def _refuse_others(self) -> None:
        """Raise Invalid for documents, archives and pictures, whatever they are called."""
        if self._marked == "utf-16":
            self._check_utf16()
        odd = len(self._head) - len(self._head.translate(None, _CONTROLS))
        is_odd = not self._zeros and not self._marked and odd > len(self._head) * _FEW_CONTROLS
        if is_odd or self._head.startswith(_OTHER_FORMATS):
            raise Invalid("The file is not text: it holds binary data.")

    def _check_utf16(self) -> None:
        """Any bytes make some letters in UTF-16: what no table of text holds betrays the others."""
        decoder = codecs.getincrementaldecoder("utf-16")()
        try:
            text = decoder.decode(self._head, final=self._total <= len(self._head))
        except UnicodeDecodeError:
            text = ""
        strange = sum(category(c) in {"Cn", "Co", "Cc"} and c not in "\t\r\n" for c in text)
        is_table = any(c in text for c in ("\r", "\n", *DELIMITERS))
        if self._total % 2 or not is_table or strange > len(text) * _FEW_CONTROLS:
            raise Invalid("The file is not text: it holds binary data.")

    def _wide(self) -> str:
        """Tell UTF-16 without a mark by where the zeros stand; other zeros mean binary."""
        even, odd = self._head[::2].count(0), self._head[1::2].count(0)
        half = max(1, len(self._head) // 2)
        for codec, full, bare in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
            text = self._head[: len(self._head) // 2 * 2].decode(codec, errors="replace")
            readable = sum(c.isprintable() or c.isspace() for c in text)
            if full > half * 0.4 and bare < half * 0.1 and readable > len(text) * 0.95:
                return codec
        raise Invalid("The file is not text: it holds binary data.")


_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c\x1a") + b"\x7f"
_FEW_CONTROLS = 0.02
_OTHER_FORMATS = (
    b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b", b"SQLite format 3",
)  # fmt: skip
"""How documents, archives, pictures and workbooks begin, whatever their name says."""
_NOT_CP1252 = b"\x81\x8d\x8f\x90\x9d"


@dataclass(frozen=True)
class Layout:
    """How a table stands in its file: what separates cells, which line is the header."""

    delimiter: str
    header_row: int
    header: tuple[str, ...]
    has_header: bool
    quote: str = '"'


def delimiter_of(sample: str) -> str:
    """Return the delimiter under which the sample's rows agree best on more than one cell."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        widths = Counter(len(row) for row in _parsed(sample, delimiter) if row)
        width, times = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        if width < 2:
            continue
        score = times / widths.total() * (1 + min(width, 50) / 100)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _parsed(sample: str, delimiter: str) -> list[list[str]]:
    lines = sample.splitlines(keepends=True)
    try:
        return list(csv.reader(lines, delimiter=delimiter))[:SAMPLE_ROWS]
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines[:SAMPLE_ROWS]]


def layout_of(rows: Sequence[Sequence[str]], delimiter: str = ",") -> Layout:
    """Find the header among the first rows: the first row as wide as the table, all of it names.

    Report exports put titles above it; files without any header get `column 1`, `column 2`…
    """
    widths = Counter(_width(row) for row in rows if _width(row))
    if not widths:
        raise Invalid("The file has no rows.")
    width = max(widths, key=lambda w: (widths[w], w))
    for number, row in enumerate(rows[:20]):
        if _width(row) >= max(1, width) and _is_header(row):
            names = unique(_trimmed(row))
            return Layout(delimiter, number, names, has_header=True)
        if _width(row) == width:
            break
    first = next(i for i, row in enumerate(rows) if _width(row) == width)
    names = tuple(f"column {i + 1}" for i in range(width))
    return Layout(delimiter, first, names, has_header=False)


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return headers with blanks named and repeats numbered, so that each names one column."""
    seen: Counter[str] = Counter()
    result = []
    for number, name in enumerate(names, start=1):
        clean = " ".join(name.split()) or f"column {number}"
        seen[clean] += 1
        result.append(clean if seen[clean] == 1 else f"{clean} ({seen[clean]})")
    return tuple(result)


def _width(row: Sequence[str]) -> int:
    return len(_trimmed(row))


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _is_header(row: Sequence[str]) -> bool:
    names = [cell.strip() for cell in _trimmed(row)]
    filled = [name for name in names if name]
    return (
        len(filled) >= max(1, len(names) * 0.7)
        and len(set(filled)) >= len(filled) * 0.9
        and not any(_VALUE.match(name) or _GUID.match(name) for name in filled)
        and all(len(name) <= 120 for name in filled)
    )
