"""Makers for tests of imports."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from perilune.hub import queries, service
from perilune.hub.contracts import RunState
from perilune.people import service as people
from perilune.people.queries import company_or_none

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("PERILUNE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def a_company(currency: str = "USD", **more: Any) -> None:
    """Begin a company where there is none."""
    if company_or_none() is None:
        people.company_init(name="Acme", currency=currency, **more)


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def imported(path: Path, **options: Any) -> queries.RunInfo:
    """Import a path to its end and return the run; STOPPED where a guard stopped it."""
    if isinstance(options.get("as_of"), str):
        options["as_of"] = date.fromisoformat(options["as_of"])
    run_id = service.import_open(path, **options)
    while service.import_read(run_id).state is RunState.READING:
        pass
    if queries.run_info(run_id).state is RunState.READY:
        while service.import_apply(run_id).state is not RunState.DONE:
            pass
    return queries.run_info(run_id)
