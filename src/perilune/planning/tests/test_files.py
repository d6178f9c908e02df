"""Scenarios read from a file: names are understood, and what cannot be taken has its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning import queries
from perilune.planning.contracts import Hire, Leave, Quota, Scenario
from perilune.store import service as store

if TYPE_CHECKING:
    from perilune.people.testing import Cast

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))


QUOTA = {"type": "quota", "unit": "company", "period": "2026-Q3", "amount": "1250"}


def read(document: Any) -> Scenario:
    store.refresh()
    return queries.scenario_of(document, company().today, Scope.company(), company())


def test_reps_and_teams_are_known_by_name_or_id_and_hires_by_their_place(cast: Cast) -> None:
    who = cast.organisation
    hire = {"type": "hire", "team": "North", "starts": "2026-09-01"}
    leaves = {"type": "leave", "rep": "rita", "last_day": "2026-08-31", "to_rep": "hire:1"}
    quota = {"type": "quota", "unit": "company", "period": "2026-Q3", "amount": "1 250,50"}
    found = read({"name": "Lean", "period": "2026-Q3", "assumptions": [hire, leaves, quota]})
    assert found.head.name == "Lean" and found.head.period == "2026-Q3"
    first, second, third = (item.edit for item in found.assumptions)
    assert isinstance(first, Hire) and first.team_id == who.north
    assert isinstance(second, Leave) and second.rep_id == who.rita and second.to_rep_id == -1
    assert isinstance(third, Quota) and third.amount == 125_050


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "no list of assumptions"),
        ([{"type": "resign"}], "needs a type"),
        ([{"type": "leave", "rep": "Nobody Known", "last_day": "2017-11-15"}], "has this name"),
        ([{"type": "leave", "rep": 1}], "Missing: last_day"),
        ([{"type": "leave", "rep": 1, "last_day": "soon"}], "cannot be read"),
        ([{"type": "hire", "team": None, "starts": "2017-12-01", "salary": 1}], "named salary"),
        ([{"type": "hire", "team": 987, "starts": "2017-12-01"}], "no such team"),
        ([{"type": "shock", "what": "luck", "factor": 2, "starts": "2017-12-01"}], "one of"),
        ([{"type": "absence", "rep": 1, "starts": "2017-12-01", "fte": 2}], "FTE lies"),
        ([{"type": "leave", "rep": 1, "last_day": "1999-12-31"}], "before being hired on"),
        ([{"type": "absence", "rep": 1, "starts": "1999-12-01"}], "before being hired on"),
        ([QUOTA | {"amount": "-5"}], "cannot be negative"),
        ([QUOTA | {"currency": "CHF"}], "not in CHF"),
        ([QUOTA | {"amount": "5 000 EUR"}], "is not an amount"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_place(cast: Cast, document: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(document)
    told = [refused.value.message, *(one.message % one.params for one in refused.value.problems)]
    assert any(said in text for text in told), told
    assert all(one.line == 1 for one in refused.value.problems)
