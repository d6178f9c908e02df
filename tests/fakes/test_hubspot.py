"""The fake account speaks as the vendor's client expects: hubspot-api-client itself drives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hubspot import HubSpot
from hubspot.crm.deals import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchReadInputSimplePublicObjectId,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)

from tests.fakes.common import CLIENT, SECRET
from tests.fakes.hubspot import Serving, serve
from tests.fakes.hubspot.made import filled
from tests.fakes.hubspot.more import more


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with serve(filled(120)) as found:
        yield found


@pytest.fixture
def client(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> Any:
    serving.faults.clear()
    serving.most_found, serving.portal.lag = 10_000, 0.0
    token, _refresh = serving.doors.session()
    found = HubSpot(access_token=token)
    found.config["host"] = serving.address
    return found


def test_records_are_listed_with_their_versions_and_what_they_are_associated_with(
    client: Any, serving: Serving
) -> None:
    api = client.crm.deals.basic_api
    seen, after = [], None
    while True:
        page = api.get_page(
            limit=50, after=after, properties=["dealname"],
            properties_with_history=["dealstage"], associations=["companies"],
        )  # fmt: skip
        seen += page.results
        if page.paging is None:
            break
        after = page.paging.next.after
    assert len({one.id for one in seen}) == 120
    one = next(d for d in seen if len(d.properties_with_history["dealstage"]) > 2)
    times = [version.timestamp for version in one.properties_with_history["dealstage"]]
    assert times == sorted(times, reverse=True)  # newest first
    company = one.associations["companies"].results
    assert {link.type for link in company} == {"deal_to_company", "deal_to_company_unlabeled"}
    links = client.crm.associations.v4.batch_api.get_page(
        "deals", "companies", {"inputs": [{"id": one.id}]}
    )
    assert {str(to.to_object_id) for to in links.results[0].to} == {company[0].id}
    with pytest.raises(ApiException, match="400"):
        api.get_page(limit=100, properties_with_history=["dealstage"])


def test_a_search_filters_ends_at_its_most_and_lags_behind_the_records(
    client: Any, serving: Serving
) -> None:
    search = client.crm.deals.search_api
    asked = {
        "filter_groups": [{"filters": [
            {"propertyName": "amount", "operator": "GTE", "value": "20000"}]}],
        "sorts": [{"propertyName": "amount", "direction": "DESCENDING"}],
        "properties": ["amount", "nothing"], "limit": 100,
    }  # fmt: skip
    found = search.do_search(PublicObjectSearchRequest(**asked))
    amounts = [float(one.properties["amount"]) for one in found.results]
    assert (len(amounts), amounts) == (found.total, sorted(amounts, reverse=True))
    assert "nothing" not in found.results[0].properties  # left out without a word
    serving.most_found = 100
    with pytest.raises(ApiException, match="400"):
        search.do_search(PublicObjectSearchRequest(limit=100, after="50"))
    serving.portal.lag = 60
    deal = found.results[0].id
    serving.portal.pass_time(hours=1)
    serving.portal.update("deals", deal, amount=1)
    old = search.do_search(PublicObjectSearchRequest(**asked)).results[0]
    assert (old.id, float(old.properties["amount"])) == (deal, amounts[0])
    serving.portal.pass_time(seconds=61)
    assert search.do_search(PublicObjectSearchRequest(**asked)).results[0].id != deal


def test_what_is_archived_or_merged_is_told_as_hubspot_tells_it(client: Any) -> None:
    api, batch = client.crm.deals.basic_api, client.crm.deals.batch_api
    keys = [
        api.create(SimplePublicObjectInputForCreate(properties={"dealname": n})).id for n in "ABC"
    ]
    made = api.merge(PublicMergeInput(primary_object_id=keys[0], object_id_to_merge=keys[1]))
    assert made.id not in keys
    told = api.get_by_id(keys[1], properties=["hs_merged_object_ids"])
    assert (told.id, told.properties["hs_merged_object_ids"]) == (made.id, ";".join(keys[:2]))
    api.archive(keys[2])
    asked = BatchReadInputSimplePublicObjectId(
        properties=["dealname"], properties_with_history=[], inputs=[{"id": k} for k in keys]
    )
    assert {one.id for one in batch.read(asked).results} == {made.id}
    gone = batch.read(asked, archived=True).results
    assert [(one.id, one.archived) for one in gone] == [(keys[2], True)]
    assert gone[0].archived_at > gone[0].updated_at or gone[0].archived_at >= gone[0].created_at


def test_owners_pipelines_and_properties_are_told(client: Any) -> None:
    assert len(client.crm.owners.owners_api.get_page(limit=100).results) == 6
    stages = client.crm.pipelines.pipelines_api.get_all("deals").results[1].stages
    assert [s.metadata["isClosed"] for s in stages] == ["false", "true", "true"]
    names = {p.name for p in client.crm.properties.core_api.get_all("deals").results}
    assert {"dealname", "hs_merged_object_ids"} <= names


@pytest.mark.parametrize(("fault", "status"), [
    ("expired", 401), ("throttled", 429), ("limit", 429), ("unavailable", 503),
])  # fmt: skip
def test_faults_strike_once_as_planned(
    client: Any, serving: Serving, fault: str, status: int
) -> None:
    serving.faults.plan(fault, where="objects")
    with pytest.raises(ApiException) as told:
        client.crm.deals.basic_api.get_page()
    assert told.value.status == status


def test_the_door_opens_by_code_once_and_by_refresh(serving: Serving) -> None:
    asked = {"client_id": CLIENT, "redirect_uri": "http://127.0.0.1/b", "state": "s", "allow": "1"}
    sent = requests.get(f"{serving.address}/oauth/authorize", params=asked, timeout=5,
                        allow_redirects=False)  # fmt: skip
    code = sent.headers["Location"].partition("code=")[2]
    api = HubSpot()
    api.config["host"] = serving.address
    keys = {"client_id": CLIENT, "client_secret": SECRET}
    tokens = api.oauth.tokens_api
    told = tokens.create(grant_type="authorization_code", code=code,
                         redirect_uri="http://127.0.0.1/b", **keys)  # fmt: skip
    again = tokens.create(grant_type="refresh_token", refresh_token=told.refresh_token, **keys)
    assert again.access_token != told.access_token
    with pytest.raises(Exception, match="400"):
        tokens.create(grant_type="authorization_code", code=code,
                      redirect_uri="http://127.0.0.1/b", **keys)  # fmt: skip


def test_the_vendors_client_writes_one_many_and_is_refused_as_hubspot_refuses(
    client: Any, serving: Serving
) -> None:
    api, portal = client.crm.deals, serving.portal
    keys = [k for k, one in portal.rows["deals"].items() if not one.archived_at][:3]
    told = api.basic_api.update(keys[0], SimplePublicObjectInput(properties={"amount": "12"}))
    assert (told.id, told.properties["amount"]) == (keys[0], "12")
    inputs = [
        SimplePublicObjectBatchInput(id=key, properties={"hs_next_step": "Call"})
        for key in (*keys, "999999")
    ]
    body = BatchInputSimplePublicObjectBatchInput(inputs=inputs)
    found = api.batch_api.update(body)
    assert {one.id for one in found.results} == {*keys}
    assert found.errors[0].context["ids"] == ["999999"]
    inputs[0].properties = {"amount": "a lot"}
    log = len(serving.writes.log)
    with pytest.raises(ApiException) as error:
        api.batch_api.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs[:3]))
    assert (error.value.status, "INVALID_LONG" in error.value.body) == (400, True)
    assert len(serving.writes.log) == log  # none of them was written
    portal.property_add("deals", "perilune_id", is_unique=True)
    given = SimplePublicObjectInputForCreate(
        associations=[], properties={"dealname": "Made", "perilune_id": "p-1"}
    )
    made = api.basic_api.create(given)
    with pytest.raises(ApiException) as error:
        api.basic_api.create(given)
    assert (error.value.status, made.id in error.value.body) == (409, True)
    assert api.basic_api.get_by_id("p-1", id_property="perilune_id").id == made.id
    api.basic_api.archive(made.id)
    with pytest.raises(ApiException) as error:
        api.basic_api.update(made.id, SimplePublicObjectInput(properties={"amount": "1"}))
    assert error.value.status == 404


def test_line_items_stages_and_goals_are_told_to_the_vendors_client() -> None:
    with serve(more(filled(3, moves=0))) as found:
        client: Any = HubSpot(access_token=found.doors.session()[0])
        client.config["host"] = found.address
        items = client.crm.line_items.basic_api.get_page(associations=["deals", "quotes"]).results
        near = [{to: [one.type for one in links.results] for to, links in item.associations.items()}
                for item in items]  # fmt: skip
        assert near == 2 * [{"deals": ["line_item_to_deal"]}, {"quotes": ["line_item_to_quote"]}]
        stages = client.crm.pipelines.pipelines_api.get_all("tickets").results[0].stages
        assert [(one.id, one.label, one.metadata) for one in stages][1] == (
            "2", "Waiting on contact", {"ticketState": "OPEN"}
        )  # fmt: skip
        with pytest.raises(Exception, match="400"):
            client.crm.pipelines.pipelines_api.get_all("quotes")
        goals = client.crm.objects.goals.basic_api.get_page(properties=["hs_target_amount"])
        assert {one.properties["hs_target_amount"] for one in goals.results} >= {"10000", "10001"}
