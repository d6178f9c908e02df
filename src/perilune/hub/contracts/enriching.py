"""What crosses the border of enrichment: who is asked about which records, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _


class Form(StrEnum):
    """How a provider is asked."""

    FILE = "file"
    SERVICE = "service"


FORM_LABELS = {Form.FILE: _("File"), Form.SERVICE: _("HTTP service")}


class Policy(StrEnum):
    """What an answer may do to a field."""

    FILL = "fill"
    REPLACE = "replace"
    ASK = "ask"
    LEAVE = "leave"


POLICY_LABELS = {
    Policy.FILL: _("only fill it where it is empty"),
    Policy.REPLACE: _("replace what is older than the answer"),
    Policy.ASK: _("propose whatever differs"),
    Policy.LEAVE: _("leave it alone"),
}
"""What is proposed; nothing is ever written before a person accepts it."""

ENRICHED: tuple[str, ...] = ("account", "contact", "lead")
"""Kinds whose records are enriched."""


@dataclass(frozen=True)
class Subject:
    """A record that a provider is asked about: values by field name, encoded."""

    record_id: int
    values: Mapping[str, Scalar]

    def text(self, name: str) -> str:
        """Return a value as text, empty for none."""
        value = self.values.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Answer:
    """What a provider says of a record: values by field name, encoded.

    told_on: as of when. probability: that it speaks of this record, None where an exact number, or
    the record's own address, decided (rule 36).
    """

    record_id: int
    values: Mapping[str, Scalar]
    told_on: date | None = None
    probability: float | None = None


class Source(Protocol):
    """Whoever can be asked.

    Answers come in any order, and none about records of which nothing is known.
    """

    def answers(self, subjects: Sequence[Subject]) -> Iterator[Answer]:
        """Give what is said of the subjects. Unavailable where it cannot be asked now."""
        ...


@dataclass(frozen=True)
class ServiceSettings:
    """How an HTTP service is asked.

    address: with {siren}, {siret}, {vat_number}, {domain}, {name}, {country}, {email} where a
    record's values go; a record without one of them is not asked about. fields: field to where its
    value stands in the answer's JSON, parts apart by dots. dated: where its date stands.
    timeout: seconds; budget: requests a day, 0 for as many as it takes.
    """

    address: str
    fields: Mapping[str, str]
    dated: str = ""
    timeout: float = 10
    budget: int = 1_000


@dataclass(frozen=True)
class ProviderInfo:
    """A provider as pages show it; headers are never shown."""

    id: int
    name: str
    form: Form
    kind: str
    service: ServiceSettings | None
    policies: Mapping[str, Policy]
    threshold: float
    used_today: int
    asked_at: datetime | None
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    job_id: int | None = None


@dataclass(frozen=True)
class Enriched:
    """What asking brought. asked, answered: records; found: proposals that wait now.

    left: records that were not asked about, for the day's budget is used up.
    """

    asked: int
    answered: int
    found: int
    left: int = 0
