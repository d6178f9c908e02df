"""Mail workbooks to their leaders, one a step, and keep who was sent what when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from perilune.jobs import service as jobs
from perilune.kernel.errors import Invalid, NotFound, Unavailable
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company, people, person_named, reps_as_of
from perilune.people.service import Outgoing, deliver, has_mail_server, site_url
from perilune.planning.contracts import PLAN_EDITABLE, Workbook
from perilune.planning.models import WorkbookMail
from perilune.planning.queries.plans import loaded_plan, unit_names
from perilune.planning.queries.words import unit_label
from perilune.planning.queries.workbooks import workbook_of, workbooks
from perilune.planning.service.plan_writing import wrong_plan_state
from perilune.planning.service.workbook_paper import write_workbook
from perilune.ui import formats

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_SERVER = _("No mail server is set: download the workbooks and hand them over.")


def mail_workbooks(plan_id: int, ids: Sequence[int], *, actor: str, scope: Scope) -> int:
    """Let the queue mail workbooks that were handed out to their leaders; return the job's id.

    Unavailable without a mail server; Invalid, naming whom, where one has no address or is a
    unit's, and in a state of the plan that takes nothing back.
    """
    if not has_mail_server():
        raise Unavailable(NO_SERVER)
    found = loaded_plan(plan_id)
    if found.head.state not in PLAN_EDITABLE:
        raise wrong_plan_state(found)
    chosen = [one for one in workbooks(plan_id, scope, actor) if one.id in set(ids)]
    if not chosen:
        raise NotFound(_("There is no such workbook, or it is not yours to see."))
    addressed = [(one, *_address(one)) for one in chosen]
    lacking = [one.holder for one, _user, address, _language in addressed if not address]
    if lacking:
        raise Invalid(
            _("No address to mail to: %(names)s. A workbook goes to the user who is its leader,"
              " else to the e-mail of the rep."),
            names=", ".join(lacking),
        )  # fmt: skip
    token, now = uuid4().hex, datetime.now(UTC)
    with transaction.atomic():
        WorkbookMail.objects.bulk_create(
            WorkbookMail(
                workbook_id=one.id, token=token, username=user, address=address,
                language=language, actor=actor, at=now,
            )
            for one, user, address, language in addressed
        )  # fmt: skip
    return jobs.start(JOB, {"token": token}, actor=actor)


def _address(book: Workbook) -> tuple[str, str, str]:
    """Return (user name, address, language) of a workbook's leader; empty where not known."""
    if book.rep_id is None:
        return "", "", ""
    user = next((one for one in people() if one.rep_id == book.rep_id), None)
    state = reps_as_of(company().today).get(book.rep_id, {})
    address = (user.email if user else "") or state.get("email") or ""
    language = (user.language if user else "") or company().language
    return user.username if user else "", address, language


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Mail one workbook; a repeated step sends none twice."""
    rows = list(WorkbookMail.objects.filter(token=params["token"]).order_by("id"))
    at = int(cursor.get("at", 0))
    if at < len(rows) and rows[at].sent_at is None:
        _send(rows[at])
    if at + 1 < len(rows):
        return StepResult({"at": at + 1}, False, at + 1, len(rows))
    failed = [row for row in rows if row.sent_at is None]
    if failed:
        raise Unavailable(
            _("The mail server did not take %(failed)s of %(total)s workbooks: %(why)s."),
            failed=len(failed), total=len(rows),
            why="; ".join(sorted({f"{row.address}: {row.problem}" for row in failed})),
        )  # fmt: skip
    count = {"sent": len(rows)}
    return StepResult({}, True, len(rows), len(rows), _("Workbooks mailed: %(sent)s"), count,
                      result=count)  # fmt: skip


JOB = "planning.workbooks"
WORKBOOK_JOB = JobKind(JOB, _("Workbooks by mail"), _step)


def _send(row: WorkbookMail) -> None:
    book = workbook_of(row.workbook)
    found = loaded_plan(book.plan_id)
    names = unit_names(found.content)
    sender = person_named(row.actor)
    with translation.override(row.language):
        file = BytesIO()
        write_workbook(book, found.head, found.content, names, file)
        facts = {
            "plan": found.head.name,
            "holder": book.holder,
            "units": ", ".join(unit_label(unit, names) for unit in book.units),
            "sender": sender.name if sender else row.actor,
        }
        lines = [
            gettext("%(holder)s,") % facts,
            gettext("Attached is your workbook of “%(plan)s”: %(units)s. Fill in the amounts by"
                    " month, save it under its own name and send it back to %(sender)s.") % facts,
        ]  # fmt: skip
        if found.head.lock_on is not None:
            day = formats.day(found.head.lock_on)
            lines.append(gettext("Workbooks are taken until %(day)s.") % {"day": day})
        if site_url():
            lines.append(f"{site_url()}/plan/{book.plan_id}/workbooks/")
        subject = gettext("%(company)s · %(plan)s: your workbook") % {
            "company": company().name, "plan": found.head.name,
        }  # fmt: skip
    name = f"{found.head.name} - {book.holder}.xlsx"
    row.problem = deliver(
        Outgoing(
            key=f"{row.token}.{row.pk}",
            to=row.address,
            subject=subject,
            text="\n\n".join(lines) + "\n",
            language=row.language,
            files=[(name, file.getvalue(), XLSX)],
            reply_to=sender.email if sender else "",
        )
    )
    row.sent_at = None if row.problem else datetime.now(UTC)
    row.save(update_fields=["sent_at", "problem"])
