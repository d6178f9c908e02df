"""The seconds that typing takes, as the company sets them."""

from __future__ import annotations

from collections.abc import Mapping

from perilune.hub.models import RepairState
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import FieldType
from perilune.kernel.memo import forget
from perilune.kernel.messages import gettext_noop as _


def set_seconds(told: Mapping[str, float]) -> None:
    """Keep seconds by type of field; a type that is left out is learnt or stated again.

    Invalid for an unknown type, or seconds that are not between 0 and 600.
    """
    if set(told) - {type_.value for type_ in FieldType}:
        raise Invalid(_("There is no such type of field."))
    if not all(0 < seconds <= 600 for seconds in told.values()):
        raise Invalid(_("Seconds lie between 0 and 600."))
    row, _made = RepairState.objects.get_or_create(id=1)
    row.seconds = dict(told)
    row.save(update_fields=["seconds"])
    forget()
