"""What the verbs of the forecast share: for whom they answer, and money as text."""

from __future__ import annotations

import os

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import scope_for, user_named


def acting_scope(at: AsOf) -> Scope:
    """Return the owner's scope, or that of --as USER."""
    name = os.environ.get("PERILUNE_AS", "")
    if not name:
        return Scope.company()
    user = user_named(name)
    if user is None:
        raise NotFound(_("There is no user named %(name)s."), name=name)
    return scope_for(user, at)
