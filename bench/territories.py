"""Territories beside their peers in one run: balance, compactness, proof, disruption, speed.

    python bench/territories.py [tables] [certificate] [pmedcap] [ctdp] [realign] [speed] [million]

Instances and peers are those of ../shared/peers/territories (PERILUNE_PEERS names the folder).
METIS and k-means-constrained take part where pymetis and k_means_constrained can be imported; they
are in no lock. Seconds are of the processor and of the clock: read ratios of one run. Ours includes
its own neighbour graph, the peers are handed theirs. Kernels are compiled before the clock starts.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
PEERS = Path(os.environ.get("PERILUNE_PEERS", ROOT.parent / "shared" / "peers" / "territories"))
DATA = PEERS.parents[1] / "data"
sys.path.insert(0, str(PEERS))
USUAL = ("tables", "certificate", "pmedcap", "ctdp", "realign", "speed")
TABLES = ((1_000, 20), (10_000, 50), (10_000, 200), (100_000, 200))
SEEDS = (0, 1, 2, 3, 4, 5)


def ours(  # noqa: PLR0917  # the signature of a peer, and what is ours
    points: Any,
    work: Any,
    k: int,
    graph: Any = None,
    seed: int = 0,
    width: float = 0.01,
    quick: bool = False,
) -> Any:
    """Return our plan of an instance; `graph` is not used, so that its cost is counted."""
    from perilune.territories.contracts import Request, Units
    from perilune.territories.engine import design

    del graph
    units = Units(tuple(map(str, range(len(points)))), points, work[:, None], ("work",))
    return design(units, Request(k, (width,), quick=quick), np.random.default_rng(seed))


def warm() -> None:
    """Compile what is compiled on first use."""
    from instances import make_accounts

    points, work = make_accounts(300)
    ours(points, work, 5)
    ours(points, work, 5, quick=True)
    ours(points, work, 1)


def timed(method: Callable[..., Any], *words: Any, **named: Any) -> tuple[Any, float, float]:
    """Return what a method gives, its processor and clock seconds."""
    worked, started = time.process_time(), time.perf_counter()
    got = method(*words, **named)
    return got, time.process_time() - worked, time.perf_counter() - started


def tables() -> Iterator[dict[str, Any]]:
    """Targets 1 and 2: ours and each peer on each instance, with the ratio of inertia."""
    from engine import find_method
    from instances import make_accounts
    from measures import adjacency, measure, rounded

    for unit, n, k in [*((False, *one) for one in TABLES), (True, 1_000, 20), (True, 10_000, 50)]:
        points, work = make_accounts(n, unit=unit)
        graph = adjacency(points)
        peers = ("kmc",) if unit else ("greedy", "metis")
        rows = []
        # what the peer imports is counted the first time, as its protocol says; then it is not
        for name in [*peers, *peers] if unit else peers:
            module = {"kmc": "k_means_constrained", "metis": "pymetis"}.get(name, "numba")
            if importlib.util.find_spec(module) is None:
                yield {"table": "plans", "method": name, "n": n, "k": k, "missing": module}
                continue
            method = find_method(name)
            plan, cpu, clock = timed(method, points, work, k, graph)
            got = rounded(measure(points, work, np.asarray(plan, np.int64), k, graph), 3)
            label = f"{name}_again" if any(name == row[0] for row in rows) else name
            rows.append((label, cpu, got["inertia"]))
            yield line("plans", label, n, k, unit, cpu, clock, got)
        # as many per territory as the peer may have: it rounds its bounds to whole accounts
        width = max(0.01, np.ceil(1.01 * n / k) / (n / k) - 1) if unit else 0.01
        seeds = SEEDS if n < 100_000 else SEEDS[:1]
        for quick, seed in itertools.product((False, True) if unit else (False,), seeds):
            plan, cpu, clock = timed(ours, points, work, k, seed=seed, width=width, quick=quick)
            got = rounded(measure(points, work, plan.territory, k, graph), 3)
            name = f"ours{', quick' if quick else ''}, seed {seed}"
            row = line("plans", name, n, k, unit, cpu, clock, got)
            row["gap_pct"] = round(100 * plan.certificate.gap, 3)
            for name, peer_cpu, inertia in rows:
                row[f"inertia_over_{name}"] = round(got["inertia"] / inertia, 3)
                row[f"cpu_over_{name}"] = round(cpu / peer_cpu, 3)
            yield row


def line(  # noqa: PLR0917  # one row
    table: str, method: str, n: int, k: int, unit: bool, cpu: float, clock: float, got: Any
) -> dict[str, Any]:
    return {
        "table": table, "method": method, "n": n, "k": k, "unit": unit, "cpu": round(cpu, 4),
        "clock": round(clock, 4), **got,
    }  # fmt: skip


def certificate() -> Iterator[dict[str, Any]]:
    """Target 3: at 1,000/20 the plan beside HiGHS' MIP (scipy's) at the centres of the plan."""
    from instances import make_accounts
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix

    n, k, limit = 1_000, 20, float(os.environ.get("PERILUNE_MIP_SECONDS", "60"))
    points, work = make_accounts(n)
    plan, cpu, clock = timed(ours, points, work, k)
    cost = work[:, None] * ((points[:, None] - plan.centres[None]) ** 2).sum(axis=2)
    unit, centre = np.divmod(np.arange(n * k), k)
    each = csr_matrix((np.ones(n * k), (unit, np.arange(n * k))), shape=(n, n * k))
    held = csr_matrix((work[unit], (centre, np.arange(n * k))), shape=(k, n * k))
    mean = work.sum() / k
    rules = [LinearConstraint(each, 1, 1), LinearConstraint(held, 0.99 * mean, 1.01 * mean)]
    box = Bounds(0, 1)
    lp, lp_cpu, __ = timed(milp, cost.ravel(), constraints=rules, bounds=box)
    options = {"time_limit": limit, "mip_rel_gap": 1e-4}
    best, mip_cpu, mip_clock = timed(
        milp, cost.ravel(), constraints=rules, bounds=box, integrality=np.ones(n * k),
        options=options,
    )  # fmt: skip
    yield {
        "table": "certificate", "n": n, "k": k, "ours": round(plan.certificate.cost),
        "our_bound": round(plan.certificate.bound), "lp": round(lp.fun), "lp_cpu": round(lp_cpu, 2),
        "cpu": round(cpu, 2), "clock": round(clock, 2), "mip": best.fun and round(best.fun),
        "mip_bound": round(best.mip_dual_bound), "mip_cpu": round(mip_cpu, 2),
        "mip_clock": round(mip_clock, 2), "cut_off": plan.figures.cut_off,
        "above_mip_pct": best.fun and round(100 * (plan.certificate.cost / best.fun - 1), 3),
    }  # fmt: skip


def pmedcap() -> Iterator[dict[str, Any]]:
    """Target 4, first half: OR-Library's capacitated p-median, optima from the files' headers."""
    from perilune.territories.engine.medoids import around_units

    for number in range(1, 11):
        words = (DATA / "orlib" / "pmedcap" / f"pmedcap1_{number}.txt").read_text().split()
        optimum, n, k, capacity = int(words[1]), int(words[2]), int(words[3]), float(words[4])
        rows = np.array(words[5 : 5 + 4 * n], float).reshape(n, 4)
        gap = np.hypot(*(rows[:, None, 1:3] - rows[None, :, 1:3]).transpose(2, 0, 1))
        distance, loads = np.floor(gap + 1e-9), rows[:, 3:4]
        bounds = np.zeros(1), np.array([capacity])
        rng = np.random.default_rng(0)
        plan, cpu, clock = timed(around_units, distance, loads, *bounds, k, rng)
        # the answer is checked here, not taken from the engine
        held = np.bincount(plan.territory, loads[:, 0], k)
        cost = distance[np.arange(n), plan.centres[plan.territory]].sum()
        yield {
            "table": "pmedcap", "number": number, "n": n, "k": k, "optimum": optimum, "ours": cost,
            "gap_pct": round(100 * (cost / optimum - 1), 3),
            "feasible": bool((held <= capacity).all()),
            "cpu": round(cpu, 2), "clock": round(clock, 2),
        }  # fmt: skip


def ctdp() -> Iterator[dict[str, Any]]:
    """Target 4, second half: commercial territory design, best known from the files beside them."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    from perilune.territories.engine.medoids import around_units

    ratios = []
    for path in sorted((DATA / "territory_ctdp" / "instances").glob("*.dat")):
        words = path.read_text().split()
        n = int(words[0])
        rows = np.array(words[1 : 1 + 7 * n], float).reshape(n, 7)
        at = 2 + 7 * n
        count = int(words[at - 1])
        edges = np.array(words[at : at + 2 * count], np.int32).reshape(count, 2)
        k, width = int(words[at + 2 * count]), float(words[at + 2 * count + 2])
        known = (path.parents[1] / "best_known" / path.name.replace(".dat", ".out")).read_text()
        best = float(known.split("Compactness")[1].split()[0])
        distance = np.hypot(*(rows[:, None, 1:3] - rows[None, :, 1:3]).transpose(2, 0, 1))
        loads = rows[:, 3:6]
        target = loads.sum(axis=0) / k
        bounds = target * (1 - width), target * (1 + width)
        rng = np.random.default_rng(0)
        plan, cpu, clock = timed(around_units, distance, loads, *bounds, k, rng, edges)
        held = np.stack([np.bincount(plan.territory, loads[:, t], k) for t in range(3)], axis=1)
        inside = edges[plan.territory[edges[:, 0]] == plan.territory[edges[:, 1]]]
        graph = csr_matrix((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(n, n))
        pieces = connected_components(graph, directed=False)[0]
        off = float(np.abs(held / target - 1).max())
        cost = float(distance[np.arange(n), plan.centres[plan.territory]].sum())
        ratios.append(cost / best)
        yield {
            "table": "ctdp", "name": path.stem, "n": n, "k": k, "best_known": round(best, 2),
            "ours": round(cost, 2), "ratio": round(cost / best, 4), "off_pct": round(100 * off, 3),
            "feasible": pieces == k and off <= width + 1e-9, "cpu": round(cpu, 2),
            "clock": round(clock, 2), "mean_ratio_so_far": round(float(np.mean(ratios)), 4),
        }  # fmt: skip


def realign() -> Iterator[dict[str, Any]]:
    """Target 5: moved workload and inertia, over those of ours from scratch plus Hungarian."""
    import disrupt
    from engine import find_method

    from perilune.territories.contracts import Request, Units
    from perilune.territories.engine import rebalance

    for last in ("metis", "ours"):
        if last == "metis" and importlib.util.find_spec("pymetis") is None:
            yield {"table": "realign", "last_year": last, "missing": "pymetis"}
            continue
        before = find_method(last) if last != "ours" else lambda *a: ours(*a).territory
        case = disrupt.Disruption(10_000, 50, before)
        plan, cpu, __ = timed(ours, case.points, case.work, case.k)
        scratch = disrupt.report("scratch", disrupt.keep_owners(plan.territory, case), case, cpu)
        yield {"table": "realign", "last_year": last, **scratch}
        units = Units(
            tuple(map(str, range(10_000))), case.points, case.work[:, None], ("work",),
            owner=case.owner.astype(np.int32),
        )  # fmt: skip
        request = Request(case.k, (disrupt.TOLERANCE,))
        found, cpu, __ = timed(rebalance, units, request, np.random.default_rng(0))
        held = 1 - case.orphan_share / 100
        for at, one in enumerate(found.frontier):
            yield {
                "table": "realign", "last_year": last, "stay": round(one.stay),
                "cpu_all": round(cpu, 1),
                "moved_pct": round(100 * one.moved * held, 2), "inertia": round(one.inertia, 1),
                "deviation_pct": round(100 * one.deviation, 2),
                "cut_pct": round(100 * one.cut_off, 3),
                "moved_over_scratch": round(100 * one.moved * held / scratch["moved_workload"], 3),
                "inertia_over_scratch": round(one.inertia / scratch["inertia"], 4),
                "floor_pct": round(100 * found.floor * held, 2), "chosen": at == found.chosen,
            }  # fmt: skip


def speed(
    sizes: Any = ((10_000, 50), (100_000, 200), (100_000, 1_000)),
) -> Iterator[dict[str, Any]]:
    """Target 6: seconds and peak memory of one process for each size."""
    for n, k in sizes:
        code = f"import territories as t; t.warm(); t.print_row(t.one_size({n}, {k}))"
        here = str(Path(__file__).parent)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False
        )
        last = (done.stdout.strip().splitlines() or ["{}"])[-1]
        yield (
            json.loads(last)
            if done.returncode == 0
            else {"n": n, "k": k, "failed": done.returncode}
        )


def one_size(n: int, k: int) -> dict[str, Any]:
    from instances import make_accounts

    points, work = make_accounts(n)
    plan, cpu, clock = timed(ours, points, work, k)
    return {
        "table": "speed", "n": n, "k": k, "cpu": round(cpu, 2), "clock": round(clock, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "deviation_pct": round(100 * plan.figures.deviation[0], 3), "met": plan.certificate.met,
        "gap_pct": round(100 * plan.certificate.gap, 3), "cut": plan.figures.cut_off,
        "inertia": round(plan.figures.inertia, 2), "load": os.getloadavg()[0],
    }  # fmt: skip


def million() -> Iterator[dict[str, Any]]:
    """The largest size of target 6."""
    yield from speed(((1_000_000, 200),))


def print_row(row: dict[str, Any]) -> None:
    print(json.dumps(row, default=float), flush=True)


PARTS = {
    "tables": tables, "certificate": certificate, "pmedcap": pmedcap, "ctdp": ctdp,
    "realign": realign, "speed": speed,
    "million": million,
}  # fmt: skip


def run(names: Any = USUAL) -> list[dict[str, Any]]:
    """Return the rows of the parts named."""
    if not PEERS.is_dir():
        return [{"table": "territories", "missing": str(PEERS)}]
    warm()
    rows = []
    for name in names:
        for row in PARTS[name]():
            print_row(row)
            rows.append(row)
    return rows


if __name__ == "__main__":
    run(sys.argv[1:] or USUAL)
