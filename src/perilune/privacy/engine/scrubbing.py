"""Takes a person out of texts and plain data: every spelling, order and case of what names them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from perilune.privacy.engine.values import (
    CORE,
    EMAIL,
    NAME,
    PHONE,
    Value,
    digits,
    folded,
    valued,
    words_of,
)

_ACCENTED = {
    "a": "aàáâãäåāă", "c": "cçćč", "d": "dđð", "e": "eèéêëēėęě", "g": "gğ", "i": "iìíîïīı",
    "l": "lł", "n": "nñńň", "o": "oòóôõöøōő", "r": "rř", "s": "sšśş", "t": "tťţ", "u": "uùúûüūů",
    "y": "yýÿ", "z": "zžźż",
}  # fmt: skip
_BETWEEN = r"(?:[\s,;:._\-+'’·/\"]{1,4}|%20|\\n|\\t)"
_IN_NUMBERS = r"[\s.\-/()]{0,3}"
_NOT_AFTER, _NOT_BEFORE = r"(?<![^\W_])(?<![^\W\d_]-)", r"(?![^\W_]|-[^\W\d_])"
"""A double name that begins or ends alike is somebody else's."""
MOST_WORDS = 6


class Scrubber:
    """Replaces values and, where asked, words that identify a person only beside others.

    values: replaced wherever they stand. words: replaced by `all_of` alone. users: user name to
    what stands instead, as whole values. mark: what stands instead of the others. sets: the change
    sets that wrote rows of the person.
    """

    def __init__(
        self,
        values: Sequence[Value],
        mark: str,
        *,
        words: Sequence[str] = (),
        users: Mapping[str, str] | None = None,
        sets: frozenset[int] = frozenset(),
    ) -> None:
        self.values, self.mark, self.sets = tuple(values), mark, sets
        self.users = dict(users or {})
        self._hints = _Hints(values)
        self._every_hint = _Hints(values, [*words, *self.users])
        strong = [pattern_of(value) for value in values]
        self._strong = _any(strong)
        self._all = _any([*strong, *(_NOT_AFTER + _spelt(w) + _NOT_BEFORE for w in words)])

    def text(self, text: str) -> str:
        """Return a text without what identifies the person wherever it stands."""
        return self._strong.sub(self.mark, text) if self._hints.has(text) else text

    def is_hinted(self, text: str) -> bool:
        """Tell quickly whether a text may say anything of the person; most do not."""
        return self._every_hint.has(text)

    def all_of(self, text: str) -> str:
        """Return a text without the words either that name the person only beside others."""
        return self._all.sub(self.mark, text)

    def names(self, text: str) -> bool:
        """Tell whether a text names the person beyond doubt."""
        return self._hints.has(text) and self._strong.search(text) is not None

    def may_name(self, text: str) -> bool:
        """Tell whether a text has any word of the person's."""
        return self.is_hinted(text) and self._all.search(text) is not None

    def document(self, value: Any) -> Any:
        """Return plain data without the person; the very same object where nothing is to do."""
        if isinstance(value, str):
            return self.text(value) if self.names(value) else value
        if isinstance(value, dict):
            new = {
                (self.text(name) if isinstance(name, str) else name): self.document(item)
                for name, item in value.items()
            }
            same = len(new) == len(value) and all(
                name in value and value[name] is item for name, item in new.items()
            )
            return value if same else new
        if isinstance(value, list | tuple):
            items = [self.document(item) for item in value]
            if all(one is other for one, other in zip(items, value, strict=True)):
                return value
            return items if isinstance(value, list) else tuple(items)
        return value

    def user(self, name: str) -> str:
        """Return what stands instead of a user name, or the name itself."""
        return self.users.get(name, name)


class _Hints:
    """Parts of which every spelling has one: most texts have none, and are looked at once.

    Patterns one by one, each with a plain beginning: five times quicker than the whole ones.
    """

    def __init__(self, values: Sequence[Value], words: Sequence[str] = ()) -> None:
        parts = {_part(value) for value in values if value.sort != PHONE}
        found = {_spelt(part) for part in parts | set(words)}
        found |= {_IN_NUMBERS.join(digits(v.text)[-CORE:]) for v in values if v.sort == PHONE}
        self._each = [re.compile(pattern, re.IGNORECASE) for pattern in sorted(found)]

    def has(self, text: str) -> bool:
        """Tell whether a text has one of the parts."""
        return any(pattern.search(text) is not None for pattern in self._each)


def _part(value: Value) -> str:
    if value.sort == NAME:
        return max((folded(word) for word in words_of(value.text)), key=len)
    text = value.text.strip()
    return text.partition("@")[0] if value.sort == EMAIL else text


def search_of(text: str) -> str:
    """Return the pattern of what somebody types to find a person: a value, or words of a name."""
    value = valued(text)
    if value is None:
        return _BETWEEN.join(_spelt(word) for word in words_of(text))
    # databases know no look-around
    return re.sub(r"\(\?<?[!=][^()]*\)", "", pattern_of(value)).replace("(?:", "(")


def pattern_of(value: Value) -> str:
    """Return the regular expression of all spellings of a value."""
    if value.sort == PHONE:
        return _number(value.text)
    if value.sort == NAME:
        return _name(words_of(value.text))
    written = re.escape(value.text.strip())
    if value.sort == EMAIL:
        return r"(?<![\w.+\-])" + written.replace("@", "(?:@|%40)") + r"(?![\w\-])"
    return written


def _name(words: Sequence[str]) -> str:
    """Return a name's pattern: its words in order, or the last ones first."""
    orders = {tuple(words), (words[-1], *words[:-1]), (*words[1:], words[0])}
    if len(words) > MOST_WORDS:
        orders = {tuple(words)}
    forms = (_BETWEEN.join(_spelt(word) for word in order) for order in sorted(orders))
    return f"{_NOT_AFTER}(?:{'|'.join(forms)}){_NOT_BEFORE}"


def _spelt(word: str) -> str:
    """Return a word's pattern, with and without its accents, composed or not."""
    plain = folded(word)
    return "".join(
        f"[{_ACCENTED.get(char, re.escape(char))}][\u0300-\u036f]*"
        if char in _ACCENTED
        else re.escape(char)
        for char in plain
    )


def _number(text: str) -> str:
    core = _IN_NUMBERS.join(digits(text)[-CORE:])
    return rf"(?<!\d)(?:(?:\+|00)?\d{{1,3}}{_IN_NUMBERS}(?:\(0\))?\s?)?{core}(?!\d)"


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    # a pattern that never matches where there is nothing to look for
    return re.compile("|".join(f"(?:{p})" for p in patterns) or r"(?!)", re.IGNORECASE)
