"""Who sells: teams, managers, reps on their seats, absences, skills.

Drawn per seat, so that a longer history begins with the shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perilune.demo.engine.days import Ints, Reals, Streams, Weeks
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import FIRST_NAMES, LAST_NAMES, TEAM_NAMES, TEAM_REGION

BEFORE = -1
"""The week of those who were there before the history began."""
KEYS = 10_000


@dataclass
class Rep:
    """A person of the sales force. Weeks count from the first of the history.

    role: seller, manager, overlay, sdr.  team: index of the team; -1 for the head of sales.
    region_wide: sits in the region, not in one of its teams.  hire, leave: first week at work and
    first week away; leave is beyond the horizon for those who stay.  ramp_from: hire in weeks, may
    be negative.  key: names the person whatever the length of the history.  absences: (first
    ordinal day, last, FTE absent).
    """

    name: str
    email: str
    region: int
    team: int
    role: str
    hire: int
    leave: int
    ramp_from: int
    key: int
    seat: int = -1
    region_wide: bool = False
    fte: float = 1.0
    skill: float = 0.0
    optimism: float = 0.0
    hygiene: float = 0.7
    selling: float = 0.34
    bias: float = 0.0
    writes_next_step: float = 0.75
    absences: list[tuple[int, int, float]] = field(default_factory=list)


@dataclass
class Staff:
    """The sales force over the whole history.

    reps: sellers first (those on seats), then the others.  holder[seat, week]: index of the seller
    on the seat, -1 when vacant.  presence[seller, week]: FTE at work.  ramp[seller, week]: share of
    full productivity.  managers[team]: (first week, rep index) in order.  leads[region]: rep index.
    opens[seat]: first week the seat was planned for, -1 before the history.
    """

    reps: list[Rep]
    sellers: int
    holder: Ints
    presence: Reals
    ramp: Reals
    seat_team: Ints
    managers: dict[int, list[tuple[int, int]]]
    leads: list[int]
    head: int
    opens: Ints

    def manager_at(self, team: int, week: int) -> int:
        """Return the rep index of a team's manager in a week."""
        return [rep for first, rep in self.managers[team] if first <= max(week, 0)][-1]


class _Names:
    """Hands out names of people, each once."""

    def __init__(self, streams: Streams) -> None:
        self._orders = []
        for region in range(3):
            pairs = len(FIRST_NAMES[region]) * len(LAST_NAMES[region])
            self._orders.append(iter(streams.of("people", region).permutation(pairs)))

    def next(self, region: int) -> str:
        at = int(next(self._orders[region]))
        firsts, lasts = FIRST_NAMES[region], LAST_NAMES[region]
        return f"{firsts[at // len(lasts)]} {lasts[at % len(lasts)]}"


def make_staff(truth: Truth, weeks: Weeks, streams: Streams) -> Staff:
    """Draw the sales force. Time O(seats x weeks)."""
    seat_team = np.repeat(np.arange(len(TEAM_NAMES)), truth.seats)
    reps: list[Rep] = []
    horizon = weeks.count
    holder = np.full((len(seat_team), horizon), -1, dtype=np.int64)
    opens = np.zeros(len(seat_team), dtype=np.int64)
    for seat, team in enumerate(seat_team):
        opens[seat] = _opening(truth, streams.of("opening", seat))
        for rep in _chain(truth, streams, seat, int(team), opens=int(opens[seat]), horizon=horizon):
            holder[seat, max(rep.hire, 0) : rep.leave] = len(reps)
            reps.append(rep)
    sellers = len(reps)
    managers = _managers(truth, streams, reps, horizon)
    leads = _others(reps)
    names = _Names(streams)
    for rep in sorted(reps, key=lambda item: (item.hire, item.key)):
        rep.name = names.next(rep.region)
        rep.email = f"{slug(rep.name)}@helianthe.example"
        _absences(truth, weeks, streams.of("absence", rep.key), rep)
    return Staff(
        reps,
        sellers,
        holder,
        _presence(weeks, reps[:sellers]),
        _ramp(truth, weeks, reps[:sellers]),
        seat_team,
        managers,
        leads,
        len(reps) - 1,
        opens,
    )


def slug(name: str) -> str:
    """Return a name as it stands in an address: ASCII, lower case, dots for spaces."""
    import unicodedata

    plain = (
        unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    )
    kept = "".join(c if c.isalnum() else "." for c in plain.lower().replace("'", ""))
    return ".".join(part for part in kept.split(".") if part)


def _opening(truth: Truth, rng: np.random.Generator) -> int:
    """Seats that are not there from the start open over the first two years."""
    return BEFORE if rng.random() < truth.seats_at_start else int(rng.integers(8, 104))


def _chain(
    truth: Truth, streams: Streams, seat: int, team: int, *, opens: int, horizon: int
) -> list[Rep]:
    """Draw who sits on a seat, one after the other, until the horizon."""
    rng = streams.of("seat", seat)
    week = opens
    ramp_from = -int(rng.integers(8, 400)) if opens == BEFORE else week
    chain: list[Rep] = []
    while week < horizon:
        # A new rep stays at least half a year.
        stays = 26 + int(rng.geometric(truth.leave_rate))
        leave = max(week, 0) + stays
        rep = Rep(
            "",
            "",
            TEAM_REGION[team],
            team,
            "seller",
            week,
            leave,
            ramp_from,
            100 * seat + len(chain),
            seat,
        )
        _traits(truth, rng, rep, truth.manager_bias[team])
        chain.append(rep)
        week = leave + int(rng.integers(int(truth.vacancy_weeks[0]), int(truth.vacancy_weeks[1])))
        ramp_from = week
    return chain


def _traits(truth: Truth, rng: np.random.Generator, rep: Rep, manager_bias: float) -> None:
    rep.skill = float(rng.normal(0, truth.skill_spread))
    rep.optimism = float(rng.normal(0, truth.optimism_spread))
    rep.hygiene = float(rng.uniform(truth.hygiene[0], truth.hygiene[1]))
    rep.selling = float(rng.uniform(truth.selling_share[0], truth.selling_share[1]))
    rep.bias = float(np.clip(manager_bias + rng.normal(0, truth.rep_bias_spread), -0.6, 0.8))
    rep.fte = 0.8 if rng.random() < truth.part_time else 1.0
    rep.writes_next_step = float(np.clip(rng.normal(1 - truth.next_step_missing, 0.15), 0.2, 1.0))


def _managers(
    truth: Truth, streams: Streams, reps: list[Rep], horizon: int
) -> dict[int, list[tuple[int, int]]]:
    """One manager a team; every third team changes its manager once."""
    managers: dict[int, list[tuple[int, int]]] = {}
    for team in np.flatnonzero(np.array(truth.seats)).tolist():
        rng = streams.of("manager", team)
        change = int(rng.integers(50, 110)) if team % 3 == 1 else 10**6
        spans = [(BEFORE, change)] + ([(change + 2, 10**6)] if change < horizon else [])
        managers[team] = []
        for first, last in spans:
            managers[team].append((max(first, 0), len(reps)))
            reps.append(
                Rep(
                    "",
                    "",
                    TEAM_REGION[team],
                    team,
                    "manager",
                    first,
                    last,
                    first - 150,
                    KEYS + 10 * team + len(managers[team]) - 1,
                )
            )
    return managers


def _others(reps: list[Rep]) -> list[int]:
    """Region leaders, one overlay specialist and one SDR a region, and last the head of sales."""
    leads = []
    for region in range(3):
        leads.append(len(reps))
        team = TEAM_REGION.index(region)
        for role in ("manager", "overlay", "sdr"):
            reps.append(_staffer(region, team, role, len(reps) - leads[0]))
    reps.append(_staffer(0, -1, "manager", 99))
    return leads


def _staffer(region: int, team: int, role: str, number: int) -> Rep:
    return Rep("", "", region, team, role, BEFORE, 10**6, -200, 2 * KEYS + number, region_wide=True)


def _absences(truth: Truth, weeks: Weeks, rng: np.random.Generator, rep: Rep) -> None:
    """Holidays in summer, at Christmas and in between; seldom a long absence. Dates only."""
    draws = rng.random((600, 2))
    week, last = max(rep.hire, 0), min(rep.leave, weeks.count)
    while week < last:
        month, (chance, length) = int(weeks.month[week]), draws[week % 600]
        span = 0
        if rep.role == "seller" and chance > 1 - truth.long_absence:
            span = 8 + int(length * 10)
        elif chance < {6: 0.14, 7: 0.2 if rep.region == 0 else 0.12, 11: 0.12}.get(month, 0.05):
            span = 1 + int(length * (3 if month in (6, 7) else 1.4))
        if span:
            monday = int(weeks.monday[week])
            rep.absences.append((monday, monday + 7 * min(span, rep.leave - week) - 3, 1.0))
        week += max(span, 0) + 1


def _presence(weeks: Weeks, reps: list[Rep]) -> Reals:
    presence = np.zeros((len(reps), weeks.count))
    for index, rep in enumerate(reps):
        presence[index, max(rep.hire, 0) : rep.leave] = rep.fte
        for first, last, fte in rep.absences:
            at = (first - int(weeks.monday[0])) // 7
            until = (last - int(weeks.monday[0])) // 7 + 1
            presence[index, at:until] *= 1 - fte
    return presence


def _ramp(truth: Truth, weeks: Weeks, reps: list[Rep]) -> Reals:
    curve = np.array(truth.ramp)
    since = np.arange(weeks.count)[None, :] - np.array([rep.ramp_from for rep in reps])[:, None]
    months = np.clip(since * 7 / 30.4375, 0, len(curve) - 1).astype(np.int64)
    return np.asarray(curve[months])
