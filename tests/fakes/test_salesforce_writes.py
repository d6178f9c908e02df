"""Writes of the fake org, as the vendor's own client asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from perilune.hub.service.sync.wire import _Plain
from tests.fakes.salesforce import Serving, serve
from tests.fakes.salesforce.made import filled


@pytest.fixture
def serving() -> Iterator[Serving]:
    with serve(filled(4, moves=1)) as found:
        yield found


@pytest.fixture
def sf(serving: Serving) -> Salesforce:
    session = requests.Session()
    session.mount("https://127.0.0.1", _Plain())
    access, _refresh = serving.doors.session()
    return Salesforce(
        instance_url=serving.address, session_id=access, session=session, version="62.0"
    )


def _marked(at: datetime) -> dict[str, str]:
    return {"If-Unmodified-Since": format_datetime(at.astimezone(UTC), usegmt=True)}


def _codes(error: Any) -> list[tuple[str, list[str]]]:
    return [(one["errorCode"], one["fields"]) for one in error.value.content]


def test_a_record_that_changed_since_its_mark_is_not_written(
    sf: Salesforce, serving: Serving
) -> None:
    org = serving.org
    key, row = next(iter(org.rows["Opportunity"].items()))
    seen = datetime.fromisoformat(row["LastModifiedDate"])
    org.pass_time(minutes=5)
    assert sf.Opportunity.update(key, {"NextStep": "a"}, headers=_marked(seen)) == 204
    with pytest.raises(SalesforceGeneralError) as error:
        sf.Opportunity.update(key, {"NextStep": "b"}, headers=_marked(seen))
    assert error.value.status == 412
    later = org.clock() + timedelta(seconds=1)
    assert sf.Opportunity.update(key, {"NextStep": "c"}, headers=_marked(later)) == 204
    assert [own for _kind, _key, own in serving.writes.log] == [
        {"NextStep": "a"},
        {"NextStep": "c"},
    ]


def test_an_external_id_finds_makes_or_is_ambiguous(sf: Salesforce, serving: Serving) -> None:
    rows = serving.org.rows["Account"]
    first, second = list(rows)[:2]
    assert sf.Account.upsert("Legacy_Id__c/L0", {"Industry": "Steel"}) == 200
    assert rows[first]["Industry"] == "Steel"
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.upsert("Legacy_Id__c/New?updateOnly=true", {"Name": "x"})
    assert sf.Account.upsert("Legacy_Id__c/New", {"Name": "x"}) == 201
    rows[second]["Legacy_Id__c"] = "L0"
    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Account.upsert("Legacy_Id__c/L0", {"Industry": "Steel"})
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.upsert("Name/x", {"Industry": "Steel"})


def test_locks_rules_and_fields_refuse_with_the_codes_of_the_service(
    sf: Salesforce, serving: Serving
) -> None:
    key = next(iter(serving.org.rows["Opportunity"]))
    serving.writes.locked[key] = 1
    for own, code, fields in (
        ({"NextStep": "a"}, "UNABLE_TO_LOCK_ROW", []),
        ({"Nothing__c": "a"}, "INVALID_FIELD", []),
        ({"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsWon"]),
        ({"StageName": None}, "REQUIRED_FIELD_MISSING", ["StageName"]),
        ({"StageName": "Dreaming"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["StageName"]),
        ({"Amount": "12"}, "JSON_PARSER_ERROR", ["Amount"]),
        ({"CloseDate": "31/12/2026"}, "JSON_PARSER_ERROR", ["CloseDate"]),
        ({"OwnerId": "005nobody"}, "INVALID_CROSS_REFERENCE_KEY", ["OwnerId"]),
        ({"NextStep": "x" * 256}, "STRING_TOO_LONG", ["NextStep"]),
    ):
        with pytest.raises(SalesforceMalformedRequest) as error:
            sf.Opportunity.update(key, own)
        assert _codes(error) == [(code, fields)]
    serving.writes.rules["Opportunity"] = [
        lambda row: ("No.", ["Amount"]) if row["Amount"] else None
    ]
    with pytest.raises(SalesforceMalformedRequest) as error:
        sf.Opportunity.update(key, {"Amount": 5})
    assert _codes(error) == [("FIELD_CUSTOM_VALIDATION_EXCEPTION", ["Amount"])]
    assert serving.writes.log == []
    told = {one["name"]: one for one in sf.Opportunity.describe()["fields"]}
    assert (told["IsWon"]["updateable"], told["Amount"]["updateable"]) == (False, True)
    assert told["StageName"]["picklistValues"][0] == {"value": "Prospecting", "active": True}
