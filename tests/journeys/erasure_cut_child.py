"""A worker that is killed in the middle of an erasure: makes a home, or goes on, and tells."""

import json
import os
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"
home = Path(os.environ["PERILUNE_HOME"])
from perilune.site.home import Home  # noqa: E402

Home(home).prepare()

django.setup()

from perilune.history import erasing as history_erasing  # noqa: E402
from perilune.history import service as history  # noqa: E402
from perilune.jobs import service as jobs  # noqa: E402
from perilune.jobs.models import Job  # noqa: E402
from perilune.jobs.testing import migrate  # noqa: E402
from perilune.kernel.kinds import FieldType  # noqa: E402
from perilune.people.testing import make_company  # noqa: E402
from perilune.privacy import service  # noqa: E402
from perilune.privacy.contracts import Ground  # noqa: E402
from perilune.privacy.models import Dossier  # noqa: E402
from perilune.privacy.service import erasing  # noqa: E402
from perilune.privacy.testing import looked_for  # noqa: E402
from tests.forks import each_in_a_fork  # noqa: E402
from tests.journeys import persons  # noqa: E402
from tests.journeys.test_erasure import ZOE, left_of  # noqa: E402

erasing.STEP_SECONDS, history_erasing.ROWS = 0.0, 400  # short steps


def make() -> None:
    migrate()
    make_company()
    history.custom_field_add("contact", "note", "Note", FieldType.TEXT)
    account = persons.write("account", {"name": "Fjord"})
    standing = persons.stand(ZOE, home, account=account, number=account)
    dossier = looked_for(standing.records)
    mentions = [service.Mention(*one) for one in dossier.found["mentions"]]
    service.erasure_ask(dossier.id, ground=Ground.ASKED, chosen=mentions, actor="asker")
    service.erasure_approve(dossier.id, actor="approver")


def work() -> None:
    """Do what the queue's worker does: hand out the step that is due until there is none."""
    job_id = Dossier.objects.get().job_id
    while True:
        job = Job.objects.get(id=job_id)
        if job.state not in ("queued", "running"):
            return
        sys.stdout.write(f"{job.cursor.get('phase', 0)}\n")
        sys.stdout.flush()
        jobs.step(job.id, job.step)
        if Job.objects.get(id=job_id).step == job.step:
            time.sleep(0.1)  # the lease of the one that was killed runs out


def tell() -> None:
    done = Dossier.objects.get()
    told = {
        "state": done.state,
        "remains": done.proof["remains"],
        "left": left_of(ZOE, home),
        "sealed": done.sealed,
        "unfinished": history.unfinished_sets(),
    }
    sys.stdout.write(json.dumps(told) + "\n")


def do(what: str) -> None:
    if what == "make":
        make()
    work()
    tell()


each_in_a_fork(do)
