"""Every benchmark in one run, ours beside its peers: `python bench/run.py [NAME ...]`.

Each module of this folder has `run()`, which gives rows: what was measured, ours, the peer's, the
ratio and the aim. Machines are noisy: read the ratios, which come from one run on one machine.
The table goes to standard output; bench/README.md keeps the one that was committed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
NAMES = (
    "store", "imports", "pages", "forecast", "bridge", "territories", "geocode", "map",
    "territory_drafts", "plan", "duplicates", "sync",
)  # fmt: skip


def load(name: str) -> ModuleType:
    """Import a benchmark of this folder by its name."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(names: list[str]) -> int:
    """Run the benchmarks named (all by default), each in a process of its own; print JSON lines."""
    if len(names) == 1:
        for row in load(names[0]).run():
            print(json.dumps({"bench": names[0]} | row, default=str), flush=True)
        return 0
    facts: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }
    print(json.dumps(facts), flush=True)
    worst = 0
    for name in names or NAMES:
        done = subprocess.run([sys.executable, str(HERE / "run.py"), name], check=False)
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
