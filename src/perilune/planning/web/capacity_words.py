"""Why nothing is claimed, and what selling roles are called: English msgids."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _

REASONS: dict[str, str] = {
    "too few reps": _("too few reps seen new or seen full"),
    "nothing brought by full reps": _("full reps brought nothing"),
    "too uncertain": _("the interval is too wide"),
    "too few units": _("fewer than eight reps to compare"),
    "units of one size": _("all hold about as many accounts"),
    "no better than the mean": _("it tells reps left out no better than their mean"),
    "too few changes": _("too few changes"),
    "no loss is seen": _("no loss is seen"),
    "small group": _("fewer than five people"),
}
ROLES: dict[str, str] = {
    "seller": _("Seller"),
    "manager": _("Manager"),
    "overlay": _("Overlay"),
    "sdr": _("Sales development"),
}
