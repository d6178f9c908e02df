"""Imports beside Django's bulk_create, in one run, on one file of deals.

Ours reads the CSV, surveys and validates every row, resolves owners, products, accounts and stages,
writes history with its known_at and identities, and projects the records. Theirs (`bulk_create`,
batches of 5,000) writes the same opportunity rows from values that are ready in memory, without any
of it. Run: python bench/imports.py [--rows 200000] [--large-mb 200] [--large read|import]

A ratio is theirs over ours in one round: [worst, middle, best] of the rounds. The large file is
read and staged as by `perilune import --dry-run`, or imported to the end with `--large import`;
`--rows 0` leaves the comparison out.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROWS = 200_000
ROUNDS = 3
STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
HEADER = (
    "Id",
    "Name",
    "StageName",
    "Amount",
    "CloseDate",
    "CreatedDate",
    "Owner",
    "Account",
    "Product",
    "LeadSource",
)


def write_file(path: Path, rows: int, *, dated: bool, seed: int = 7) -> None:
    """Write an export of deals; not dated: a snapshot without creation dates."""
    rng = random.Random(seed)
    first = date(2024, 1, 1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(rows):
            born = first + timedelta(days=rng.randrange(700))
            close = born + timedelta(days=rng.randrange(20, 200))
            stage = (
                rng.choices(STAGES, (10, 12, 8, 5, 30, 35))[0] if dated else rng.choice(STAGES[:4])
            )
            out.writerow(
                (
                    f"006{i:012d}", f"Deal {i}", stage, rng.randrange(1000, 90_000),
                    close.isoformat(),
                    born.isoformat() if dated else "", f"Rep {rng.randrange(60)}",
                    f"Account {rng.randrange(5000)}", f"Product {rng.randrange(40)}",
                    rng.choice(("Web", "Fair", "Partner")),
                )
            )  # fmt: skip


def run(rows: int = ROWS, large_mb: int = 200, large: str = "read") -> list[dict[str, Any]]:
    """Return the measured figures, each in a process and a home of its own."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("snapshot", "dated") if rows else ():
            path = Path(folder) / f"{name}.csv"
            write_file(path, rows, dated=name == "dated")
            results.append({"name": f"import of {rows:,} opportunities, {name}, SQLite"})
            results[-1] |= _beside(path, rows)
        path = Path(folder) / "large.csv"
        wanted = large_mb * 2**20
        write_file(path, wanted // 92, dated=True)
        size = path.stat().st_size
        found = _child(large, path, Path(folder) / "home-large")
        results.append(
            {
                "name": f"memory of a large file: {large}",
                "file_mb": size // 2**20,
                "rss_mb": found["rss_mb"],
                "rss_before_mb": found["rss_before_mb"],
                "rows": found["rows"],
                "rows_s": round(found["rows"] / found["seconds"]),
                "cpu_s": round(found["cpu"]),
                "longest_write_s": round(found["longest"], 3),
            }
        )
    return results


def _beside(path: Path, rows: int) -> dict[str, Any]:
    """Import a file and bulk_create its rows, in turn; every round in a home of its own."""
    rounds = []
    for number in range(ROUNDS):
        home = path.with_suffix(f".home{number}")
        rounds.append((_child("import", path, home), _child("bulk_create", path, home, rows)))
        shutil.rmtree(home)
    by_clock = sorted(theirs["seconds"] / ours["seconds"] for ours, theirs in rounds)
    by_cpu = sorted(theirs["cpu"] / ours["cpu"] for ours, theirs in rounds)
    return {
        "ours_rows_s": round(rows / median(ours["seconds"] for ours, _t in rounds)),
        "bulk_create_rows_s": round(rows / median(theirs["seconds"] for _o, theirs in rounds)),
        "ours_cpu_s": round(median(ours["cpu"] for ours, _t in rounds), 2),
        "bulk_create_cpu_s": round(median(theirs["cpu"] for _o, theirs in rounds), 2),
        "ratio": [round(by_clock[0], 2), round(median(by_clock), 2), round(by_clock[-1], 2)],
        "ratio_cpu": [round(by_cpu[0], 2), round(median(by_cpu), 2), round(by_cpu[-1], 2)],
        "history_rows": rounds[0][0]["changes"],
        "longest_write_s": round(max(ours["longest"] for ours, _t in rounds), 3),
        "rss_mb": max(ours["rss_mb"] for ours, _t in rounds),
        "load": round(os.getloadavg()[0], 1),
    }


def _child(what: str, path: Path, home: Path, rows: int = 0) -> dict[str, Any]:
    environment = {
        **os.environ,
        "PERILUNE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "perilune.site.settings",
    }
    command = [sys.executable, __file__, "--child", what, str(path), str(rows)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _begin() -> None:
    home = Path(os.environ["PERILUNE_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.core.management import call_command

    from perilune.kernel.wiring import ON_COMMITTED
    from perilune.people import service as people
    from perilune.people.queries import company_or_none

    call_command("migrate", verbosity=0)
    call_command("migrate", database="queue", verbosity=0)
    ON_COMMITTED.clear()  # the store is measured elsewhere
    if company_or_none() is None:
        people.company_init(name="Bench", currency="USD")


def _rss() -> int:
    """Return the most memory that this process held so far, MB; getrusage counts its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def _child_import(path: Path, *, apply: bool) -> dict[str, Any]:
    from perilune.history import service as history
    from perilune.history.models import Change
    from perilune.hub import queries, service
    from perilune.hub.contracts import RunState

    longest = 0.0

    def timed(plain: Callable[..., None]) -> Callable[..., None]:
        def written(*args: Any) -> None:
            nonlocal longest
            began = time.perf_counter()
            plain(*args)
            longest = max(longest, time.perf_counter() - began)

        return written

    history.bulk_append = timed(history.bulk_append)
    history.bulk_append_columns = timed(history.bulk_append_columns)
    before, began, cpu = _rss(), time.perf_counter(), time.process_time()
    run_id = service.import_open(path, source="bench")
    while service.import_read(run_id).state is RunState.READING:
        pass
    if apply:
        while service.import_apply(run_id).state is not RunState.DONE:
            pass
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    info = queries.run_info(run_id)
    return {
        "seconds": seconds,
        "cpu": cpu,
        "longest": longest,
        "rows": info.total_rows,
        "new": info.counts["opportunity"]["new"],
        "changes": Change.objects.filter(kind="opportunity").count(),
        "rss_mb": _rss(),
        "rss_before_mb": before,
    }


def _child_bulk_create(rows: int) -> dict[str, Any]:
    """Write the imported opportunities once more, under other ids, by bulk_create alone."""
    from perilune.crm.models import Opportunity

    names = [f.attname for f in Opportunity._meta.concrete_fields]
    values = list(Opportunity.objects.values(*names)[:rows])
    made = [Opportunity(**{**row, "id": row["id"] + 10_000_000}) for row in values]
    began, cpu = time.perf_counter(), time.process_time()
    Opportunity.objects.bulk_create(made, batch_size=5_000)
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


def main() -> None:
    if "--child" in sys.argv:
        what, path, rows = sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
        _begin()
        if what == "bulk_create":
            found = _child_bulk_create(rows)
        else:
            found = _child_import(path, apply=what == "import")
        sys.stdout.write(json.dumps(found) + "\n")
        return
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    wanted = (int(options.get("--rows", ROWS)), int(options.get("--large-mb", 200)))
    for row in run(*wanted, options.get("--large", "read")):
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
