"""The Monday pack as a job: one recipient a step, under the recipient's own scope and language.

Where no mail server is set, packs are kept on the page and the job says that nothing was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone, translation

from perilune.kernel.errors import Invalid, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.contracts import Person, Role
from perilune.people.queries import company, people, person_named
from perilune.people.service import Outgoing, deliver, has_mail_server, site_url
from perilune.site import pack_paper, pack_words
from perilune.site.models import KeptPack
from perilune.site.pack import build
from perilune.site.pack_blocks import Words

DEFAULT_RECIPIENTS = (
    Role.OPS_DIRECTOR.value,
    Role.OPS_MANAGER.value,
    Role.SALES_LEADER.value,
    Role.SALES_MANAGER.value,
)
LANGUAGES = ("en", "fr")


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Choose the recipients, then make and send one pack a step."""
    if not cursor:
        return _begin(params)
    names: list[str] = list(cursor["names"])
    tally = dict(cursor["tally"])
    at = int(cursor["at"])
    if at < len(names):
        outcome = _one(str(cursor["token"]), names[at], params)
        tally[outcome] += 1
        at += 1
    if at < len(names):
        return StepResult({**cursor, "at": at, "tally": tally}, False, at, len(names))
    return _end(cursor, tally, len(names))


JOB = JobKind("pack.send", _("Monday pack"), _step)


def _begin(params: Mapping[str, Any]) -> StepResult:
    names = recipients(params.get("recipients") or DEFAULT_RECIPIENTS)
    for name, language in dict(params.get("languages") or {}).items():
        if language not in LANGUAGES:
            raise Invalid(
                _("«%(language)s» of %(name)s is not a language that packs are written in."),
                language=language,
                name=name,
            )
    if params.get("period"):
        company().calendar.parse(str(params["period"]))
    tally = {"sent": 0, "kept": 0, "failed": 0}
    cursor = {"token": uuid4().hex, "names": names, "at": 0, "tally": tally}
    if not names:
        return _end(cursor, tally, 0)
    return StepResult(cursor, False, 0, len(names))


def _end(cursor: Mapping[str, Any], tally: dict[str, int], total: int) -> StepResult:
    if tally["failed"]:
        raise Unavailable(
            _(
                "The mail server did not take %(failed)s of %(total)s packs: %(why)s. "
                "They stand on each person's page."
            ),
            failed=tally["failed"],
            total=total,
            why=_problems(str(cursor["token"])),
        )
    if total and not has_mail_server():
        message = _("No mail server is set, so nothing was sent. Packs kept on the page: %(kept)s")
    elif tally["kept"]:
        message = _("Packs sent: %(sent)s; kept on the page for want of an address: %(kept)s")
    else:
        message = _("Packs sent: %(sent)s")
    return StepResult({}, True, total, total, message, dict(tally), result=dict(tally))


def _problems(token: str) -> str:
    found = KeptPack.objects.filter(token=token).exclude(problem="")
    return "; ".join(sorted(set(found.values_list("problem", flat=True))))


def recipients(wanted: Iterable[str]) -> list[str]:
    """Return the active users that names and roles stand for, each once; Invalid if unknown."""
    known = people(with_inactive=True)
    by_name = {item.username: item for item in known}
    roles = {role.value for role in Role}
    found: dict[str, None] = {}
    for word in wanted:
        if word not in by_name and word not in roles:
            raise Invalid(_("There is no user and no role named «%(name)s»."), name=word)
        picked = [by_name[word]] if word in by_name else [p for p in known if p.role == word]
        found |= dict.fromkeys(item.username for item in picked if item.is_active)
    return list(found)


def _one(token: str, username: str, params: Mapping[str, Any]) -> str:
    """Make, keep and send one pack: «sent», «kept» or «failed»; a repeated step sends no second."""
    user = person_named(username)
    if user is None or not user.is_active:
        return "kept"
    kept = KeptPack.objects.filter(token=token, username=username).first()
    if kept is None:
        kept = keep(user, token, language_of(user, params), str(params.get("period") or ""))
    if kept.sent_at is not None:
        return "sent"
    if not has_mail_server() or not kept.address:
        return "kept"
    kept.problem = send(kept)
    kept.sent_at = None if kept.problem else timezone.now()
    kept.save(update_fields=["sent_at", "problem"])
    return "failed" if kept.problem else "sent"


def language_of(user: Person, params: Mapping[str, Any]) -> str:
    """Return the language of a pack: as the schedule says, else the person's or the company's."""
    asked = dict(params.get("languages") or {}).get(user.username)
    return str(asked or user.language or company().language)


def keep(user: Person, token: str, language: str, period: str = "") -> KeptPack:
    """Make somebody's pack as of the company's today and keep its words."""
    with translation.override(language):
        made = build(user.username, period=period)
        words = pack_words.write(made)
    kept, _is_new = KeptPack.objects.get_or_create(
        token=token,
        username=user.username,
        defaults={
            "made_at": timezone.now(),
            "day": made.as_of.day,
            "period": made.period.name,
            "language": language,
            "address": user.email,
            "shown": words.kept(),
        },
    )
    return kept


def send(kept: KeptPack) -> str:
    """Send a kept pack: text, HTML and PDF of the same words; return why it was not taken."""
    words = Words.read(kept.shown)
    url = page_url(kept)
    with translation.override(kept.language):
        text, html = pack_paper.as_text(words, url), pack_paper.as_html(words, url)
    return deliver(
        Outgoing(
            key=f"{kept.token}.{kept.pk}",
            to=kept.address,
            subject=f"{company().name} · {words.title}",
            text=text,
            language=kept.language,
            html=html,
            files=[(file_name(kept), pack_paper.as_pdf(words), "application/pdf")],
        )
    )


def file_name(kept: KeptPack) -> str:
    """Return the name of the PDF."""
    return f"perilune-{kept.period}-{kept.day}.pdf"


def page_url(kept: KeptPack) -> str:
    """Return the address of a kept pack, empty where the site does not know its own address."""
    base = site_url()
    return base + reverse("site:pack_kept", args=[kept.pk]) if base else ""
