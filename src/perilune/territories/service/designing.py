"""Design a draft anew: a job whose steps seek centres, grow a plan, keep what should stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from django.db import transaction

from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.territories.contracts import EDITABLE, Asked, EditKind, Loaded, Plan, Request, Units
from perilune.territories.contracts.units import IntArray
from perilune.territories.engine import count_needed, grow, road_hours, seek
from perilune.territories.queries.asking import Problem, halves, problem
from perilune.territories.queries.checking import check, effort, readable, working
from perilune.territories.queries.loading import loaded, require_whole
from perilune.territories.queries.travelling import routing_server
from perilune.territories.service import travelling
from perilune.territories.service.levelling import levelled, without_regions
from perilune.territories.service.writing import changing, wrong_state

JOB = "territories.design"
_STEPS = 4


class _Unknown(Exception):
    """The road of a plan of so many territories is not known yet."""

    def __init__(self, k: int) -> None:
        super().__init__(k)
        self.k = k


def design_draft(draft_id: int, edition: int, asked: Asked, *, actor: str, scope: Scope) -> int:
    """Start the design of a draft and return the job's id; the draft changes when it is done.

    What is balanced and how closely stands in the draft. Refused to whoever does not see its whole;
    Conflict on an edition that is no longer there; Invalid, saying why, where no plan can be made.
    If somebody changes the draft while the job runs, their change stands and the job fails, saying
    so.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    if not found.head.may_edit:
        raise wrong_state(found)
    if edition != found.head.edition:
        # opened for its error, which says who changed what
        with changing(draft_id, edition, actor=actor, scope=scope):
            raise Conflict(_("This plan was changed meanwhile."))
    check(found, asked)
    params = {"draft": draft_id, "edition": edition, "asked": asdict(asked), "actor": actor}
    return jobs.start(JOB, params, actor=actor)


def split_territory(
    draft_id: int, edition: int, territory: int, *, actor: str, scope: Scope
) -> int:
    """Start the split of a territory in two and return the job's id; errors as of `design_draft`.

    A design of two territories for its accounts alone; the half that has most of what was its rep's
    keeps its name and rep, locked accounts stay in it.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    if not found.head.may_edit:
        raise wrong_state(found)
    if edition != found.head.edition:
        with changing(draft_id, edition, actor=actor, scope=scope):
            raise Conflict(_("This plan was changed meanwhile."))
    halves(found, territory)
    params = {"draft": draft_id, "edition": edition, "asked": asdict(Asked()), "actor": actor,
              "split": territory}  # fmt: skip
    return jobs.start(JOB, params, actor=actor)


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Take the next step of a design; each begins from the draft, which must not have changed."""
    asked = Asked(**params["asked"])
    found = loaded(int(params["draft"]))
    if found.head.edition != params["edition"] or found.head.state not in EDITABLE:
        raise Conflict(_("The plan was changed while it was being designed: start again."))
    try:
        return _stepped(found, asked, dict(cursor), params)
    except Invalid as error:
        raise readable(error) from error


def _stepped(
    found: Loaded, asked: Asked, cursor: dict[str, Any], params: Mapping[str, Any]
) -> StepResult:
    if not cursor:
        warm()
        return _told({"is_warm": True}, 0, _("Getting ready"))
    if params.get("split") is not None:
        return _split(found, int(params["split"]), params)
    if asked.regions:
        return _finished(
            found, *levelled(found, problem(found, asked.k, asked), asked), asked, params
        )
    return _grown(found, asked, cursor, params)


def _grown(
    found: Loaded, asked: Asked, cursor: dict[str, Any], params: Mapping[str, Any]
) -> StepResult:
    if not asked.k and "k" not in cursor:
        return _counted(found, asked, cursor)
    k = asked.k or int(cursor["k"])
    made = problem(found, k, asked)
    if "centres" not in cursor:
        centres, price = seek(made.units, made.request, np.random.default_rng(asked.seed))
        cursor |= {"k": k, "centres": centres.tolist(), "price": price.tolist(), "stay": 0.0}
        return _told(cursor, 1, _("Centres found"))
    plan = grow(made.units, with_stay(made, cursor["stay"]), np.array(cursor["centres"]),
                np.array(cursor["price"]))  # fmt: skip
    if asked.stay > 0 and not cursor["stay"] and made.units.owner is not None:
        # now the compactness of a plan from scratch is known, of which `stay` is a multiple
        stay = asked.stay * max(plan.figures.inertia, 1e-12)
        cursor |= {"centres": plan.centres.tolist(), "price": [0.0] * len(plan.names),
                   "stay": stay}  # fmt: skip
        return _told(cursor, 2, _("Plan from scratch made"))
    made = without_regions(made)
    if "travel" not in cursor:
        server = routing_server()
        if server is None:
            return _finished(found, made, made.told(plan), asked, params)
        cursor["travel"] = travelling.begin(found, made, server).pk
    return _by_ways(found, made, plan, asked, cursor, params)


def _by_ways(  # noqa: PLR0917  # one step of a design
    found: Loaded,
    made: Problem,
    plan: Plan,
    asked: Asked,
    cursor: dict[str, Any],
    params: Mapping[str, Any],
) -> StepResult:
    """Ask the routing server for more ways; once all are known, assign again by them."""
    row = travelling.ask_on(found, made, plan, int(cursor["travel"]))
    told = travelling.progress_of(row, made)
    if told["done"] < told["all"]:
        return _told(cursor, 3, _("Ways asked for: %(done)s of %(all)s"), **told)
    by_ways = travelling.routed(made, plan, asked, row)
    rows = list(made.rows)
    for at, number in enumerate(made.free):
        mean = float(by_ways.minutes[at])
        rows[number] = replace(rows[number], minutes=mean if np.isfinite(mean) else None)
    with transaction.atomic():
        travelling.kept(by_ways)
        return _finished(found, replace(made, rows=tuple(rows)), by_ways.plan, asked, params)


def _finished(
    found: Loaded, made: Problem, plan: Plan, asked: Asked, params: Mapping[str, Any]
) -> StepResult:
    k = len(made.rows)
    edition = _written(found, made, plan, asked, params)
    figures = plan.figures
    result = {
        "edition": edition,
        "territories": k,
        "is_within": plan.certificate.met,
        "deviation": max(figures.deviation),
        "moved": figures.moved_units,
    }
    message = _("Territories designed: %(k)s")
    return StepResult({}, True, _STEPS, _STEPS, message, {"k": k}, result)


def _split(found: Loaded, territory: int, params: Mapping[str, Any]) -> StepResult:
    made = halves(found, territory)
    centres, price = seek(made.units, made.request, np.random.default_rng(0))
    plan = made.told(grow(made.units, made.request, centres, price))
    after = made.placed(_kept_half(found, made, plan.territory))
    count = int((after != found.territory).sum())
    with changing(
        found.head.id, found.head.edition, actor=str(params["actor"]), scope=Scope.company()
    ) as held:
        held.rewrite(EditKind.SPLIT, made.rows, after, count=count, territory=territory)
    message = _("Split: %(n)s accounts went to the new territory")
    result = {"edition": held.row.edition, "territory": len(made.rows) - 1}
    return StepResult({}, True, _STEPS, _STEPS, message, {"n": count}, result)


def _kept_half(found: Loaded, made: Problem, half: IntArray) -> IntArray:
    """Return the halves so numbered that most of what is the rep's stays where its rep is."""
    rep = made.rows[made.free[0]].rep_id or 0
    own = made.accounts.loads[:, 0] * (found.before[made.chosen] == rep)
    held = np.bincount(half, own, 2)
    turned = held[1] > held[0] and made.asked.locked is None
    return np.asarray(1 - half if turned else half, np.int32)


def warm() -> None:
    """Let the search be compiled in a step of its own: a new installation takes half a minute."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 100, (40, 2))
    tiny = Units(tuple(map(str, range(40))), points, np.ones((40, 1)), ("accounts",))
    request = Request(k=2, tolerances=(0.1,))
    grow(tiny, request, *seek(tiny, request, rng))


def _counted(found: Loaded, asked: Asked, cursor: dict[str, Any]) -> StepResult:
    """Look at one more number of territories: how long its reps are on the road."""
    tried = {int(k): float(hours) for k, hours in cursor.get("tried", {}).items()}

    def road(k: int) -> float:
        if k not in tried:
            raise _Unknown(k)
        return tried[k]

    first = problem(found, max(1, len(found.rows)), asked)
    need = effort(found, first.chosen)
    try:
        cursor["k"] = count_needed(first.accounts, need, working(asked), road)
        return _told(cursor, 1, _("Number of territories found: %(k)s"), k=cursor["k"])
    except _Unknown as unknown:
        k = unknown.k
    made = problem(found, k, asked)
    centres, price = seek(made.units, made.request, np.random.default_rng(asked.seed))
    plan = made.told(grow(made.units, made.request, centres, price))
    hours = road_hours(made.accounts, plan, effort(found, made.chosen), working(asked))
    cursor["tried"] = {**{str(k): h for k, h in tried.items()}, str(k): float(hours.sum())}
    return _told(cursor, 0, _("Number of territories tried: %(k)s"), k=k)


def with_stay(made: Problem, stay: float) -> Request:
    """Return the request with a price on leaving the present holder, km^2."""
    return replace(made.request, stay=float(stay))


def _told(cursor: Mapping[str, Any], done: int, message: str, **params: Any) -> StepResult:
    return StepResult(cursor, False, done, _STEPS, message, params)


def _written(
    found: Loaded, made: Problem, plan: Plan, asked: Asked, params: Mapping[str, Any]
) -> int:
    """Write the plan into the draft, as one change that can be taken back; return the edition."""
    after = made.placed(plan.territory)
    actor = str(params["actor"])
    with changing(found.head.id, found.head.edition, actor=actor, scope=Scope.company()) as held:
        held.row.settings = {
            **held.row.settings,
            "asked": asdict(asked),
            "proof": proof_of(plan, len(made.rows)) | {"edition": held.row.edition + 1},
        }
        count = int((after != held.found.territory).sum())
        held.rewrite(EditKind.DESIGN, made.rows, after, count=count)
    return held.row.edition


def proof_of(plan: Plan, k: int) -> dict[str, Any]:
    """Return what is proved of the plan that was designed, as JSON; a later move voids it."""
    proof, figures = plan.certificate, plan.figures
    return {
        "k": k,
        "is_within": proof.met,
        "gap": proof.gap if np.isfinite(proof.gap) else None,
        "floor": proof.floor,
        "blocking": proof.blocking,
        "blocking_params": dict(proof.blocking_params),
        "notes": [[message, dict(values)] for message, values in plan.notes],
        "inertia": figures.inertia,
        "cut_off": figures.cut_off,
        "moved": figures.moved,
    }


JOB_KIND = JobKind(JOB, _("Design territories"), _step)
