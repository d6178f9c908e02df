"""Searches bytes for a person, knowing nothing of what they are the bytes of: the proof.

Another road than the one that replaces: no table, column or declaration is asked.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from perilune.privacy.engine.values import CORE, NAME, PHONE, Value, digits, folded, words_of

_BETWEEN = rb"[\x00\t\n\r ,;:._\-+'/\"]{1,4}"
_IN_NUMBERS = rb"[\s.\-/()\x00]{0,4}"
OVERLAP = 2_048
"""Bytes of a chunk that are looked at again with the next one: no value is longer."""


class Tracer:
    """Finds values in bytes: UTF-8, UTF-16, Latin-1 and JSON's escapes, in any case."""

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = tuple(values)
        self._patterns = [re.compile(_pattern(v), re.IGNORECASE) for v in values]
        self._hints = [_hint(v) for v in values]

    def found(self, data: bytes | memoryview) -> set[int]:
        """Return the numbers of the values that stand in some bytes."""
        plain = bytes(data)
        if not plain:
            return set()
        lower = plain.lower()
        wide = lower.replace(b"\0", b"")
        return {
            number
            for number, pattern in enumerate(self._patterns)
            if (self._hints[number] in lower or self._hints[number] in wide)
            and pattern.search(plain) is not None
        }

    def through(self, data: bytes | memoryview) -> set[int]:
        """Return the numbers found in bytes, or in what they hold deflated at any place."""
        found = self.found(data)
        for inner in inflated(bytes(data)):
            found |= self.found(inner)
        return found

    def in_chunks(self, read: Callable[[int], bytes], size: int = 1 << 24) -> set[int]:
        """Return the numbers found in all that `read` gives, a chunk at a time."""
        found: set[int] = set()
        tail = b""
        while chunk := read(size):
            found |= self.found(tail + chunk)
            tail = chunk[-OVERLAP:]
        return found

    def in_document(self, value: Any) -> set[int]:
        """Return the numbers found in plain data."""
        found: set[int] = set()
        for leaf in _leaves(value):
            found |= self.found(leaf)
        return found


def inflated(data: bytes) -> Iterator[bytes]:
    """Give what zlib and gzip streams in some bytes hold: at their start, or after a short head."""
    for mark in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b\x08"):
        at = data.find(mark)
        while at != -1:
            with suppress(zlib.error):
                yield zlib.decompressobj(wbits=47).decompress(data[at:])
            at = data.find(mark, at + 2)


def _leaves(value: Any) -> Iterator[bytes]:
    if isinstance(value, str):
        yield value.encode("utf-8", "surrogatepass")
    elif isinstance(value, bytes | bytearray | memoryview):
        yield bytes(value)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(name)
            yield from _leaves(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _leaves(item)


def _pattern(value: Value) -> bytes:
    if value.sort == PHONE:
        core = digits(value.text)[-CORE:].encode()
        joined = _IN_NUMBERS.join(bytes([digit]) for digit in core)
        # within a longer row of digits it is another number: a key, a time, an amount
        return rb"(?<![0-9])(?:\+?[0-9]{1,3}[\s.\-/()\x00]{0,4})?" + joined + rb"(?![0-9])"
    if value.sort == NAME:
        words = words_of(value.text)
        orders = {tuple(words), (words[-1], *words[:-1]), (*words[1:], words[0])}
        forms = (_BETWEEN.join(map(_spelt, order)) for order in sorted(orders))
        # as where names are replaced: a double name that begins or ends alike is somebody else's
        before, after = rb"(?<![A-Za-z0-9])(?<![A-Za-z]-)", rb"(?![A-Za-z0-9]|-[A-Za-z])"
        return before + rb"(?:" + rb"|".join(forms) + rb")" + after
    return _spelt(value.text.strip())


def _spelt(text: str) -> bytes:
    return rb"\x00?".join(_char(char) for char in text)


def _char(char: str) -> bytes:
    if ord(char) < 128:
        return re.escape(char.encode())
    forms: set[bytes] = set()
    for one in {char, char.upper(), char.lower(), folded(char)}:
        forms.add(re.escape(one.encode()))
        forms.add(re.escape(one.encode("utf-16-le")))
        forms.add(re.escape(one.encode("latin-1", "ignore")))
        forms.add(re.escape("".join(f"\\u{ord(c):04x}" for c in one).encode()))
    return b"(?:" + b"|".join(sorted(form for form in forms if form)) + b")"


def _hint(value: Value) -> bytes:
    """Return the longest run of plain letters of a value: without it a chunk need not be read."""
    if value.sort == PHONE:
        # numbers are written in groups: the last two digits are what every spelling shares
        return digits(value.text)[-2:].encode()
    runs = re.findall(r"[\x21-\x7e]+", value.text.lower())
    words = [run for each in runs for run in re.split(r"[\s,;:._\-+'/]+", each)]
    return max(words, key=len, default="").encode()
