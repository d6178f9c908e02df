"""What crosses the border of webhooks: how calls are signed, what they say, why one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from perilune.kernel.messages import gettext_noop as _

HOOKS_JOB = "hooks.run"
"""The job that acts on calls and makes deliveries."""


class Scheme(StrEnum):
    """How a call proves who sent it."""

    STANDARD = "standard"
    HUBSPOT = "hubspot"
    BASIC = "basic"
    HMAC = "hmac"


SCHEME_LABELS = {
    Scheme.STANDARD: "Standard Webhooks",
    Scheme.HUBSPOT: "HubSpot v3",
    Scheme.BASIC: _("Pipedrive (user and password)"),
    Scheme.HMAC: _("HMAC-SHA256 of the body, in a header"),
}


class Refusal(StrEnum):
    """Why a call was not taken."""

    UNSIGNED = "unsigned"
    FORGED = "forged"
    OLD = "old"
    EARLY = "early"
    REPLAYED = "replayed"
    REUSED = "reused"
    LARGE = "large"
    CUT = "cut"
    UNREADABLE = "unreadable"
    OFF = "off"


REFUSAL_LABELS = {
    Refusal.UNSIGNED: _("without a signature"),
    Refusal.FORGED: _("with a wrong signature"),
    Refusal.OLD: _("signed too long ago"),
    Refusal.EARLY: _("signed in the future: compare the clocks"),
    Refusal.REPLAYED: _("replayed: the very same call came before"),
    Refusal.REUSED: _("the same id with other content"),
    Refusal.LARGE: _("too large"),
    Refusal.CUT: _("cut off on its way"),
    Refusal.UNREADABLE: _("no JSON that can be read"),
    Refusal.OFF: _("while it was switched off"),
}


class Forged(Exception):
    """A call that does not prove who sent it; reason says how."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Call:
    """A call as it arrived.

    addresses: under which the sender may have called. headers: by names in lower case.
    """

    addresses: tuple[str, ...]
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


class Seal(NamedTuple):
    """What a proved call says of itself: its id, and when it was signed (ms; 0 where unsaid)."""

    id: str
    stamp_ms: int


class CallState(StrEnum):
    """Where a call that was taken stands."""

    NEW = "new"
    DONE = "done"
    FAILED = "failed"


CALL_LABELS = {
    CallState.NEW: _("Waits"),
    CallState.DONE: _("Taken"),
    CallState.FAILED: _("Failed"),
}


class Happening(NamedTuple):
    """Something that a subscription tells. refs: what its body is made of when it is sent.

    key: which one it is within its feed; type: such as opportunity.changed.
    """

    key: str
    type: str
    refs: Mapping[str, object]


class SendState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    EMPTY = "empty"


SEND_LABELS = {
    SendState.WAITING: _("Waits"),
    SendState.SENT: _("Received there"),
    SendState.DEAD: _("Given up"),
    SendState.EMPTY: _("Nothing to tell"),
}

RECORD_KINDS = ("opportunity", "account", "contact", "lead", "activity")
"""Kinds of records that a subscription may ask for."""

CHANGES = ("created", "changed", "ended")

OTHER_EVENTS = {
    "forecast.recorded": _("Forecast run recorded"),
    "plan.published": _("Plan published"),
    "alert.made": _("Notice of the owner"),
}
TEST_EVENT = "test.ping"
