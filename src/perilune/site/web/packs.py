"""The pack as a page, printable; the packs that were kept; the same as PDF."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perilune.forecasting.web import shown as forecast_shown
from perilune.jobs import service as jobs
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.site import pack_mail, pack_meeting, pack_paper, pack_words
from perilune.site.models import KeptPack
from perilune.site.pack import Outlook, build
from perilune.site.pack_blocks import Words
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Link,
    PageHeader,
    RangeBar,
    Row,
    Status,
    Tab,
    Table,
    Tone,
)
from perilune.ui.export import book_response
from perilune.ui.filters import scope_label


@page()
def index(request: PageRequest) -> HttpResponse:
    """The pack of the quarter under way, or of the period that is asked for."""
    pack = build(request.actor, as_of=request.as_of, period=request.GET.get("period", ""))
    words = pack_words.write(pack)
    chosen = {"period": pack.period.name}
    actions = (
        Action(_("PDF"), f"{reverse('site:pack_pdf')}?period={pack.period.name}", icon="download"),
        *_excel(request, pack.period.name),
        Action(
            _("Send it to me"),
            reverse("site:pack_send"),
            method="post",
            values=chosen,
            consequence=_("As of today, by e-mail; where no mail server is set, it is kept below."),
        ),
    )
    facts = {
        "header": PageHeader(
            words.title, words.finding, actions=actions, tabs=_tabs(request, pack.period.name)
        ),
        "pack": words,
        "bars": [_bar(item, scope_label(pack.scope)) for item in pack.outlooks],
        "kept": _kept_table(request),
    }
    return render(request, "site/pack.html", facts | _paper(words))


def _excel(request: PageRequest, period: str) -> tuple[Action, ...]:
    if Right.EXPORT_DATA not in request.rights:
        return ()
    url = f"{reverse('site:pack_excel')}?period={period}"
    return (Action(_("Excel"), url, icon="download"),)


def _bar(item: Outlook, scope: str) -> RangeBar:
    found = forecast_shown.bar(item.result, item.target, None)
    return RangeBar(**{**vars(found), "label": f"{item.period.name} · {scope}"})


def _tabs(request: PageRequest, current: str) -> list[Tab]:
    calendar, day = request.company.calendar, request.as_of.day
    quarter = calendar.find(day, Grain.QUARTER)
    offered = [calendar.shift(quarter, -1), quarter, calendar.find(day, Grain.MONTH)]
    offered.append(calendar.find(day, Grain.YEAR))
    names = [item.name for item in offered]
    if current not in names:
        names.append(current)
    base = reverse("site:pack")
    return [Tab(name, f"{base}?period={name}", name == current) for name in names]


def _paper(words: Words) -> dict[str, Any]:
    """Return what stands at the head and foot of each printed page, safe inside a style sheet."""
    head = " · ".join(part for part in (words.running, words.warning) if part)
    return {
        "head_css": css_text(head),
        "foot_css": css_text(words.foot),
        "page_css": css_text(words.page),
    }


def css_text(text: str) -> SafeString:
    """Return a CSS string: all but letters, digits and spaces of ASCII is written as a code."""
    coded = "".join(
        char if char.isascii() and (char.isalnum() or char == " ") else f"\\{ord(char):06x}"
        for char in text
    )
    return mark_safe(f'"{coded}"')  # nothing but codes, letters, digits, spaces


def _kept_table(request: PageRequest) -> Table:
    found = KeptPack.objects.filter(username=request.actor)[:12]
    rows = [
        Row(item.pk, (item.period, item.day, item.made_at, _state(item)),
            url=reverse("site:pack_kept", args=[item.pk]))
        for item in found
    ]  # fmt: skip
    return Table(
        columns=(
            Column("period", _("Period"), is_title=True),
            Column("day", _("As known on"), Format.DATE),
            Column("made", _("Made"), Format.INSTANT),
            Column("state", _("State")),
        ),
        rows=rows,
        caption=_("Earlier packs, as they were"),
        empty=Empty(_("No pack was made for you yet"), _("The schedule makes one every Monday.")),
        name="packs",
    )


def _state(item: KeptPack) -> Status:
    if item.sent_at is not None:
        return Status(_("Sent"), Tone.GOOD)
    if item.problem:
        return Status(_("Not delivered"), Tone.ACT, hint=item.problem)
    return Status(_("Kept here"))


def _own(request: PageRequest, pack_id: int) -> KeptPack:
    found = KeptPack.objects.filter(pk=pack_id, username=request.actor).first()
    if found is None:
        raise NotFound(gettext_noop("There is no pack %(id)s for you."), id=pack_id)
    return found


@page()
def kept(request: PageRequest, pack_id: int) -> HttpResponse:
    """A pack as it was made, in the words of that day."""
    found = _own(request, pack_id)
    words = Words.read(found.shown)
    pdf = Action(_("PDF"), reverse("site:pack_kept_pdf", args=[pack_id]), icon="download")
    header = PageHeader(
        words.title,
        words.finding,
        actions=(pdf,),
        back=Link(_("Pack"), reverse("site:pack")),
        statuses=(_state(found),),
    )
    return render(request, "site/pack.html", {"header": header, "pack": words} | _paper(words))


@page()
def pdf(request: PageRequest) -> HttpResponse:
    """The pack that the page shows, as PDF."""
    pack = build(request.actor, as_of=request.as_of, period=request.GET.get("period", ""))
    return _pdf(pack_words.write(pack), f"perilune-{pack.period.name}-{pack.as_of.day}.pdf")


@page()
def kept_pdf(request: PageRequest, pack_id: int) -> HttpResponse:
    """A kept pack as PDF."""
    found = _own(request, pack_id)
    return _pdf(Words.read(found.shown), pack_mail.file_name(found))


@page(Right.EXPORT_DATA)
def excel(request: PageRequest) -> HttpResponseBase:
    """The tables of the meeting as one Excel file, with numbers as numbers."""
    pack = build(request.actor, as_of=request.as_of, period=request.GET.get("period", ""))
    name = f"perilune-{pack.period.name}-{pack.as_of.day}"
    return book_response(pack_meeting.sheets(pack), name)


def _pdf(words: Words, name: str) -> HttpResponse:
    response = HttpResponse(pack_paper.as_pdf(words), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@page()
def send(request: PageRequest) -> HttpResponse:
    """Make this person's pack now, and mail it where there is a mail server."""
    period = request.POST.get("period", "")
    if period:
        request.company.calendar.parse(period)
    params = {"recipients": [request.actor], "period": period}
    job_id = jobs.start(pack_mail.JOB.name, params, actor=request.actor)
    return redirect("site:job", job_id)
