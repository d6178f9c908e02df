"""Icons as inline SVG: drawings of Lucide (ISC), picked by tools/vendor.py."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_FILE = Path(__file__).parent / "static" / "ui" / "vendor" / "icons.json"


@cache
def _drawings() -> dict[str, str]:
    drawings: dict[str, str] = json.loads(_FILE.read_text("utf-8"))
    return drawings


@cache
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon, unheard without a label; an unknown name gives a square."""
    # the drawings are files of ours, never input of a user
    inside = mark_safe(_drawings().get(name, _drawings()["square"]))
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>',
            label,
            inside,
        )
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', inside)
