"""What the store holds of people: every text of every version; its own verb reaches it."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PersonalFiles

FILES = (
    PersonalFiles(
        "store",
        _("Versions of the store"),
        # the person's own rows go by their keys, which a scrub alone does not know: `erasing`
        holds_nobody=_("Rewritten file by file, all versions."),
    ),
)
