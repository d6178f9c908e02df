"""What is wrong in the records that plans count with, for who may see them all."""

from __future__ import annotations

from django.utils.translation import gettext

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import organisation_flaws
from perilune.ui import formats

NOT_ALL = _("The records of the whole company are checked by sales operations.")


def flaws(scope: Scope, at: AsOf) -> tuple[Problem, ...]:
    """Return what is wrong as known at an instant; Refused to who does not see the company."""
    if scope.owners is not None or scope.aggregates_only:
        raise Refused(NOT_ALL)
    return organisation_flaws(at)


def told(flaw: Problem) -> str:
    """Return a flaw as a sentence in the reader's language."""
    params = {
        name: formats.day(value) if hasattr(value, "isoformat") else value
        for name, value in (flaw.params or {}).items()
    }
    return gettext(flaw.message) % params
