"""What a home holds, as JSON, each time that it is asked: a process of its own.

The worker's minute is let pass at once: what a cut took from its hands is handed out again.
"""

import json
import sys
from collections import Counter

import django

django.setup()

from perilune.history import queries as history  # noqa: E402
from perilune.history import service as history_service  # noqa: E402
from perilune.hub import queries as imports  # noqa: E402
from perilune.jobs import service as jobs  # noqa: E402
from perilune.jobs.models import Job  # noqa: E402
from perilune.kernel.asof import AsOf  # noqa: E402
from perilune.kernel.scope import Scope  # noqa: E402
from perilune.kernel.wiring import KINDS  # noqa: E402
from perilune.people.queries import company  # noqa: E402
from perilune.site import wiring  # noqa: E402
from perilune.store import queries as store  # noqa: E402
from tests.forks import each_in_a_fork  # noqa: E402

assert wiring


def held(_what: str) -> None:
    jobs.tick()
    today: AsOf = company().today
    states = history.states_as_of("opportunity", None)
    stored = store.run_sql(
        "SELECT id, name, next_step FROM opportunity", scope=Scope.company(), as_of=today
    )
    names = Counter(state["name"] for state in states.values())
    json.dump(
        {
            "names": dict(names),
            "steps": {str(key): state.get("next_step") or "" for key, state in states.items()},
            "keys": len(history.identity_keys("crm", "opportunity")),
            "records": history.model_of(KINDS.get("opportunity"))._default_manager.count(),
            "unfinished": history_service.unfinished_sets(),
            "imports": Counter(info.state.value for info in imports.runs()),
            "jobs": Counter(f"{job.kind} {job.state}" for job in Job.objects.all()),
            "stored": {str(row[0]): [row[1], row[2] or ""] for row in stored.rows},
        },
        sys.stdout,
    )


each_in_a_fork(held)
