"""Spaces, and words that stand for nothing."""

from __future__ import annotations

import re

from perilune.hub.contracts.mending import Normal, Rule, Sure

_UNSEEN = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad]")
_NOTHING = frozenset(
    ("-", "--", "---", ".", "..", "...", "?", "??", "n/a", "n.a.", "#n/a", "none", "null", "nan",
     "nil", "unknown", "inconnu", "inconnue", "tbd", "à compléter", "xxx", "xxxx")
)  # fmt: skip


def tidy(text: str) -> str:
    """Return a text with one space between its words, none around it, no signs without a look."""
    return " ".join(_UNSEEN.sub("", text).split())


def spaces(text: str) -> Normal:
    """Return a text without spaces too many."""
    value = tidy(text)
    return Normal(value or None, Rule.SPACES) if value != text else Normal(text)


def nothing(text: str) -> Normal:
    """Return None for what was written only because a form asked: «n/a», «-», 0000000000."""
    plain = tidy(text).casefold()
    digits = re.sub(r"[\s.()+/-]", "", plain)
    is_same = len(digits) >= 6 and digits.isdigit() and len(set(digits)) == 1
    if plain in _NOTHING or is_same:
        return Normal(None, Rule.NOTHING, Sure.LIKELY)
    return Normal(text)
