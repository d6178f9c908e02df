"""Repairs and a register for made accounts, half of them badly written: processor seconds.

    PYTHONPATH=src python bench/repairs.py 100000

Asked for: a look through all, a dry run and the writing of 50,000 telephone numbers as one change
set, its undo, and five times as many rows of a register matched by SIRET.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PHONES = ("account", "phone", "")
CAP = 50_000


def values(number: int, rnd: random.Random) -> dict[str, str]:
    """Return an account, badly written or not by an even chance."""
    is_bad, n = rnd.random() < 0.5, f"{number:08d}"
    phone = f"7{n[1]} {n[2:4]} {n[4:6]} {n[6:8]}"
    return {
        "name": f"Maison {n} {'S.A.R.L.' if is_bad else 'SARL'}",
        "country": "FRANCE" if is_bad else "France",
        "city": "Lyon",
        "postcode": "69 003" if is_bad else "69003",
        "phone": f"04 {phone}" if is_bad else f"+33 4 {phone}",
        "website": f"HTTP://www.m{n}.fr/" if is_bad else f"http://www.m{n}.fr",
        "siret": f"55210{number:09d}",
    }


def timed(name: str, what: Callable[[], Any]) -> Any:
    """Do something and print its processor seconds."""
    start = time.process_time()
    result = what()
    print(f"{name}: {time.process_time() - start:.1f} s", flush=True)
    return result


def write_accounts(count: int) -> None:
    """Write made accounts as an import."""
    from perilune.history import service as history
    from perilune.history.contracts import Batch, Creation, to_us

    now, rnd = datetime.now(UTC), random.Random(1)
    ids = history.reserve_ids("account", count)
    number = history.bulk_open(source="crm", actor="x", purpose="import", title="", known_at=now)
    for at in range(0, count, 5_000):
        some = range(at, min(count, at + 5_000))
        born = [Creation(ids[one], to_us(now), values(one, rnd)) for one in some]
        history.bulk_append(number, Batch("account", born))
    history.bulk_complete(number)


def write_register(folder: Path, rows: int) -> Path:
    """Write sites of a register."""
    path = folder / "StockEtablissement.csv"
    with path.open("w") as file:
        file.write("siren,siret,etablissementSiege,libelleVoieEtablissement\n")
        for one in range(rows):
            file.write(f"55210{one:09d}"[:9] + f",55210{one:09d},true,VOLTAIRE\n")
    return path


def main(count: int) -> None:
    """Measure."""
    folder = tempfile.TemporaryDirectory()
    os.environ["PERILUNE_HOME"] = folder.name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from perilune.hub.queries import mending as queries
    from perilune.hub.service import enriching, mending
    from perilune.people import service as people

    for database in ("default", "queue"):
        call_command("migrate", database=database, verbosity=0)
    people.company_init(name="Acme", currency="EUR")
    write_accounts(count)
    timed("look", mending.look)
    print({one.rule.value: one.count for one in queries.groups()})
    timed("dry run", lambda: mending.apply(actor="a", group=PHONES, cap=CAP, dry_run=True))
    done = timed("apply", lambda: mending.apply(actor="a", group=PHONES, cap=CAP))
    timed("undo", lambda: mending.undo(done.run, actor="a"))
    enriching.provider_set("sirene", actor="a")
    path = write_register(Path(folder.name), 5 * count)
    print(timed("register", lambda: enriching.enrich("sirene", path)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
