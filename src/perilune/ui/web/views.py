from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perilune.ui.toasts import with_toast
from perilune.ui.web import samples


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in its states. It holds samples only, so it asks for no login."""
    return render(
        request, "ui/gallery.html", {"groups": samples.groups(), "header": samples.HEADER}
    )


@require_GET
def explain(request: HttpRequest) -> HttpResponse:
    """Answer the drawer of the gallery's figures."""
    template = "ui/gallery_explain.html"
    return render(request, template, {"explanation": samples.explanation()})


def edited_field(request: HttpRequest) -> HttpResponse:
    """Answer the gallery's field: its editor, or what was posted; nothing is kept."""
    posted = request.method == "POST"
    editing = not posted and "read" not in request.GET
    view = samples.next_step(request.POST.get("next_step", "") if posted else None, editing)
    answer = render(request, "ui/gallery_field.html", {"field": view})
    return with_toast(answer, "Next step saved.") if posted and not view.problem else answer
