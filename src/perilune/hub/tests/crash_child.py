"""A process that is killed: makes a home, or imports into it; or begins again after the kill."""

import json
import os
from pathlib import Path


def main() -> None:
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
    from tests.forks import each_in_a_fork, tell

    ON_COMMITTED.clear()
    reading.CHUNK = 200

    def make() -> None:
        migrate()
        people.company_init(name="Crash", currency="EUR")

    def import_it(path: Path) -> None:
        run = service.import_open(path, source="crash")
        tell("read")
        while service.import_read(run, seconds=0).state is RunState.READING:
            tell("read")
        tell("apply")
        while service.import_apply(run, seconds=0).state is not RunState.DONE:
            tell("apply")

    def count() -> None:
        model = history.model_of(KINDS.get("opportunity"))
        found = {
            "state": queries.runs()[0].state.value,
            "records": model._default_manager.count(),
            "deals": len(history.states_as_of("opportunity", None)),
            "keys": len(history.identity_keys("crash", "opportunity")),
            "unfinished": history_service.unfinished_sets(),
        }
        tell(json.dumps(found))

    def again(path: Path) -> None:
        service.recover()
        count()
        import_it(path)
        count()

    def do(told: str) -> None:
        what, _space, path = told.partition(" ")
        {"make": lambda _path: make(), "import": import_it, "again": again}[what](Path(path))

    each_in_a_fork(do)


main()
