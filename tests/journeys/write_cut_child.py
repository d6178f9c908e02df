"""A process that writes back and is killed: makes a home, writes in it, or tells what stands."""

import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:  # noqa: C901  # three things that one process can be asked to do
    os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
    from perilune.site.home import Home

    Home(Path(os.environ["PERILUNE_HOME"])).prepare()
    import django

    django.setup()
    from perilune.crm import service as crm
    from perilune.history import queries as history
    from perilune.hub.contracts.writing import Verb
    from perilune.hub.models import Connection, SyncRun, WriteBatch
    from perilune.hub.queries import births, proposals
    from perilune.hub.queries import writing as queries
    from perilune.hub.service import sync
    from perilune.hub.testing import a_company
    from perilune.hub.tests.syncing import synced
    from perilune.jobs.testing import migrate
    from perilune.kernel.wiring import ON_COMMITTED
    from tests.forks import each_in_a_fork

    ON_COMMITTED.clear()

    def make(told: dict[str, Any]) -> None:
        migrate()
        a_company()
        sync.connection_add("acme", told["address"], token=told["token"], provider="pipedrive")
        Connection.objects.update(is_connected=True)
        synced()
        sync.write_allow("acme", "deals", {"value": "ask"})
        sync.write_may("acme", "organizations", match=told["match"])
        for at, record_id in enumerate(
            sorted(history.identity_keys("acme", "opportunity").values())
        ):
            crm.record_change("opportunity", record_id, {"amount": 10_000_00 + at}, actor="ann")
        for at in range(told["new"]):
            crm.record_create("account", {"name": f"New {at:03d}"}, actor="ann")
        for verb in (Verb.CHANGE, Verb.MAKE):
            batch_id = sync.write_prepare("acme", "Cut", actor="ann", verb=verb)
            while not sync.write_step(batch_id).is_done:
                pass

    def write(_told: dict[str, Any]) -> None:
        for batch in WriteBatch.objects.order_by("id"):
            if not queries.batch(batch.id).may_go and batch.state != "writing":
                continue
            sync.write_go(batch.id, actor="boss")
            sys.stdout.write("begun\n")
            sys.stdout.flush()
            while not sync.write_step(batch.id, seconds=5).is_done:
                pass

    def tell(_told: dict[str, Any]) -> None:
        synced()
        found = {
            "states": {str(b.id): b.state for b in WriteBatch.objects.all()},
            "lines": {b.verb.value: {s.value: n for s, n in b.counts.items()}
                      for b in queries.batches("acme")},
            "left": proposals.proposals("acme").records + births.to_make("acme").records,
            "accounts": len(history.states_as_of("account", None)),
            "is_proved": SyncRun.objects.latest("id").is_proved,
        }  # fmt: skip
        sys.stdout.write(json.dumps(found) + "\n")

    def do(line: str) -> None:
        what, path = line.split(maxsplit=1)
        told = json.loads(Path(path).read_text())
        {"make": make, "write": write, "tell": tell}[what](told)

    each_in_a_fork(do)


main()
