"""The shape of a pack in words: tables of texts that page, mail, PDF and JSON take alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True)
class Group:
    """Rows below a heading, with what to do; no heading where the block has one group."""

    rows: Sequence[Sequence[str]]
    title: str = ""
    todo: str = ""


@dataclass(frozen=True)
class Block:
    """A table; its caption names scope, as-of and period (rule 10). aligns: «left» or «right»."""

    title: str
    caption: str
    headers: Sequence[str]
    aligns: Sequence[str]
    groups: Sequence[Group]
    empty: str = ""
    note: str = ""


@dataclass(frozen=True)
class Words:
    """A pack in one language. running: the line that stands on every printed page."""

    language: str
    title: str
    finding: str
    running: str
    warning: str
    blocks: Sequence[Block]
    foot: str
    page: str

    def kept(self) -> dict[str, Any]:
        """Return the words as JSON keeps them."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Words:
        """Return the words that JSON kept."""
        blocks = [
            Block(**{**block, "groups": [Group(**group) for group in block["groups"]]})
            for block in kept["blocks"]
        ]
        return cls(**{**kept, "blocks": blocks})
