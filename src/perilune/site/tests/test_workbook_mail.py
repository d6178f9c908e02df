"""Workbooks of a plan go to their leaders by the same way out as the pack, and it is kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client
from typer.testing import CliRunner

from perilune.history.service import change_set
from perilune.kernel.errors import Invalid, Unavailable
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JOB_KINDS
from perilune.people.queries import company
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import Level, Place, Workbook
from perilune.planning.queries.plans import loaded_plan, unit_names
from perilune.site.tests.sink import smtp_sink
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
BY: dict[str, Any] = {"actor": "director", "scope": Scope.company()}


def _mails() -> Any:
    return apps.get_model("planning.WorkbookMail").objects.all()


@pytest.fixture
def handed(site_cast: Cast, jobs_wired: None) -> tuple[int, list[Workbook]]:
    """A plan whose workbooks of Nora, Sami and Lea are out; Nora reads French, Sami has no user."""
    store.refresh()
    JOB_KINDS.add(service.WORKBOOK_JOB.name, service.WORKBOOK_JOB)
    get_user_model().objects.filter(username="sales_manager").update(
        email="nora@acme.example", language="fr"
    )
    with change_set(actor="test", title="address") as write:
        write.change("rep", site_cast.organisation.sami, {"email": "sami@acme.example"})
    plan = service.create_plan("Plan 2027", company().today.day.year + 1, **BY)
    service.set_cells(plan, 1, {Place(Level.OPERATING, "company", 1): 90_000_00}, **BY)
    service.reconcile(plan, loaded_plan(plan).head.edition, **BY)
    content = loaded_plan(plan).content
    found = queries.holders(content, unit_names(content), company().today)
    leaders = [one for one in found if one.rep_id is not None]
    return plan, [service.hand_out(plan, one, **BY) for one in leaders]


def test_workbooks_go_to_their_leaders_once_and_who_was_sent_what_is_kept(
    handed: tuple[int, list[Workbook]], settings: Any, client: Client
) -> None:
    plan, books = handed
    ids = {one.holder: one.id for one in books}
    with smtp_sink(frozenset({"sami@acme.example"})) as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        service.mail_workbooks(plan, [ids["Nora"], ids["Sami"]], **BY)
        token = {"token": _mails().values_list("token", flat=True)[0]}
        for _again in range(2):
            service.WORKBOOK_JOB.step(token, {})
        with pytest.raises(Unavailable, match="workbooks"):
            service.WORKBOOK_JOB.step(token, {"at": 1})
        (mail,) = sink.messages
    assert (mail["To"], mail["Content-Language"]) == ("nora@acme.example", "fr")
    (file,) = mail.iter_attachments()
    content = loaded_plan(plan)
    written = BytesIO()
    book = next(one for one in books if one.holder == "Nora")
    service.write_workbook(
        book, content.head, content.content, unit_names(content.content), written
    )
    assert abs(len(file.get_content()) - len(written.getvalue())) < 400, "the workbook of hand-out"
    mails = queries.mailed_workbooks(plan, actor="director", scope=Scope.company())
    kept = {one.address: one for one in mails}
    assert kept["nora@acme.example"].sent_at is not None
    assert "no such mailbox" in kept["sami@acme.example"].problem
    login(client, "director")
    page = client.get(f"/plan/{plan}/workbooks/").content.decode()
    assert "nora@acme.example" in page and "no such mailbox" in page


def test_without_a_server_or_an_address_nothing_is_sent_and_the_page_says_so(
    handed: tuple[int, list[Workbook]], settings: Any, client: Client
) -> None:
    plan, books = handed
    settings.EMAIL_HOST = ""
    with pytest.raises(Unavailable, match="No mail server"):
        service.mail_workbooks(plan, [books[0].id], **BY)
    login(client, "director")
    assert "No mail server is set" in client.get(f"/plan/{plan}/workbooks/").content.decode()
    settings.EMAIL_HOST = "127.0.0.1"
    lea = next(one for one in books if one.holder == "Lea")
    get_user_model().objects.filter(rep_id=lea.rep_id).update(email="")
    with pytest.raises(Invalid) as told:
        service.mail_workbooks(plan, [lea.id], **BY)
    assert told.value.params["names"] == "Lea" and not _mails().exists()


def test_the_command_mails_what_is_out_to_one_leader_and_refuses_half_a_question(
    handed: tuple[int, list[Workbook]], settings: Any
) -> None:
    plan, books = handed
    settings.EMAIL_HOST = "127.0.0.1"
    nora = next(one for one in books if one.holder == "Nora")
    again = queries.Holder(f"leader:{nora.rep_id}", "Nora", nora.units)
    service.hand_out(plan, again, **BY)
    asked = CliRunner().invoke(app, ["workbook", str(plan), "--for", "Nora", "--mail"])
    assert asked.exit_code == 0, asked.output
    (mail,) = _mails()
    assert mail.address == "nora@acme.example" and mail.workbook_id > nora.id, "the latest alone"
    assert CliRunner().invoke(app, ["workbook", str(plan), "--for", "Nora"]).exit_code
    assert CliRunner().invoke(app, ["workbook", str(plan), "--mail", "--out", "x"]).exit_code
    assert _mails().count() == 1
