"""Folders that are watched: what is new in them is imported on a schedule, as was chosen."""

from __future__ import annotations

from pathlib import Path

from perilune.hub.contracts.lookalikes import Choice
from perilune.hub.service.jobs import WATCH
from perilune.jobs import service as jobs
from perilune.jobs.contracts import Cadence, When
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people import queries as people

OFTENEST, RAREST = 5, 1440
"""Bounds of the minutes between two looks."""


def watch_folder(
    folder: Path, *, source: str = "", is_full: bool = False, minutes: int = 15,
    look_alikes: Choice = Choice.WRITE,
) -> int:  # fmt: skip
    """Watch a folder, or change how one is watched; return the schedule's id.

    minutes: between two looks, from 5 to a day. look_alikes: what becomes of rows that look like
    records, each time. It is stopped among the schedules. Invalid where there is no such folder;
    Refused in a demo home.
    """
    if people.company().is_demo:
        raise Refused(
            _("This is a demo home: it never takes real data. Use «perilune init» for a company.")
        )
    path = folder.resolve()
    if not path.is_dir():
        raise Invalid(_("There is no folder %(path)s to watch."), path=str(folder))
    given = source or path.name
    return jobs.schedule_set(
        f"watch:{given}"[:60],
        label=given,
        kind=WATCH.name,
        params={
            "folder": str(path), "source": given, "full": is_full, "look_alikes": look_alikes.value,
        },
        when=When(Cadence.MINUTES, every=min(max(minutes, OFTENEST), RAREST)),
    )  # fmt: skip
