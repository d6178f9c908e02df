"""A process that syncs and is killed: makes a home, syncs in it, or tells what stands there."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
    from perilune.site.home import Home

    Home(Path(os.environ["PERILUNE_HOME"])).prepare()
    import django

    django.setup()
    from perilune.history import service as history_service
    from perilune.hub import service
    from perilune.hub.models import Connection, ImportRun, Proof, SyncRun
    from perilune.hub.service import reading, sync
    from perilune.hub.service.sync import running, salesforce, secrets
    from perilune.hub.testing import a_company
    from perilune.hub.tests.syncing import differing
    from perilune.jobs.testing import migrate
    from perilune.kernel.wiring import ON_COMMITTED
    from tests.forks import each_in_a_fork

    ON_COMMITTED.clear()
    reading.CHUNK, salesforce.FEW, salesforce.BULK_PAGE = 40, 10, 40
    running.LISTED_AT_MOST, running.SAVED_EVERY = 50, 0.0

    def make(told: dict[str, Any]) -> None:
        migrate()
        a_company()
        keys = told["keys"]
        sync.connection_add("acme", told["address"], keys["client_id"], keys["client_secret"])
        Connection.objects.update(credentials=secrets.sealed(keys), is_connected=True)

    def go_on(_told: dict[str, Any]) -> None:
        service.recover()
        run_id = sync.sync_start("acme")
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        while not sync.sync_step(run_id, seconds=0).is_done:
            pass

    def tell(told: dict[str, Any]) -> None:
        org: Any = SimpleNamespace(rows=told["rows"])
        red = [
            (p.object, p.month)
            for p in Proof.objects.all()
            if (p.there, p.sum_there) != (p.here, p.sum_here)
        ]
        found = {
            "differing": differing(org),
            "red": red,
            "is_proved": SyncRun.objects.latest("id").is_proved,
            "states": sorted(set(SyncRun.objects.values_list("state", flat=True))),
            "imports": sorted(set(ImportRun.objects.values_list("state", flat=True))),
            "unfinished": history_service.unfinished_sets(),
        }
        sys.stdout.write(json.dumps(found) + "\n")

    def do(line: str) -> None:
        what, path = line.split(maxsplit=1)
        told = json.loads(Path(path).read_text())
        {"make": make, "sync": go_on, "tell": tell}[what](told)

    each_in_a_fork(do)


main()
