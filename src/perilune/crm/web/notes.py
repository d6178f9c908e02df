"""What stands below a list beside its sum."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.crm.contracts import ListPage
from perilune.ui import formats


def note_below(page: ListPage, currency: str) -> str:
    """Return at which rates a list is summed, what it lacks, and what the measures count."""
    parts = (_converted(page, currency), _unrated(page), _otherwise(page, currency))
    return " ".join(part for part in parts if part)


def _converted(page: ListPage, currency: str) -> str:
    """Tell below the list at which rates its sum is: beside the sum there is no room on a phone."""
    if not any(total.is_converted for total in page.totals.values()):
        return ""
    return gettext("Sum in %(currency)s at budget rates.") % {"currency": currency}


def _otherwise(page: ListPage, currency: str) -> str:
    """Tell how the sum differs from what the measures count of the same deals, and why."""
    found = page.measured
    if found is None:
        return ""
    parts = []
    if found.listed:
        text = ngettext(
            "%(n)s without an amount at list price (%(money)s)",
            "%(n)s without an amount at list price (%(money)s)",
            found.listed,
        )
        parts.append(_money_of(text, found.listed, found.listed_minor, currency))
    if found.left_out:
        text = ngettext(
            "without %(n)s that is in no figure (%(money)s)",
            "without %(n)s that are in no figure (%(money)s)",
            found.left_out,
        )
        parts.append(_money_of(text, found.left_out, found.left_out_minor, currency))
    if found.given:
        text = ngettext(
            "without the share of others in %(n)s deal (%(money)s)",
            "without the shares of others in %(n)s deals (%(money)s)",
            found.given,
        )
        parts.append(_money_of(text, found.given, found.given_minor, currency))
    if found.received:
        text = ngettext(
            "with the share in %(n)s deal of others (%(money)s)",
            "with the shares in %(n)s deals of others (%(money)s)",
            found.received,
        )
        parts.append(_money_of(text, found.received, found.received_minor, currency))
    said = gettext("The measures count %(money)s of these deals: %(why)s.")
    return said % {"money": formats.money(found.minor, currency, 0), "why": ", ".join(parts)}


def _money_of(text: str, count: int, minor: int, currency: str) -> str:
    return text % {"n": formats.number(count, 0), "money": formats.money(minor, currency, 0)}


def _unrated(page: ListPage) -> str:
    unrated = max((total.unrated for total in page.totals.values()), default=0)
    if not unrated:
        return ""
    text = ngettext(
        "%(count)s row without an exchange rate is left out of the sum.",
        "%(count)s rows without an exchange rate are left out of the sum.",
        unrated,
    )
    return text % {"count": formats.number(unrated, 0)}
