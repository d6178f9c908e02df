"""What cannot be taken, by the name of the account; what makes a tolerance impossible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Request, Units
from perilune.territories.contracts.units import FloatArray

SHOWN = 5
"""Accounts that a message names."""

MOST_OF_A_KIND = 60
"""Accounts of a territory up to which their being whole is looked at as a proof."""

Note = tuple[str, tuple[tuple[str, str], ...]]


def named(ids: Sequence[str]) -> str:
    """Return the first few ids, and how many more there are."""
    text = ", ".join(ids[:SHOWN])
    return f"{text}, … (+{len(ids) - SHOWN})" if len(ids) > SHOWN else text


def check(units: Units, request: Request) -> None:
    """Refuse what no plan can be made of.

    Raises Invalid with a problem for each thing that is wrong, so that all show at once.
    """
    found = [*_counts(units, request), *_columns(units), *_rules(units, request)]
    if found:
        raise Invalid(_("No plan can be made of this."), problems=tuple(found))


def _counts(units: Units, request: Request) -> Iterator[Problem]:
    n, k = len(units.ids), request.k
    if k < 1:
        yield Problem(_("The number of territories must be at least 1, not %(k)s."), {"k": k})
    if n < max(k, 1):
        message = _("There are fewer accounts (%(n)s) than territories (%(k)s).")
        yield Problem(message, {"n": n, "k": k})
    if len(request.tolerances) != len(units.names) or min(request.tolerances, default=0) < 0:
        yield Problem(_("Each attribute needs a tolerance of zero or more."), {})
    if request.shares is not None and (len(request.shares) != k or (request.shares <= 0).any()):
        yield Problem(_("Each territory needs a share above zero."), {})
    twice = [one for one, times in Counter(units.ids).items() if times > 1]
    if twice:
        message = _("The same id stands in more than one row: %(ids)s.")
        yield Problem(message, {"ids": named(twice)})


def _columns(units: Units) -> Iterator[Problem]:
    lost = np.flatnonzero(~np.isfinite(units.points).all(axis=1))
    if len(lost):
        ids = named([units.ids[i] for i in lost])
        yield Problem(_("No coordinates: %(ids)s."), {"ids": ids})
    for t, name in enumerate(units.names):
        column = units.loads[:, t]
        bad = np.flatnonzero(~np.isfinite(column) | (column < 0))
        if len(bad):
            ids = named([units.ids[i] for i in bad])
            message = _("“%(name)s” is missing or below zero: %(ids)s.")
            yield Problem(message, {"name": name, "ids": ids})
        elif len(column) and column.sum() <= 0:
            message = _("“%(name)s” is zero everywhere: there is nothing to balance.")
            yield Problem(message, {"name": name})


def _rules(units: Units, request: Request) -> list[Problem]:
    """Find locks and pairs that contradict each other."""
    found = []
    locked = request.locked
    if locked is not None:
        outside = np.flatnonzero((locked >= request.k) | (locked < -1))
        if len(outside):
            ids = named([units.ids[i] for i in outside])
            found.append(
                Problem(_("Locked to a territory that does not exist: %(ids)s."), {"ids": ids})
            )
    if request.allowed is not None:
        groups = np.zeros(len(units.ids), int) if units.group is None else units.group
        nowhere = np.flatnonzero(~np.asarray(request.allowed.any(axis=1))[groups])
        if len(nowhere):
            ids = named([units.ids[i] for i in nowhere])
            found.append(Problem(_("No territory may hold: %(ids)s."), {"ids": ids}))
        elif locked is not None and not len(outside):
            held = np.flatnonzero(locked >= 0)
            clash = held[~request.allowed[groups[held], locked[held]]]
            if len(clash):
                ids = named([units.ids[i] for i in clash])
                found.append(
                    Problem(_("Locked where eligibility forbids it: %(ids)s."), {"ids": ids})
                )
    both = {frozenset(p) for p in request.together} & {frozenset(p) for p in request.apart}
    for pair in sorted(both, key=sorted):
        ids = named([units.ids[i] for i in sorted(pair)])
        found.append(Problem(_("Required together and forbidden together: %(ids)s."), {"ids": ids}))
    return found


def blocking(
    units: Units, request: Request, upper: FloatArray, lower: FloatArray, target: FloatArray
) -> Note | None:
    """Return the first proof that no plan is within the tolerance, or None where none is found.

    upper, lower, target (k, m). What is looked at: one account above every territory's most, more
    heavy accounts than there is room for as none can be split, fewer accounts than are needed,
    locks above their territory's most, groups above the most of the territories that may hold them,
    and territories whose least is more than what may come to them.
    """
    for t, name in enumerate(units.names):
        for note in (
            _one_too_heavy(units, request, upper[:, t], target[:, t], t),
            _too_many_heavy(units, upper[:, t], t),
            _too_few_whole(units, lower[:, t], t),
            _locks_too_heavy(units, request, upper[:, t], target[:, t], t),
            _group_too_heavy(units, request, upper[:, t], t),
            _too_little_allowed(units, request, lower[:, t], t),
        ):
            if note is not None:
                return note[0], (("name", name), *note[1])
    return None


def _one_too_heavy(
    units: Units, request: Request, upper: FloatArray, target: FloatArray, t: int
) -> Note | None:
    load = units.loads[:, t]
    heaviest = int(load.argmax())
    if load[heaviest] <= upper.max() * (1 + 1e-9):
        return None
    share = f"{load[heaviest] / target.max():.2f}"
    message = _(
        "Account %(id)s alone is %(times)s times what a territory should hold of “%(name)s”."
    )
    return message, (("id", units.ids[heaviest]), ("times", share))


def _too_many_heavy(units: Units, upper: FloatArray, t: int) -> Note | None:
    """Count how many of the r heaviest accounts, whole as they are, the territories have room for.

    A territory holds at most floor(most / w) accounts of w and more: fewer than r in all proves it.
    """
    load = units.loads[:, t]
    order = np.argsort(-load, kind="stable")
    order = order[load[order] > upper.max() / MOST_OF_A_KIND]
    weights, last = np.unique(-load[order], return_index=True)
    counts = np.append(last[1:], len(order))
    for weight, count in zip(-weights, counts, strict=True):
        room = int(np.floor(upper * (1 + 1e-9) / weight).sum())
        if room < count:
            message = _(
                "The territories have room for %(room)s of the %(count)s accounts that have most of"
                " “%(name)s”, as none can be split: %(ids)s."
            )
            ids = named([units.ids[i] for i in order[: int(count)]])
            return message, (("room", str(room)), ("count", str(int(count))), ("ids", ids))
    return None


def _too_few_whole(units: Units, lower: FloatArray, t: int) -> Note | None:
    """Count the accounts that the territories need at least to reach what they should hold."""
    load = units.loads[:, t]
    heaviest = int(load.argmax())
    some = int((load > 0).sum())
    need = int(np.ceil(lower * (1 - 1e-9) / load[heaviest]).sum())
    if need <= some:
        return None
    message = _(
        "The territories need %(need)s accounts with “%(name)s” at least, and there are %(some)s;"
        " the largest is %(id)s."
    )
    return message, (("need", str(need)), ("some", str(some)), ("id", units.ids[heaviest]))


def _locks_too_heavy(
    units: Units, request: Request, upper: FloatArray, target: FloatArray, t: int
) -> Note | None:
    if request.locked is None:
        return None
    held = np.flatnonzero(request.locked >= 0)
    total = np.bincount(request.locked[held], units.loads[held, t], request.k)
    over = total - upper * (1 + 1e-9)
    a = int(over.argmax())
    if over[a] <= 0:
        return None
    inside = held[request.locked[held] == a]
    inside = inside[np.argsort(-units.loads[inside, t], kind="stable")]
    message = _(
        "The accounts locked to territory %(territory)s are %(times)s times what it should hold of"
        " “%(name)s”: %(ids)s."
    )
    return message, (
        ("territory", label(request, a)),
        ("times", f"{total[a] / target[a]:.2f}"),
        ("ids", named([units.ids[i] for i in inside])),
    )


def _group_too_heavy(units: Units, request: Request, upper: FloatArray, t: int) -> Note | None:
    if request.allowed is None or units.group is None:
        return None
    load = np.bincount(units.group, units.loads[:, t], len(request.allowed))
    room = request.allowed @ upper
    over = load - room * (1 + 1e-9)
    g = int(over.argmax())
    if over[g] <= 0:
        return None
    ids = named([units.ids[i] for i in np.flatnonzero(units.group == g)])
    message = _(
        "The territories that may hold these accounts are too few for their “%(name)s”: %(ids)s."
    )
    return message, (("ids", ids),)


def _too_little_allowed(units: Units, request: Request, lower: FloatArray, t: int) -> Note | None:
    groups = np.zeros(len(units.ids), int) if units.group is None else units.group
    allowed = np.ones((1, request.k), bool) if request.allowed is None else request.allowed
    may = allowed[groups]
    if request.locked is not None:
        held = request.locked >= 0
        may[held] = False
        may[held, request.locked[held]] = True
    reach = units.loads[:, t] @ may
    under = lower * (1 - 1e-9) - reach
    a = int(under.argmax())
    if under[a] <= 0:
        return None
    message = _("Territory %(territory)s may hold too few accounts to reach its “%(name)s”.")
    return message, (("territory", label(request, a)),)


def label(request: Request, a: int) -> str:
    """Return the name of a territory."""
    return request.names[a] if request.names else str(a + 1)
