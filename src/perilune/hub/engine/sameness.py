"""Is a file another export of a system that is known here? Decided from headers and ids alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALIKE = 0.7
"""Share of common headers from which two files are exports of one report."""

MANY, FEW = 0.8, 0.2
"""Shares of known ids: surely the same system, and too few to say so."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for a file being of a known source, out of `of` looked-at ids.

    known: ids that the source sent before; titled: those of them with a name in the file;
    agreeing: those of them whose name here is the name in the file. is_named: the ids are names
    themselves, so that agreeing proves nothing. is_alike: the headers are those of an earlier file.
    """

    source: str
    of: int
    known: int
    titled: int
    agreeing: int
    is_alike: bool
    is_named: bool = False

    @property
    def share(self) -> float:
        """The share of the looked-at ids that the source sent before."""
        return self.known / self.of if self.of else 0.0

    @property
    def is_same(self) -> bool:
        """Whether nobody need be asked: the ids are known, under their names."""
        is_agreed = 2 * self.agreeing >= self.titled
        if self.is_alike:
            return self.share >= FEW and is_agreed
        return self.share >= MANY and is_agreed and self.titled > 0 and not self.is_named

    @property
    def is_doubtful(self) -> bool:
        """Whether it may be the same: known ids under other names, too few of them, other columns.

        Two systems that count from 1 share their ids: the names tell them apart.
        """
        if self.is_same or not self.known:
            return False
        return self.is_alike or self.share >= (0.5 if self.is_named else FEW)


@dataclass(frozen=True)
class Verdict:
    """The source that a file is taken for; is_asked: a person must say which.

    others: the names of all sources that are known.
    """

    source: str
    is_asked: bool = False
    evidence: tuple[Evidence, ...] = ()
    others: tuple[str, ...] = ()


def verdict(own: str, found: Sequence[Evidence]) -> Verdict:
    """Return which source a file named `own` is of, from the evidence for each known source."""
    ranked = sorted(found, key=lambda e: (e.is_same, e.share, e.source == own), reverse=True)
    same = tuple(e for e in ranked if e.is_same)
    doubtful = tuple(e for e in ranked if e.is_doubtful)
    named = next((e for e in ranked if e.source == own), None)
    if named is not None and _holds(named, same):
        return Verdict(own, evidence=(named,))
    if len(same) == 1:
        return Verdict(same[0].source, evidence=same)
    if same or doubtful:
        return Verdict(own, is_asked=True, evidence=same or doubtful)
    if named is not None:  # another file under a known name: no column, no id of it
        return Verdict(own, is_asked=True, evidence=(named,))
    return Verdict(own)


def _holds(named: Evidence, same: Sequence[Evidence]) -> bool:
    """Tell whether a file with the name of a source is of it: its columns or its ids say so too.

    Ids that only another source sent outweigh a name.
    """
    if named.is_same or (named.is_alike and (named.known or not same)):
        return True
    return named.is_doubtful and 2 * named.agreeing >= named.titled
