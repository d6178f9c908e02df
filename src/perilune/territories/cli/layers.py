"""Layers: plans of their own over the same accounts, each for some of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli.asking import Options, holds
from perilune.territories.cli.reading import Accounts


@dataclass(frozen=True)
class Layer:
    """A layer of k territories for accounts whose column holds one of the values."""

    name: str
    k: int
    column: str = ""
    wanted: str = ""

    def of(self, read: Accounts) -> Accounts:
        """Return the accounts of the layer. Raises Invalid where there are none."""
        if not self.column:
            return read
        cells = read.column(self.column)
        chosen = [i for i, has in enumerate(cells) if holds(self.wanted, has)]
        if not chosen:
            raise Invalid(_("No account belongs to the layer “%(name)s”."), name=self.name)
        return read.only(chosen)


def layers_of(texts: list[str], options: Options) -> list[Layer | None]:
    """Read `field:20` or `specialists:4:product=X|Y`. Raises Invalid."""
    if options.k or options.levels or options.hours or options.territories:
        raise Invalid(
            _("--layer says how many territories it has; leave out --k, --level, --hours and"
              " --territories.")
        )  # fmt: skip
    found: list[Layer | None] = []
    names: set[str] = set()
    for text in texts:
        match = re.fullmatch(r"\s*([^:]+?)\s*:\s*(\d+)\s*(?::\s*([^=]+?)\s*=\s*(.+?))?\s*", text)
        if match is None or int(match[2]) < 1:
            raise Invalid(
                _("“%(text)s” is no layer, such as field:20 or specialists:4:product=X|Y."),
                text=text,
            )
        if match[1] in names:
            raise Invalid(_("Two layers have the name “%(name)s”."), name=match[1])
        names.add(match[1])
        found.append(Layer(match[1], int(match[2]), match[3] or "", match[4] or ""))
    return found
