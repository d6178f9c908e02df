"""Say how the diminishing returns of a rep are counted."""

from __future__ import annotations

from datetime import UTC, datetime

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts.capacity import Abscissa
from perilune.planning.models import ReturnsChosen
from perilune.planning.queries.segments import require_all_accounts


def choose_returns(by: str, twice: float | None, *, actor: str, scope: Scope) -> None:
    """Keep by what returns are counted: accounts, potential, empty for the better of the two.

    twice: what twice the sellers bring, which then counts instead. Invalid outside 1 to 2.
    """
    require_all_accounts(scope)
    if by not in ("", *Abscissa):
        raise Invalid(_("Returns are counted by accounts or by potential."))
    if twice is not None and not 1 <= twice <= 2:
        raise Invalid(_("Twice the sellers bring between once and twice as much."))
    ReturnsChosen.objects.create(by=by, twice=twice, actor=actor, at=datetime.now(UTC))
