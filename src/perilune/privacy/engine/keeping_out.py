"""Recognises in rows of files whom nothing may bring back, from keyed hashes alone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from perilune.privacy.engine.values import EMAIL, NAME, PHONE, Value, folded, form, keyed, words_of

KEY = "key"
"""The sort of what a source knows a record by."""

_EMAILS = re.compile(r"[^@\s<>\"',;()\[\]]+@[^@\s<>\"',;()\[\]]+\.[^@\s<>\"',;()\[\]]+")
_PHONES = re.compile(r"(?<!\d)\+?\d[\d\s.\-()/]{6,22}\d(?!\d)")
_WORD = re.compile(r"[^\W_]+")
LONGEST_NAME = 4
"""Words of a name that are looked for in running text."""


def hint_of(text: str) -> int:
    """Return a few bits of a hash of a value's longest word, one in 4,096."""
    words = [folded(word) for word in words_of(text)]
    longest = max(words, key=len, default="")
    return zlib.crc32(longest.encode()) & 0xFFF


@dataclass(frozen=True)
class Outs:
    """Who is kept out. known: keyed hash to {kind: record that stands in their place}."""

    known: Mapping[str, Mapping[str, int]]
    hints: frozenset[int]
    key: bytes
    mark: str

    def __bool__(self) -> bool:
        return bool(self.known)

    def records(self, kind: str) -> frozenset[int]:
        """Return the records of a kind that stand in the place of those kept out."""
        return frozenset(found[kind] for found in self.known.values() if kind in found)

    def by_value(self, value: Value) -> Mapping[str, int]:
        """Return kind to record of whoever is kept out by a value."""
        return self.known.get(keyed(self.key, value.sort, form(value)), {})

    def by_key(self, source: str, kind: str, key: str) -> int | None:
        """Return the record of whoever a source knows by a key, None for anybody else."""
        digest = keyed(self.key, KEY, f"{source}\0{kind}\0{key}")
        return self.known.get(digest, {}).get(kind)

    def by_texts(self, kind: str, texts: Iterable[str]) -> int | None:
        """Return the record of whoever has one of these addresses or numbers."""
        for text in texts:
            for value in _shaped(text):
                found = self.by_value(value)
                if found:
                    return found.get(kind, next(iter(found.values())))
        return None

    def by_name(self, kind: str, name: str) -> int | None:
        """Return the record of whoever has this whole name, None for anybody else."""
        if len(words_of(name)) < 2:
            return None
        return self.by_value(Value(NAME, name)).get(kind)

    def cleaned(self, text: str) -> str:
        """Return a text without the addresses, numbers and whole names of those kept out."""
        if not self.known or not text:
            return text
        for pattern, sort in ((_EMAILS, EMAIL), (_PHONES, PHONE)):
            text = pattern.sub(self._replacing(sort), text)
        return self._without_names(text)

    def _replacing(self, sort: str) -> Callable[[re.Match[str]], str]:
        def replaced(match: re.Match[str]) -> str:
            return self.mark if self.by_value(Value(sort, match.group())) else match.group()

        return replaced

    def _without_names(self, text: str) -> str:
        words = list(_WORD.finditer(text))
        crcs = [zlib.crc32(folded(word.group()).encode()) & 0xFFF for word in words]
        spans: list[tuple[int, int]] = []
        for at, crc in enumerate(crcs):
            if crc not in self.hints:
                continue
            span = self._span(text, words, at)
            if span is not None:
                spans.append(span)
        for start, end in reversed(spans):
            text = text[:start] + self.mark + text[end:]
        return text

    def _span(self, text: str, words: list[re.Match[str]], at: int) -> tuple[int, int] | None:
        """Return where a name stands that has the word at a place, the longest one."""
        for length in range(LONGEST_NAME, 1, -1):
            for first in range(max(0, at - length + 1), min(at, len(words) - length) + 1):
                start, end = words[first].start(), words[first + length - 1].end()
                if end - start <= 80 and self.by_value(Value(NAME, text[start:end])):
                    return start, end
        return None


def _shaped(text: str) -> list[Value]:
    found = [Value(EMAIL, match.group()) for match in _EMAILS.finditer(text)]
    return found + [Value(PHONE, match.group()) for match in _PHONES.finditer(text)]
