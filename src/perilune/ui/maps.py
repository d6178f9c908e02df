"""What a map's scripts read: its columns, and the words of the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from perilune.ui.contracts import Map


def map_columns(picture: Map) -> dict[str, Any] | None:
    """Return the columns of a map as ui/js/maps.js reads them; None where they have an address."""
    if picture.points is None:
        return None
    named = {
        "names": picture.names,
        "colours": picture.colours,
        "attributes": [vars(attribute) for attribute in picture.attributes],
        "areas": picture.areas,
        "by": picture.colour_by,
    }
    return vars(picture.points) | named


def map_words() -> dict[str, str]:
    """Return what the scripts of maps say; the parts in braces are theirs to fill."""
    return {
        "none": gettext("No territory"),
        "unknown": gettext("Unknown"),
        "range": gettext("{low} to {high}"),
        "load": gettext("{label}: {value}"),
        "before": gettext("before: {name}"),
        "locked": gettext("Locked"),
        "stays": gettext("Stays"),
        "moves": gettext("Moves"),
        "fresh": gettext("Had no territory"),
        "unplaced": gettext("Without a place: {n}"),
        "nothing": gettext("No point here"),
        "rectangle": gettext("In the rectangle: {n}. Enter takes them."),
        "chosen": gettext("Selected: {n}"),
    }
