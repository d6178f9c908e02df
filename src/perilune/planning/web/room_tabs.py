"""The pages of the room beside the plans: what each page of it offers above its figures."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Tab


def room_tabs(request: PageRequest, at: str) -> list[Tab]:
    """Return the pages that one may open, in the order in which a year is planned.

    at: the one that is open.
    """
    pages = (
        ("plans", gettext("Annual plans"), "planning:plans", Right.MAKE_PLANS),
        ("long", gettext("Long view"), "planning:long_view", Right.MAKE_PLANS),
        ("segments", gettext("Segments"), "planning:segments", Right.MAKE_PLANS),
        ("potential", gettext("Account potential"), "planning:potential", Right.MAKE_PLANS),
        ("scenarios", gettext("Scenarios"), "planning:scenarios", Right.MAKE_SCENARIOS),
        ("contingencies", gettext("Contingencies"), "site:contingencies", Right.MAKE_SCENARIOS),
        ("departures", gettext("Departures"), "departures:index", Right.MAKE_SCENARIOS),
        ("records", gettext("Records behind the plans"), "planning:flaws", Right.MAKE_PLANS),
    )
    return [
        Tab(label, reverse(name), key == at)
        for key, label, name, right in pages
        if right in request.rights
    ]
