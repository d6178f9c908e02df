"""Words and tables of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.hub.contracts.hooks import (
    CALL_LABELS,
    REFUSAL_LABELS,
    SCHEME_LABELS,
    SEND_LABELS,
    TEST_EVENT,
    CallState,
    SendState,
)
from perilune.hub.queries.hooks import CallInfo, DeliveryInfo, HookInfo, SubscriptionInfo
from perilune.hub.queries.said import said
from perilune.hub.web.hook_forms import event_choices
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Column,
    Empty,
    Fact,
    Format,
    Row,
    Status,
    Table,
    Tone,
)


def _number(name: str, label: str) -> Column:
    return Column(name, label, Format.NUMBER, decimals=0, is_minor=True)


def hook_state(one: HookInfo, now: datetime) -> Status:
    """Return how an address that is called stands, the worst first."""
    if not one.is_on:
        return Status(gettext("Switched off"), Tone.NEUTRAL)
    if one.is_stuck(now):
        return Status(gettext("Calls wait"), Tone.ACT)
    if one.quiet_s is not None:
        return Status(gettext("Silent for longer than usual"), Tone.WATCH)
    if one.refused or one.failed:
        return Status(gettext("Calls refused"), Tone.WATCH)
    if one.last_at is None:
        return Status(gettext("Nothing came yet"), Tone.NEUTRAL)
    return Status(gettext("Well"), Tone.GOOD)


def kept_said(days: int | None) -> str:
    """Return how long what is logged of calls and deliveries stays."""
    if days is None:
        return gettext("Calls and deliveries stay in the log for good: no retention rule is on.")
    return ngettext(
        "Calls and deliveries leave the log after %(n)s day, by a retention rule.",
        "Calls and deliveries leave the log after %(n)s days, by a retention rule.",
        days,
    ) % {"n": formats.number(days, 0)}


def hooks_table(found: Sequence[HookInfo], now: datetime) -> Table:
    """Return the addresses that are called, with what came and what was refused."""
    columns = (
        Column("name", gettext("Name"), is_title=True),
        Column("state", gettext("State")),
        Column("about", gettext("About"), is_minor=True),
        Column("last", gettext("Last call received"), Format.INSTANT, is_minor=True),
        _number("calls", gettext("Calls received")),
        _number("seen", gettext("Records named")),
        _number("written", gettext("Records written")),
        _number("refused", gettext("Refused within a week")),
    )
    rows = [
        Row(
            str(one.id),
            (
                one.name, hook_state(one, now), one.connection or gettext("only calls"),
                one.last_at, one.calls, one.seen, one.imported, one.refusals,
            ),
            url=reverse("hooks:hook", args=[one.id]),
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(
        gettext("Nobody calls yet"),
        gettext("Make an address below, and give it to the other system."),
    )
    return Table(columns, rows, gettext("Calls that come in"), empty=empty)


def hook_facts(one: HookInfo) -> list[Fact]:
    """Return what is fixed of an address that is called."""
    facts = [
        Fact(gettext("How it signs"), gettext(SCHEME_LABELS[one.scheme])),
        Fact(gettext("About"), one.connection or gettext("only calls")),
        Fact(gettext("Last call received"), formats.instant(one.last_at)),
        Fact(gettext("Calls received"), formats.number(one.calls, 0)),
        Fact(gettext("Records named"), formats.number(one.seen, 0)),
        Fact(gettext("Records written"), formats.number(one.imported, 0)),
    ]
    if one.header:
        facts.append(Fact(gettext("Header of the HMAC"), one.header))
    if one.both_until:
        facts.append(Fact(gettext("The secret before is good until"),
                          formats.instant(one.both_until)))  # fmt: skip
    return facts


def refused_table(one: HookInfo) -> Table:
    """Return why calls of the last week were refused."""
    columns = (
        Column("why", gettext("Refused")),
        Column("count", gettext("Calls received"), Format.NUMBER, decimals=0),
        Column("last", gettext("Last one"), Format.INSTANT),
    )
    rows = [
        Row(reason.value, (gettext(REFUSAL_LABELS[reason]), count, last))
        for reason, count, last in one.refused
    ]
    empty = Empty(gettext("No call was refused within a week"), "")
    return Table(columns, rows, gettext("Refused within a week"), is_dense=True, empty=empty,
                 name="refused")  # fmt: skip


_CALL_TONES = {
    CallState.NEW: Tone.NEUTRAL, CallState.DONE: Tone.GOOD, CallState.FAILED: Tone.ACT,
}  # fmt: skip


def calls_table(found: Sequence[CallInfo]) -> Table:
    """Return the latest calls, and what they led to."""
    columns = (
        Column("at", gettext("Received"), Format.INSTANT, is_title=True),
        Column("state", gettext("State")),
        _number("records", gettext("Records named")),
        Column("led", gettext("Led to")),
        Column("id", gettext("Id of the sender"), is_minor=True),
    )
    rows = [
        Row(
            str(one.id),
            (
                one.received_at,
                Status(gettext(CALL_LABELS[one.state]), _CALL_TONES[one.state]),
                one.records, _led(one), one.call_id[:40],
            ),
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(gettext("Nothing came yet"), gettext("What comes is kept here, then acted on."))
    return Table(columns, rows, gettext("Latest calls"), is_dense=True, empty=empty, name="calls")


def _led(one: CallInfo) -> Cell | str:
    if one.message:
        return said(one.message, one.message_params)
    if one.import_id:
        label = gettext("Import %(id)s") % {"id": one.import_id}
        return Cell(label, url=reverse("hub:run", args=[one.import_id]))
    if one.run_id:
        return gettext("Sync %(id)s") % {"id": one.run_id}
    return gettext("Nothing that is synced") if one.state is CallState.DONE else ""


# -- what is told ------------------------------------------------------------------------------


def subscription_state(one: SubscriptionInfo) -> Status:
    """Return how a subscription stands."""
    if not one.is_on:
        return Status(gettext("Switched off"), Tone.NEUTRAL)
    if one.dead:
        return Status(gettext("Deliveries given up"), Tone.ACT)
    if one.last_at is None:
        return Status(gettext("Nothing told yet"), Tone.NEUTRAL)
    return Status(gettext("Well"), Tone.GOOD)


def subscriptions_table(found: Sequence[SubscriptionInfo]) -> Table:
    """Return the addresses that are told."""
    columns = (
        Column("name", gettext("Name"), is_title=True),
        Column("state", gettext("State")),
        Column("owner", gettext("In the eyes of"), is_minor=True),
        Column("last", gettext("Last delivery"), Format.INSTANT, is_minor=True),
        _number("sent", gettext("Received there")),
        _number("waiting", gettext("Waiting")),
        _number("dead", gettext("Given up")),
    )
    rows = [
        Row(
            str(one.id),
            (
                one.name, subscription_state(one), one.owner, one.last_at, one.sent, one.waiting,
                one.dead,
            ),
            url=reverse("hooks:subscription", args=[one.id]),
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(
        gettext("Nobody is told yet"),
        gettext("Add an address below; it is told what you may see, as it happens."),
    )
    return Table(columns, rows, gettext("Told to other systems"), empty=empty)


def subscription_facts(one: SubscriptionInfo) -> list[Fact]:
    """Return what is fixed of a subscription."""
    names = dict(event_choices())
    facts = [
        Fact(gettext("Address"), one.address),
        Fact(gettext("In the eyes of"), one.owner),
        Fact(gettext("What it is told"), ", ".join(names[event] for event in one.events)),
        Fact(gettext("Last delivery"), formats.instant(one.last_at)),
    ]
    if one.both_until:
        facts.append(Fact(gettext("The secret before is good until"),
                          formats.instant(one.both_until)))  # fmt: skip
    return facts


_SEND_TONES = {
    SendState.WAITING: Tone.WATCH, SendState.SENT: Tone.GOOD, SendState.DEAD: Tone.ACT,
    SendState.EMPTY: Tone.NEUTRAL,
}  # fmt: skip


def deliveries_table(found: Sequence[DeliveryInfo], title: str, name: str) -> Table:
    """Return deliveries with what was answered; those that are over can be sent again."""
    names = dict(event_choices()) | {TEST_EVENT: gettext("Test call")}
    columns = (
        Column("at", gettext("Happened"), Format.INSTANT, is_title=True),
        Column("what", gettext("What")),
        Column("state", gettext("State")),
        _number("tries", gettext("Tries")),
        Column("answer", gettext("Answer")),
        Column("next", pgettext("delivery", "Next try"), Format.INSTANT, is_minor=True),
    )
    rows = [
        Row(
            str(one.id),
            (
                one.created_at, names.get(one.type, one.type),
                Status(gettext(SEND_LABELS[one.state]), _SEND_TONES[one.state]),
                1 if one.type == TEST_EVENT else one.tries, _answer(one),
                one.next_at if one.state is SendState.WAITING else None,
            ),
        )
        for one in found
    ]  # fmt: skip
    again = Action(gettext("Send again"), reverse("hooks:again"), method="post")
    return Table(columns, rows, title, is_dense=True, name=name,
                 verbs=(again,) if name == "dead" else (),
                 empty=Empty(gettext("Nothing was told yet"), ""))  # fmt: skip


def _answer(one: DeliveryInfo) -> str:
    if not one.status:
        return gettext(one.answer) if one.answer else ""
    return f"{one.status} {one.answer}".strip()[:120]


def finding(hooks: Sequence[HookInfo], told: Sequence[SubscriptionInfo]) -> str:
    """Return the sentence above the page."""
    refused, dead = sum(one.refusals for one in hooks), sum(one.dead for one in told)
    parts = []
    if refused:
        parts.append(
            ngettext("%(n)s call was refused within a week.",
                     "%(n)s calls were refused within a week.", refused)
            % {"n": formats.number(refused, 0)}
        )  # fmt: skip
    if dead:
        parts.append(
            ngettext("%(n)s delivery was given up.", "%(n)s deliveries were given up.", dead)
            % {"n": formats.number(dead, 0)}
        )
    return " ".join(parts) or gettext("Calls of other systems, and what they are told: all signed.")
