"""Consent as of any day, retention by two people, the export, and who may come in."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from perilune.crm.testing import make_record
from perilune.jobs import service as jobs
from perilune.kernel.errors import Invalid, Refused
from perilune.people.service import user_set_data_officer
from perilune.people.testing import Cast, make_company
from perilune.people.testing import cast as make_cast
from perilune.privacy import queries, service
from perilune.privacy.contracts import DossierState, Purpose
from perilune.privacy.models import Dossier
from perilune.privacy.queries import retaining
from perilune.privacy.testing import looked_for

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


@pytest.fixture
def contact(settings: Any, tmp_path: Any) -> int:
    settings.PERILUNE_HOME = tmp_path
    make_company()
    return make_record(
        "contact", {"name": "Zoé Quémeneur", "email": "zoe@fjord.example", "phone": "0612345678"}
    )


def note(contact: int, state: str, day: date, basis: str = "consent") -> None:
    service.consent_note(
        "contact", contact, purpose="newsletter", basis=basis, state=state, source="form",
        day=day, actor="ana",
    )  # fmt: skip


def test_consent_is_answered_as_of_any_day(contact: int) -> None:
    note(contact, "given", DAY)
    note(contact, "withdrawn", DAY + timedelta(days=30))

    def may(days: int, purpose: Purpose = Purpose.NEWSLETTER) -> bool:
        return queries.may_contact("contact", contact, purpose, DAY + timedelta(days=days))

    assert [may(-1), may(0), may(29), may(30), may(99)] == [False, True, True, False, False]
    assert not may(5, Purpose.PROSPECTING)


def test_only_consent_is_withdrawn_and_every_entry_says_where(contact: int) -> None:
    with pytest.raises(Invalid):
        note(contact, "withdrawn", DAY, basis="interest")
    with pytest.raises(Invalid):
        service.consent_note(
            "contact", contact, purpose="events", basis="consent", state="given", source=" ",
            day=DAY, actor="ana",
        )  # fmt: skip


def test_a_rule_runs_only_once_somebody_else_let_it(contact: int) -> None:
    rule = service.rule_add("Old", kind="contact", days=30, action="erase", actor="ana")
    with pytest.raises(Invalid):
        service.run_rule(rule, actor="ana")
    with pytest.raises(Refused):
        service.rule_approve(rule, actor="ana")
    (found,) = retaining.rules()
    assert retaining.preview(found, date(2026, 2, 1)).count == 0
    assert retaining.preview(found, date(2026, 6, 30)).count == 1
    service.rule_approve(rule, actor="bea")
    assert service.run_rule(rule, actor="bea") == (1, 1)
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.asked_by, dossier.rule_id) == ("asked", "ana", rule)
    assert service.run_rule(rule, actor="bea") == (0, 0)  # it is taken up already


def test_old_uploads_go_by_a_rule_and_those_that_wait_stay(contact: int, tmp_path: Any) -> None:
    folder = tmp_path / "uploads" / "a"
    folder.mkdir(parents=True)
    (folder / "old.csv").write_text("x")
    rule = service.rule_add("Files", kind="files", days=1, action="drop_files", actor="ana")
    service.rule_approve(rule, actor="bea")
    assert service.run_rule(rule, actor="bea") == (0, 0)
    os.utime(folder / "old.csv", (1, 1))
    assert service.run_rule(rule, actor="bea") == (1, 1)
    assert not (folder / "old.csv").exists()


def test_the_export_holds_every_value_of_all_time_and_what_was_written_of_them(
    contact: int,
) -> None:
    make_record(
        "activity", {"subject": "Call", "type": "call", "contact_id": contact, "notes": "said yes"}
    )
    note(contact, "given", DAY)
    dossier = looked_for([("contact", contact)])
    _name, content = queries.export(dossier.id, "en")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = json.loads(archive.read("person.json"))
        assert {"contact.csv", "activity.csv", "changes.csv", "consent.csv"} <= set(
            archive.namelist()
        )
        assert "said yes" in archive.read("activity.csv").decode()
    assert {row["field"] for row in found["tables"]["changes"]} == {"name", "email", "phone"}
    assert found["tables"]["consent"][0]["source"] == "form"


@pytest.fixture
def cast(contact: int) -> Cast:
    return make_cast()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_one_asks_on_the_page_another_approves_and_the_proof_stands_there(
    cast: Cast, contact: int
) -> None:
    asks, approves = signed_in(cast.director), signed_in(cast.ops_manager)
    found = asks.get("/settings/privacy/", {"q": "Quemeneur"}).content.decode()
    assert f"contact:{contact}" in found
    opened = asks.post("/settings/privacy/open/", {"record": [f"contact:{contact}"]})
    dossier = Dossier.objects.get()
    jobs.run_here(service.LOOK.name, {"dossier": dossier.id})
    assert "Ask for erasure" in asks.get(opened["Location"]).content.decode()
    change = f"{opened['Location']}change/"
    asks.post(change, {"verb": "ask", "ground": "asked"})
    asks.post(change, {"verb": "approve"})
    dossier.refresh_from_db()
    assert DossierState(dossier.state) is DossierState.ASKED  # who asks does not approve
    approves.post(change, {"verb": "approve"})
    dossier.refresh_from_db()
    assert DossierState(dossier.state) is DossierState.APPROVED


def test_a_data_officer_comes_in_whatever_their_role(cast: Cast) -> None:
    client = signed_in(cast.viewer)
    assert client.get("/settings/privacy/").status_code == 403
    user_set_data_officer(cast.viewer.username, True)
    assert client.get("/settings/privacy/").status_code == 200
    assert client.get("/settings/privacy/retention/").status_code == 200
    assert client.get("/settings/users/").status_code == 403


def test_the_ledger_stands_on_the_page_of_a_contact(cast: Cast, contact: int) -> None:
    client = signed_in(cast.director)
    client.post(
        f"/settings/privacy/consent/contact/{contact}/",
        {"purpose": "events", "state": "given", "basis": "consent", "source": "fair",
         "day": "2026-01-10"},
    )  # fmt: skip
    page = client.get(f"/records/contact/{contact}/").content.decode()
    assert "May be written to for: Events." in page
    assert "fair" in page
