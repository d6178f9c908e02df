"""A process that writes back and is killed: makes a home, writes in it, or tells what stands."""

import json
import os
import sys
from pathlib import Path


def main() -> None:  # noqa: C901  # three things that one process can be asked to do
    what, told = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
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

    ON_COMMITTED.clear()

    def make() -> None:
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

    def write() -> None:
        for batch in WriteBatch.objects.order_by("id"):
            if not queries.batch(batch.id).may_go and batch.state != "writing":
                continue
            sync.write_go(batch.id, actor="boss")
            sys.stdout.write("begun\n")
            sys.stdout.flush()
            while not sync.write_step(batch.id, seconds=5).is_done:
                pass

    def tell() -> None:
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

    {"make": make, "write": write, "tell": tell}[what]()


main()
