"""Maker is not checker (rule 27): who may approve what, the same for all that is approved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import COOLING
from perilune.people.queries.company import company


def may_approve(actor: str, makers: Collection[str]) -> bool:
    """Tell whether somebody may approve, now or after the pause, what these made or submitted."""
    return actor not in makers or company().is_small_team


def is_self_approved(
    actor: str, makers: Collection[str], submitted_at: datetime | None, at: datetime
) -> bool:
    """Tell whether an approval is by one of those who made or submitted it.

    Refused to them, unless the company is a small team and the pause since it was submitted is
    over: what is approved is then to be marked self-approved.
    """
    if actor not in makers:
        return False
    if not company().is_small_team:
        raise Refused(_("Somebody else must approve what you made."))
    if at - (submitted_at or at) < COOLING:
        minutes = int(COOLING.total_seconds() // 60)
        text = _("In a small team you may approve what you made %(minutes)s minutes later.")
        raise Refused(text, minutes=minutes)
    return True
