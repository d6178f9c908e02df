"""The sentences of the track record."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts.track import CALLED, LEADS, LEAST, SHOWN, Score, TrackRecord
from perilune.forecasting.web import words
from perilune.ui import formats


def rule(name: str) -> str:
    """Return the reader's name of a rule."""
    return {
        SHOWN: gettext("The recorded range (p50)"),
        CALLED: gettext("The last call made by that day"),
    }.get(name) or words.member(name)


def lead(at: int | None) -> str:
    """Return a lead time in words."""
    if at is None:
        return gettext("All lead times")
    if at == 0:
        return gettext("Last week")
    if at == len(LEADS):
        return gettext("%(low)s weeks or more before") % {"low": LEADS[-1] + 1}
    return gettext("%(low)s to %(high)s weeks before") % {
        "low": LEADS[at - 1] + 1,
        "high": LEADS[at],
    }


def finding(found: TrackRecord) -> str:
    """Say in one sentence what the recorded forecasts were worth, or that nothing can be said."""
    if not found.totals:
        return ""
    score = next((one.score for one in found.rules if one.rule == SHOWN), Score())
    periods = len({one.period for one in found.totals})
    counts = {
        "points": formats.number(score.points, 0),
        "periods": ngettext("%(count)s period", "%(count)s periods", periods) % {"count": periods},
        "least": LEAST,
    }
    if score.wape is None or score.coverage is None:
        return (
            gettext(
                "No skill, no claim: %(points)s recorded forecasts of %(periods)s that are over; "
                "figures are told from %(least)s on."
            )
            % counts
        )
    counts |= {
        "wape": formats.percent(score.wape, 0),
        "inside": formats.percent(score.coverage, 0),
    }
    return (
        gettext(
            "%(points)s recorded forecasts of %(periods)s that are over erred by %(wape)s; "
            "%(inside)s of outcomes lay inside the range, the aim is 80 %%."
        )
        % counts
    )
