"""The sentences of the bridge."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    COMPONENT_LABELS,
    Bridge,
    BridgeRequest,
    BridgeRow,
    Component,
)
from perilune.ui import formats
from perilune.ui.filters import scope_label

LARGEST = 3


def about(request: BridgeRequest) -> str:
    """Return what the bridge is about, as a title."""
    if request.period is None:
        return gettext("Pipeline bridge, all open deals")
    return gettext("Pipeline bridge %(period)s") % {"period": request.period.name}


def unit(row: BridgeRow, bridge: Bridge) -> str:
    """Return the reader's name of a row; the total is named by what the gate let in (rule 10)."""
    if row.unit == "total":
        return str(scope_label(bridge.scope_label))
    return gettext("Unassigned") if row.label == "unassigned" else row.label


def component(which: Component) -> str:
    """Return the reader's name of a reason."""
    return gettext(COMPONENT_LABELS[which])


def finding(bridge: Bridge) -> str:
    """Return the sentence that states what the page found: how far, and the largest reasons."""
    total, currency, request = bridge.total, bridge.currency, bridge.request
    facts = {
        "scope": unit(total, bridge),
        "since": formats.day(request.since.day),
        "until": formats.day(request.until.day),
        "opening": formats.short_money(total.opening, currency),
        "closing": formats.short_money(total.closing, currency),
    }
    if not total.lines:
        return (
            gettext("%(scope)s: nothing changed from %(since)s to %(until)s; %(closing)s is open.")
            % facts
        )
    largest = sorted(total.lines, key=lambda line: -abs(line.value))[:LARGEST]
    facts["reasons"] = ", ".join(
        f"{component(line.component).lower()} {signed(line.value, currency)}" for line in largest
    )
    return (
        gettext(
            "%(scope)s: %(opening)s on %(since)s became %(closing)s on %(until)s; most of it: "
            "%(reasons)s."
        )
        % facts
    )


def signed(minor: int, currency: str) -> str:
    """Return a short amount with its sign."""
    # a word joiner: no line breaks between sign and amount
    text = formats.short_money(minor, currency).replace(formats.MINUS, f"{formats.MINUS}\u2060")
    return f"+{text}" if minor > 0 else text


def notes(bridge: Bridge) -> list[str]:
    """Return what a reader must know before trusting the figures."""
    found = []
    if bridge.unrated:
        found.append(
            ngettext(
                "%(count)s deal is left out: the rate of its currency is missing.",
                "%(count)s deals are left out: the rate of their currency is missing.",
                bridge.unrated,
            )
            % {"count": formats.number(bridge.unrated, 0)}
        )
    if bridge.counted_from is not None:
        found.append(
            gettext(
                "This installation has records since %(day)s: both days are shown as they are "
                "known now, and nothing can count as restated."
            )
            % {"day": formats.day(bridge.counted_from)}
        )
    if bridge.request.is_todays:
        found.append(gettext("Both days are shown in the organisation of the closing."))
    return found
