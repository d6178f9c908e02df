"""A process that is killed: makes a home, or imports into it; or begins again after the kill."""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    what, path = sys.argv[1], Path(sys.argv[2])
    os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
    import django

    django.setup()
    from perilune.history import queries as history
    from perilune.history import service as history_service
    from perilune.hub import queries, service
    from perilune.hub.contracts import RunState
    from perilune.hub.service import reading
    from perilune.jobs.testing import migrate
    from perilune.kernel.wiring import KINDS, ON_COMMITTED
    from perilune.people import service as people

    ON_COMMITTED.clear()
    reading.CHUNK = 200
    if what == "make":
        migrate()
        people.company_init(name="Crash", currency="EUR")

    def import_it() -> None:
        run = service.import_open(path, source="crash")
        if what == "import":
            sys.stdout.write("begun\n")
            sys.stdout.flush()
        while service.import_read(run).state is RunState.READING:
            pass
        while service.import_apply(run).state is not RunState.DONE:
            pass

    def count() -> None:
        model = history.model_of(KINDS.get("opportunity"))
        found = {
            "states": [info.state.value for info in queries.runs()],
            "records": model._default_manager.count(),
            "deals": len(history.states_as_of("opportunity", None)),
            "keys": len(history.identity_keys("crash", "opportunity")),
            "unfinished": history_service.unfinished_sets(),
        }
        sys.stdout.write(json.dumps(found) + "\n")

    steps = {"import": (import_it,), "again": (service.recover, count, import_it, count)}
    for step in steps.get(what, ()):
        step()


main()
