"""Who acts on the command line: the owner of the home, or --as USER."""

from __future__ import annotations

import os

from django.utils.translation import gettext

from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import RIGHT_LABELS, Right
from perilune.people.queries.access import home_owner, rights_of, scope_for, user_named


def acting(right: Right | None = None) -> tuple[str, Scope]:
    """Return who acts and what they see; Refused without the right, where one is asked for."""
    name = os.environ.get("PERILUNE_AS", "")
    user = user_named(name) if name else home_owner()
    if user is None:
        if name:
            raise NotFound(_("There is no user named %(name)s."), name=name)
        return "owner", Scope.company()
    if right is not None and right not in rights_of(user):
        raise Refused(_("You may not %(what)s."), what=gettext(RIGHT_LABELS[right]))
    return user.username, scope_for(user)


def require_export() -> None:
    """Refuse whoever may not take data out, as files do."""
    acting(Right.EXPORT_DATA)
