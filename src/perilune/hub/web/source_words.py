"""Words and tables of what a test of a database or an interface found."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.sources import NONE, Probe
from perilune.ui import formats
from perilune.ui.contracts import Column, Row, Status, Table, Tone

SHOWN = 12


@dataclass(frozen=True)
class Tested:
    """What a test found: how it ended, in sentences, and the first rows where there are any."""

    status: Status
    lines: list[str] = field(default_factory=list)
    rows: Table | None = None


def good(text: str) -> Tested:
    """Return that a connection came in. text: what answered."""
    return Tested(Status(gettext("It lets us in: %(what)s.") % {"what": text}, Tone.GOOD))


def wrong(text: str) -> Tested:
    """Return what is wrong, in a sentence."""
    return Tested(Status(text, Tone.ACT))


def found(probe: Probe) -> Tested:
    """Return what was found of an object."""
    one = probe.given
    lines = [gettext("The key is %(column)s.") % {"column": one.key}]
    if not one.says:
        lines.append(gettext("Nothing tells what changed: each run compares everything."))
    elif one.says == "number":
        lines.append(gettext("The growing number %(column)s tells what changed.")
                     % {"column": one.stamp})  # fmt: skip
    else:
        lines.append(gettext("%(column)s tells when rows changed.") % {"column": one.stamp})
    if one.says and not one.asks_since:
        lines.append(gettext("What changed cannot be asked for: each run reads the whole list."))
    lines.append(
        gettext("%(column)s tells when rows were created.") % {"column": one.born}
        if one.born_says else gettext("Nothing tells when rows were created.")
    )  # fmt: skip
    lines.append(
        gettext("Rows whose key is gone were deleted.") if one.gone in ("", NONE)
        else gettext("%(column)s marks what was deleted.") % {"column": one.gone}
    )  # fmt: skip
    return Tested(Status(_count(probe), Tone.GOOD), lines, _sample(probe))


def _count(probe: Probe) -> str:
    if probe.rows < 0:
        return gettext("It can be read; how many rows there are is not said.")
    text = ngettext("It can be read: %(n)s row.", "It can be read: %(n)s rows.", probe.rows)
    return text % {"n": formats.number(probe.rows, 0)}


def _sample(probe: Probe) -> Table | None:
    if not probe.sample:
        return None
    columns = [Column(f"c{i}", name) for i, name in enumerate(probe.columns[:SHOWN])]
    rows = [Row(i, tuple(text[:60] for text in row[:SHOWN])) for i, row in enumerate(probe.sample)]
    return Table(columns, rows, gettext("First rows"), is_dense=True, name="sample")
