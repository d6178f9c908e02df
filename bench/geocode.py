"""100,000 accounts without coordinates: found in memory, and found and written in a home.

    python bench/geocode.py [--accounts 100000]

The addresses are made: towns of the bundled table (France seven of ten), spelt as people do,
with the department's postcode, a tenth of them CEDEX. So seconds are measured, not how many real
addresses are found. Equal addresses are looked up once, as in a real list.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTS = 100_000
BATCH = 5_000
KNOWN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def addresses(count: int, seed: int = 7) -> list[dict[str, str]]:
    """Return addresses of towns drawn by the root of their population."""
    from perilune.crm.queries.places import known_towns

    rng = random.Random(seed)
    towns = [t for t in known_towns() if t.population]
    french = [t for t in towns if t.country == "FR" and t.insee]
    abroad = [t for t in towns if t.country in {"DE", "BE", "CH", "GB", "ES", "IT"}]
    made = []
    for part, share in ((french, 0.7), (abroad, 0.3)):
        weights = [t.population**0.5 for t in part]
        for town in rng.choices(part, weights, k=round(count * share)):
            is_cedex = town.country == "FR" and rng.random() < 0.1
            name = rng.choice((town.name, town.name.upper(), town.name.replace("Saint-", "St ")))
            digits = "20" if town.insee[:2] in {"2A", "2B"} else town.insee[:2]
            code = f"{digits}{rng.randrange(10, 99)}0" if town.country == "FR" else ""
            if digits == "20":
                code = ("200" if town.insee[:2] == "2A" else "202") + code[3:]
            made.append(
                {
                    "country": town.country,
                    "city": name + (" CEDEX" if is_cedex else ""),
                    "postcode": code,
                }
            )
    rng.shuffle(made)
    return made


def run(count: int = ACCOUNTS) -> list[dict[str, Any]]:
    """Return the measured rows."""
    with tempfile.TemporaryDirectory() as folder:
        _begin(Path(folder))
        from perilune.crm.contracts.places import Address, Place
        from perilune.crm.queries import geocoding, known_places, places
        from perilune.crm.service import accounts_place

        rows = addresses(count)
        started = time.perf_counter()
        known = known_places()
        loaded = time.perf_counter() - started
        asked = [Address(r["country"], "", r["city"], r["postcode"]) for r in rows]
        worked, started = time.process_time(), time.perf_counter()
        found = places(asked, known)
        in_memory = time.perf_counter() - started, time.process_time() - worked
        _fill(rows)
        worked, started = time.process_time(), time.perf_counter()
        looked = geocoding()
        read = time.perf_counter() - started, time.process_time() - worked
        worked, started = time.process_time(), time.perf_counter()
        done = accounts_place(looked, actor="bench")
        written = time.perf_counter() - started, time.process_time() - worked
        return [
            {
                "name": f"{count:,} addresses",
                "distinct": len(set(asked)),
                "placed": sum(isinstance(one, Place) for one in found),
                "index_s": round(loaded, 2),
                "in_memory_s": [round(s, 2) for s in in_memory],
                "preview_in_a_home_s": [round(s, 2) for s in read],
                "write_s": [round(s, 2) for s in written],
                "written": len(done.ids),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "load": os.getloadavg()[0],
            }
        ]


def _begin(folder: Path) -> None:
    os.environ["PERILUNE_HOME"] = str(folder / "home")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    sys.path.insert(0, str(ROOT / "src"))
    from perilune.site.home import Home

    Home.from_environment().prepare()
    import django

    django.setup()
    from perilune.people import service as people
    from perilune.site.commands import prepare

    prepare(Home.from_environment())
    people.company_init(name="Bench", currency="EUR")


def _fill(rows: list[dict[str, str]]) -> None:
    """Write the accounts as one set."""
    from perilune.history.contracts import Batch, Creation, to_us
    from perilune.history.service import bulk_append, bulk_complete, bulk_open, reserve_ids

    ids = reserve_ids("account", len(rows))
    opened = bulk_open(source="bench", actor="bench", purpose="import", title="", known_at=KNOWN)
    for start in range(0, len(rows), BATCH):
        born = [
            Creation(ids[at], to_us(KNOWN), {"name": f"Account {at}", **rows[at]})
            for at in range(start, min(start + BATCH, len(rows)))
        ]
        bulk_append(opened, Batch("account", creations=born))
    bulk_complete(opened)


if __name__ == "__main__":
    wanted = int(sys.argv[sys.argv.index("--accounts") + 1]) if "--accounts" in sys.argv else 0
    for row in run(wanted or ACCOUNTS):
        print(json.dumps(row))
