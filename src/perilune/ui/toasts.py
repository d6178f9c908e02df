"""Notices after a verb: on the next page through Django's messages, at once through htmx."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from perilune.ui.contracts import Toast, Tone

_UNDO = "undo:"
_TONES = {"success": Tone.GOOD, "warning": Tone.WATCH, "error": Tone.ACT}


def notify(request: HttpRequest, text: str, undo_url: str = "", tone: Tone = Tone.GOOD) -> None:
    """Show a toast on the next full page; undo_url takes a POST that takes the verb back."""
    level = {Tone.GOOD: messages.SUCCESS, Tone.WATCH: messages.WARNING, Tone.ACT: messages.ERROR}
    messages.add_message(
        request,
        level.get(tone, messages.INFO),
        text,
        extra_tags=_UNDO + undo_url if undo_url else "",
    )


def with_toast(
    response: HttpResponse,
    text: str,
    undo_url: str = "",
    tone: Tone = Tone.GOOD,
    *,
    is_written: bool = False,
) -> HttpResponse:
    """Add a toast to the answer of an htmx request; `is_written` lets the page's figures follow."""
    facts = {"message": str(text), "undo": undo_url, "tone": tone.value}
    news: dict[str, Any] = {"toast": facts}
    if is_written:
        news["written"] = {}
    response["HX-Trigger"] = json.dumps(news)
    return response


def toast_of(message: Any) -> Toast:
    """Return the toast of one of Django's messages."""
    if isinstance(message, Toast):
        return message
    extra = message.extra_tags or ""
    undo = extra.removeprefix(_UNDO) if extra.startswith(_UNDO) else ""
    return Toast(str(message), undo, _TONES.get(message.level_tag, Tone.NEUTRAL))
