"""Territories for programs: the documents of the command line, through the gate of pages."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Path, Query

from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, require
from perilune.territories import queries
from perilune.territories.queries import documents

router = Router(tags=["territories"], by_alias=True)
AS_OF = Query("", description="A day or an instant that is asked about; today by default.")
FIELDS = Query([], max_length=40, description="Another field of the account: segment=Enterprise.")
ID = Path(..., ge=1, le=2**31)


@router.get("", response=dict[str, Any], summary="Territories in force", url_name="territories")
def in_force(request: HttpRequest, as_of: str = AS_OF) -> dict[str, Any]:
    """Those in force as of a day, as known then, with the reps in their seats."""
    asked = cast(PageRequest, request)
    return documents.in_force_document(queries.in_force(asked.as_of, asked.scope), asked.as_of)


@router.get(
    "/accounts/{account_id}", response=dict[str, Any], summary="Who holds an account",
    url_name="holder",
)  # fmt: skip
def holder(request: HttpRequest, account_id: int = ID, as_of: str = AS_OF) -> dict[str, Any]:
    """Its owner, and of each layer its territory with the reps in its seats."""
    asked = cast(PageRequest, request)
    found = queries.holder(account_id, asked.as_of, asked.scope)
    return documents.holding_document(found, asked.as_of)


@router.get(
    "/place", response=dict[str, Any], summary="Where a new account would belong",
    url_name="place",
)  # fmt: skip
def place(  # noqa: PLR0917  # what is asked, one each
    request: HttpRequest,
    postcode: str = Query("", max_length=20),
    country: str = Query("", max_length=60),
    layer: str = Query("", max_length=100),
    field: list[str] = FIELDS,
    as_of: str = AS_OF,
) -> dict[str, Any]:
    """By the rules that the plan in force kept, else by those that its territories give."""
    asked = cast(PageRequest, request)
    require(asked, Right.DESIGN_TERRITORIES)
    facts = queries.facts_of(field, postcode, country)
    found = queries.place_new(facts, layer, asked.as_of, asked.scope)
    return documents.place_document(found, asked.as_of)


@router.get("/plans", response=dict[str, Any], summary="Plans", url_name="territory-plans")
def plans(request: HttpRequest, as_of: str = AS_OF) -> dict[str, Any]:
    """Plans of which the reader sees something, the latest first; they are those of today."""
    asked = cast(PageRequest, request)
    require(asked, Right.DESIGN_TERRITORIES)
    return documents.plans_document(queries.drafts(asked.scope, asked.actor))


@router.get(
    "/plans/{plan_id}", response=dict[str, Any], summary="A plan in figures",
    url_name="territory-plan",
)  # fmt: skip
def plan(request: HttpRequest, plan_id: int = ID, as_of: str = AS_OF) -> dict[str, Any]:
    """Per territory, per rep, in all; cut to what the reader sees."""
    asked = cast(PageRequest, request)
    require(asked, Right.DESIGN_TERRITORIES)
    head = queries.draft(plan_id, asked.scope, asked.actor).head
    return documents.sheet_document(head, queries.sheet(plan_id, asked.scope, asked.actor))


@router.get(
    "/plans/{plan_id}/handover", response=dict[str, Any], summary="What changes hands",
    url_name="handover",
)  # fmt: skip
def handover(request: HttpRequest, plan_id: int = ID, as_of: str = AS_OF) -> dict[str, Any]:
    """Each account that goes to another rep by a plan; asks for the right to export."""
    asked = cast(PageRequest, request)
    require(asked, Right.DESIGN_TERRITORIES)
    require(asked, Right.EXPORT_DATA)
    head = queries.draft(plan_id, asked.scope, asked.actor).head
    rows = queries.handover(plan_id, asked.scope, asked.actor)
    return documents.handover_document(head, rows, asked.company.currency)
