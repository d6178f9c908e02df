"""Duplicates: ours on real tables without and with labels, and on a million made accounts.

What was decided before looking: the halves of chicago_sites are those of a digest of the true id;
the first was looked at while the engine was written, the second was not, and is reported apart.
Labels are chosen by our own active choice in rounds of 50, answered from the true ids; labelled
pairs are left out of what was found and of the truth. F1 is over pairs within clusters.

Peers run in the same go when PERILUNE_PEERS_PYTHON names a Python with splink, recordlinkage and
dedupe (`dedupe==3.0.3 BTrees==5.2 "zope.index<8"`), by their scripts in ../shared/peers/duplicates.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("PERILUNE_SHARED", HERE.parents[1] / "shared"))
DATA = SHARED / "data" / "dedupe"
ROUND = 50
PEERS = (("splink", "chicago"), ("splink", "restaurants"), ("recordlinkage", "chicago"),
         ("recordlinkage", "restaurants"), ("dedupe", "restaurants"))  # fmt: skip

Table = tuple[list[str], dict[str, list[str]], list[str]]
"""ids, cells of each column, truth of each row"""


def half_of(truth: str) -> str:
    return "AB"[hashlib.blake2b(truth.encode(), digest_size=1).digest()[0] % 2]


def chicago(half: str = "AB") -> Table:
    with (DATA / "chicago_sites.csv").open(encoding="latin-1", newline="") as file:
        rows = [row for row in csv.DictReader(file) if half_of(row["True Id"]) in half]
    columns = {c: [r[c] for r in rows] for c in ("Site name", "Address", "Zip", "Phone")}
    return [r["Id"] for r in rows], columns, [r["True Id"] for r in rows]


def restaurants() -> Table:
    folder = DATA / "restaurants"
    with (folder / "restaurantProfiles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="|"))
    of = {row["id"]: row["id"] for row in rows}
    for line in (folder / "duplicates.csv").read_text().split():
        one, two = line.split("|")
        of = {row: of[one] if head == of[two] else head for row, head in of.items()}
    columns = {c: [r[c] for r in rows] for c in ("name", "addr", "phone", "city")}
    return list(of), columns, list(of.values())


def pairs_of(groups: Sequence[Any]) -> set[tuple[int, int]]:
    members = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    return {pair for rows in members.values() for pair in itertools.combinations(rows, 2)}


def scored(found: set[tuple[int, int]], true: set[tuple[int, int]]) -> dict[str, float]:
    hits = len(found & true)
    precision, recall = hits / max(1, len(found)), hits / max(1, len(true))
    f1 = 2 * hits / max(1, len(found) + len(true))
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def asked(name: str, table: Table, most: int) -> Iterator[dict[str, Any]]:
    """Give the figures without labels and after each round of them."""
    from perilune.hub.contracts.duplicates import Label, Options
    from perilune.hub.engine.matching.columns import recognised
    from perilune.hub.engine.matching.finding import find

    ids, columns, truth = table
    true = pairs_of(truth)
    fields = recognised(columns)
    cells = [columns[f.column] for f in fields]
    labels: list[Label] = []
    while True:
        wall, cpu = time.perf_counter(), time.process_time()
        options = Options(ask=ROUND if len(labels) < most else 0)
        answer = find(ids, fields, cells, labels=labels, options=options)
        seconds, used = time.perf_counter() - wall, time.process_time() - cpu
        known = {(label.left, label.right) for label in labels}
        inside = pairs_of(answer.group.tolist())
        row = {"data": name, "labels": len(labels), **scored(inside - known, true - known)}
        yield row | {
            "seconds": round(seconds, 2),
            "cpu": round(used, 2),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "own_labels": answer.quality and {
                "precision": answer.quality.precision.value, "recall": answer.quality.recall.value
            },
        }  # fmt: skip
        if len(labels) >= most or not len(answer.asked):
            return
        for i in answer.asked:
            one, two = sorted((int(answer.left[i]), int(answer.right[i])))
            labels.append(Label(one, two, truth[one] == truth[two]))


def made(count: int) -> dict[str, Any]:
    """Return the figures of the command on a file of made accounts."""
    sys.path.insert(0, str(HERE))
    import made_accounts

    with tempfile.TemporaryDirectory() as folder:
        file, clusters = Path(folder) / "made.csv", Path(folder) / "clusters.csv"
        made_accounts.write(file, count, count)
        command = [str(Path(sys.executable).parent / "perilune"), "--home", f"{folder}/home",
                   "duplicates", "find", str(file), "--id", "id", "--clusters", str(clusters),
                   "--pairs", f"{folder}/pairs.csv", "--json"]  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        with file.open(newline="") as rows, clusters.open(newline="") as groups:
            truth = {row["id"]: row["truth"] for row in csv.DictReader(rows)}
            group = {row["id"]: row["cluster"] for row in csv.DictReader(groups)}
    inside, true = _pairs(Counter(group.values())), _pairs(Counter(truth.values()))
    hits = _pairs(Counter((group[one], truth[one]) for one in truth))
    return {
        "data": f"made, {count} accounts", "labels": 0, "precision": round(hits / inside, 4),
        "recall": round(hits / true, 4), "f1": round(2 * hits / (inside + true), 4),
        "seconds": told["seconds"], "peak_mb": told["peak_memory_mb"],
        "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "candidates": told["candidates"],
    }  # fmt: skip


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def peers() -> Iterator[dict[str, Any]]:
    """Give what the peers' own scripts print, where they can be run."""
    python = os.environ.get("PERILUNE_PEERS_PYTHON", "")
    for tool, data in PEERS if python else ():
        script = SHARED / "peers" / "duplicates" / f"run_{tool}.py"
        done = subprocess.run(
            [python, str(script), data], capture_output=True, check=False, text=True, timeout=580
        )
        for line in done.stdout.splitlines():
            yield {"peer": tool, **json.loads(line)}


def run() -> Iterator[dict[str, Any]]:
    """Give one row a measurement."""
    yield from asked("chicago_sites, all", chicago(), 450)
    yield from asked("chicago_sites, half not looked at", chicago("B"), 450)
    yield from asked("restaurants", restaurants(), 200)
    yield from peers()
    for count in (20_000, 1_000_000):
        yield made(count) | {"aim": "300 s, 6,000 MB" if count == 1_000_000 else ""}
    sys.path.insert(0, str(HERE))
    import prevention

    yield from prevention.run()
