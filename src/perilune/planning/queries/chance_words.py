"""What the chances of a plan rest on, in words: the same on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import Change, Source
from perilune.planning.engine.ramping import ramp_days
from perilune.planning.queries.chances import Chances
from perilune.planning.queries.seats import told
from perilune.ui import formats

REASONS: Mapping[str, str] = {
    "too few reps": _("too few reps seen new or seen full"),
    "nothing brought by full reps": _("full reps brought nothing"),
    "too uncertain": _("the interval is too wide"),
    "fewer than two whole years": _("fewer than two whole years"),
    "fewer than three whole years": _("fewer than three whole years"),
    "a year without bookings": _("a year without bookings"),
    "too few changes": _("too few such changes"),
    "no better than the flat year": _("no better than the flat year"),
}
"""English msgids of why nothing is claimed, by the engines' words."""
CHANGES: Mapping[Change, str] = {
    Change.SEAT: _("change of team or role"),
    Change.PRODUCT: _("change of product family"),
    Change.TERRITORY: _("change of territory"),
}


@dataclass(frozen=True)
class Piece:
    """One thing that the chances rest on. value, evidence: in the reader's language."""

    key: str
    label: str
    value: str
    is_learnt: bool
    evidence: str


def pieces(found: Chances, currency: str, *, is_circle: bool = False) -> list[Piece]:
    """Return what the chances rest on, each learnt, or stated and why.

    The plan's hires are named to whoever is in its circle alone (rule 24).
    """
    basis = found.basis
    season, ramp, known = basis.season, basis.ramp, basis.spreads
    is_season, is_ramp = (one.source is Source.LEARNT for one in (season, ramp))
    rate, years = basis.rate, _years(known.years)
    ramped = ngettext("%(n)s rep seen while new", "%(n)s reps seen while new", ramp.reps) % {
        "n": formats.number(ramp.reps, 0)
    }
    reps = ngettext("%(n)s rep", "%(n)s reps", known.reps) % {"n": formats.number(known.reps, 0)}
    both = gettext("%(reps)s, %(years)s") % {"reps": reps, "years": years}
    sellers = ngettext("%(n)s rep", "%(n)s reps", rate.reps) % {"n": formats.number(rate.reps, 0)}
    left = ngettext(
        "all sellers as one group, %(n)s departure known",
        "all sellers as one group, %(n)s departures known",
        found.leaving.leavers,
    ) % {"n": formats.number(found.leaving.leavers, 0)}
    days = round(ramp_days(ramp.share))
    length = _days(days)
    from_interval = gettext("from the interval of the learnt ramp")
    whole = found.leaving.whole
    return [
        Piece("rate", gettext("Bookings per ramped FTE and year"),
              formats.short_money(round(rate.minor), currency), True,
              gettext("%(reps)s, the twelve months before") % {"reps": sellers}),
        Piece("ramp", gettext("Ramp, as the even one that loses as much"), length, is_ramp,
              ramped if is_ramp else _why(ramp.reason)),
        *(_hires(found, length, ramped if is_ramp else _why(ramp.reason)) if is_circle else ()),
        *(_segments(found, currency) if is_circle else ()),
        Piece("ramp_doubt", gettext("Doubt of its length"), formats.percent(basis.ramp_doubt, 0),
              is_ramp, from_interval if is_ramp else _why(ramp.reason)),
        *_changes(found),
        Piece("season", gettext("Months of the year"),
              gettext("season") if is_season else gettext("the plan's own months"), is_season,
              _years(season.years) if is_season else _why(season.reason)),
        Piece("skill", gettext("Lasting differences between reps"), formats.percent(known.skill, 0),
              not known.spread_why, both if not known.spread_why else _why(known.spread_why)),
        Piece("luck", gettext("Luck of a rep's year"), formats.percent(known.luck, 0),
              not known.spread_why, both if not known.spread_why else _why(known.spread_why)),
        Piece("doubt", gettext("Doubt of a year that all share"), formats.percent(known.doubt, 0),
              not known.doubt_why,
              gettext("steps of the level over %(years)s") % {"years": years}
              if not known.doubt_why else _why(known.doubt_why)),
        Piece("leaving", gettext("Sellers who leave in a year"),
              formats.percent(found.leaving.a_year, 0), whole.source is Source.LEARNT,
              left if whole.source is Source.LEARNT else _why(whole.reason) or left),
    ]  # fmt: skip


def _changes(found: Chances) -> list[Piece]:
    """Return what each sort of change keeps of the ramp, of the sorts that records tell."""
    rises, said = found.basis.rises, []
    for change, law in rises.changes.items():
        if change not in told(found.as_of):
            continue
        is_learnt = law.source is Source.LEARNT
        moved = ngettext("%(n)s change seen", "%(n)s changes seen", law.changes) % {
            "n": formats.number(law.changes, 0)
        }
        label = gettext("Kept of the ramp: %(change)s") % {"change": gettext(CHANGES[change])}
        said.append(
            Piece(f"change-{change.value}", label, formats.percent(rises.rise.after(change), 0),
                  is_learnt, moved if is_learnt else _why(law.reason))
        )  # fmt: skip
    return said


def _hires(found: Chances, length: str, evidence: str) -> list[Piece]:
    """Return by which ramp the plan's hires are counted: the one of all sellers, or their own."""
    is_learnt, said = found.basis.ramp.source is Source.LEARNT, []
    for days, heads in found.hires:
        people = ngettext("%(n)s planned hire", "%(n)s planned hires", heads) % {
            "n": formats.number(heads, 0)
        }
        why = gettext("as all sellers: %(evidence)s") % {"evidence": evidence}
        typed = gettext("typed in the plan")
        told = gettext("%(people)s, %(why)s") % {
            "people": people, "why": why if days is None else typed,
        }  # fmt: skip
        key = "hires" if days is None else f"hires-{days}"
        said.append(
            Piece(key, gettext("Ramp of planned hires"), length if days is None else _days(days),
                  is_learnt and days is None, told)
        )  # fmt: skip
    return said


def _segments(found: Chances, currency: str) -> list[Piece]:
    """Return what the plan's hires for a segment are counted to bring there."""
    laws = {
        segment: law
        for (_team, segment), law in zip(found.units, found.productivity, strict=True)
        if segment
    }
    said = []
    for segment, law in laws.items():
        reps = ngettext("%(n)s rep", "%(n)s reps", law.reps) % {"n": formats.number(law.reps, 0)}
        label = gettext("Bookings of hires for %(segment)s, per ramped FTE and year")
        said.append(
            Piece(f"segment-{segment}", label % {"segment": segment},
                  formats.short_money(round(law.minor), currency), True,
                  gettext("%(reps)s, the twelve months before") % {"reps": reps})
        )  # fmt: skip
    return said


def _days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": formats.number(count, 0)}


def _years(count: int) -> str:
    return ngettext("%(n)s whole year", "%(n)s whole years", count) % {
        "n": formats.number(count, 0)
    }


def _why(reason: str) -> str:
    return gettext(REASONS[reason]) if reason in REASONS else reason
