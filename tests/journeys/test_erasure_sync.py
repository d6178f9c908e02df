"""A person who was erased here still stands in the CRM: no sync brings them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import RowProblem
from perilune.hub.tests.syncing import connected, synced
from perilune.people.testing import make_company
from perilune.privacy.testing import erased
from tests.fakes.salesforce.made import filled
from tests.journeys.persons import Someone
from tests.journeys.test_erasure import left_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])

ZOE = Someone("Zoé", "Quémeneur", "zoe.quemeneur@fjord.example", "0612345678")


def test_no_sync_after_an_erasure_brings_them_back(tmp_path: Path, settings: Any) -> None:
    settings.PERILUNE_HOME = tmp_path
    make_company()
    org = filled(3, moves=1)
    there, *_others = org.rows["Contact"]
    org.update("Contact", there, Name=ZOE.name, FirstName=ZOE.first, LastName=ZOE.last,
               Email=ZOE.email, Phone=ZOE.phone)  # fmt: skip
    deal = next(iter(org.rows["Opportunity"]))
    org.update("Opportunity", deal, NextStep=f"Ring {ZOE.name}")
    with connected(org):
        synced()
        known = history.identity_keys("acme", "contact")[there]
        assert left_of(ZOE, tmp_path)
        dossier = erased([("contact", known)])
        assert dossier.proof["remains"] == []
        org.pass_time(hours=2)
        org.update("Contact", there, Title="Director")
        org.update("Opportunity", deal, NextStep=f"Ring {ZOE.name} or {ZOE.email} again")
        for mode in (Mode.INCREMENTAL, Mode.FULL):
            # what is kept out is counted and named by its key: no row differs unexplained
            assert synced(mode=mode).is_proved
    assert left_of(ZOE, tmp_path) == []
    state = history.state_as_of("contact", known)
    assert state is not None and state["name"] == f"Erased person {known}"
    assert {state["next_step"] for state in history.states_as_of("opportunity", None).values()} >= {
        "Ring [erased] or [erased] again"
    }
    assert RowProblem.objects.filter(code="kept_out").exists()
