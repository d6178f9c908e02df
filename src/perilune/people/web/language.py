"""The language of a page is the user's own choice, then the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from perilune.people.service import user_set_language
from perilune.ui import formats


class LanguageMiddleware:
    """Speaks the user's language, and remembers the one chosen with the language switch."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        chosen = getattr(user, "language", "") if user.is_authenticated else ""
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language() or chosen
        with formats.read_in(formats.region_of(request.headers.get("Accept-Language", ""))):
            response = self._get_response(request)
        self._remember(request)
        return response

    def _remember(self, request: HttpRequest) -> None:
        match = request.resolver_match
        if request.method != "POST" or match is None or match.url_name != "set_language":
            return
        wanted = request.POST.get("language", "")
        if request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
            user_set_language(request.user.pk, wanted)
