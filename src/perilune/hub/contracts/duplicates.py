"""What crosses the border of matching: columns and what they hold, pairs, groups, quality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class Role(StrEnum):
    """What a column holds, which decides how two of its values are compared."""

    NAME = "name"
    ADDRESS = "address"
    CITY = "city"
    POSTCODE = "postcode"
    COUNTRY = "country"
    PHONE = "phone"
    EMAIL = "email"
    DOMAIN = "domain"
    REGISTRATION = "registration"
    TEXT = "text"


ROLE_LABELS = {
    Role.NAME: _("name"),
    Role.ADDRESS: _("address"),
    Role.CITY: _("city"),
    Role.POSTCODE: _("postcode"),
    Role.COUNTRY: _("country"),
    Role.PHONE: _("phone"),
    Role.EMAIL: _("e-mail"),
    Role.DOMAIN: _("web domain"),
    Role.REGISTRATION: _("registration number"),
    Role.TEXT: _("text"),
}


@dataclass(frozen=True)
class Field:
    """A column that is compared, and what it holds."""

    column: str
    role: Role


class Verdict(StrEnum):
    """What is to be done with a pair."""

    MERGE = "merge"
    ASK = "ask"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which a pair is merged, and under which it is told as different."""

    merge: float = 0.9
    different: float = 0.1

    def verdict(self, probability: float) -> Verdict:
        """Return what is to be done with a pair of this probability."""
        if probability >= self.merge:
            return Verdict.MERGE
        return Verdict.ASK if probability > self.different else Verdict.DIFFERENT


@dataclass(frozen=True)
class Label:
    """A person's word on two records, by their row numbers, left < right."""

    left: int
    right: int
    same: bool


@dataclass(frozen=True)
class Part:
    """What one field adds to a pair: bits for (above zero) or against, and how alike it is.

    level: 0 different, then more alike, the last one equal; -1 where one of the two is missing.
    """

    column: str
    level: int
    levels: int
    bits: float


@dataclass(frozen=True)
class Share:
    """A share that was measured, `hits` of `of`, with its interval of 95 %; None without any."""

    value: float | None
    low: float | None
    high: float | None
    hits: float
    of: float


@dataclass(frozen=True)
class Quality:
    """How good the answer is on the user's own labels, each judged by a model that never saw it.

    folds: how many times the model was fitted anew; groups: connected sets of labelled records,
    which are held out whole.
    """

    precision: Share
    recall: Share
    labels: int
    groups: int
    folds: int


@dataclass(frozen=True)
class Options:
    """How to look: the thresholds, the seed of what is drawn, how many pairs to ask for."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    seed: int = 0
    ask: int = 0


Tell = Callable[[str, float], None]
"""Called with a message (msgid) and the share done, 0 to 1."""
