from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from perilune.hub import service
from perilune.hub.contracts.lookalikes import Choice
from perilune.hub.web.alikes_shown import ANCHOR
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.toasts import notify


@require_POST
@page(Right.IMPORT_DATA)
def choose(request: PageRequest, run_id: int) -> HttpResponse:
    """Keep what becomes of rows that look like records: each as chosen, or all of them alike."""
    posted = request.POST
    if "all" in posted:
        count = service.choose_alikes(run_id, _choice(posted["all"]), request.scope)
    else:
        chosen: dict[Choice, list[int]] = {}
        for name, value in posted.items():
            number = name.removeprefix("row-")
            if number != name and number.isdigit():
                chosen.setdefault(_choice(str(value)), []).append(int(number))
        count = sum(
            service.choose_alikes(run_id, choice, request.scope, problem_ids=ids)
            for choice, ids in chosen.items()
        )
    text = ngettext("Kept for %(n)s row.", "Kept for %(n)s rows.", count)
    notify(request, text % {"n": formats.number(count, 0)})
    start = posted.get("start", "")
    at = f"?alike={start}" if start.isdigit() else ""
    return redirect(f"{reverse('hub:run', args=[run_id])}{at}#{ANCHOR}")


def _choice(text: str) -> Choice:
    try:
        return Choice(text)
    except ValueError:
        raise Invalid(_("«%(text)s» is no choice of these."), text=text) from None
