"""The fake org speaks as the vendor's client expects: simple-salesforce itself drives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
)

from perilune.hub.service.sync.wire import _Plain
from tests.fakes.salesforce import CLIENT, SECRET, Org, Serving, serve, soql, table
from tests.fakes.salesforce.made import filled
from tests.fakes.salesforce.more import more
from tests.fakes.salesforce.org import text_of, with_checksum


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with serve(filled(300)) as found:
        yield found


@pytest.fixture
def sf(serving: Serving) -> Salesforce:
    serving.faults.clear()
    serving.rest_page, serving.bulk_page = 100, 120
    session = requests.Session()
    session.mount("https://127.0.0.1", _Plain())
    access, _refresh = serving.doors.session()
    return Salesforce(
        instance_url=serving.address, session_id=access, session=session, version="62.0"
    )


def test_an_index_finds_what_looking_at_every_row_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "INDEXED_FROM", 10)
    org = filled(60)
    begin = org.clock()
    deals = list(org.rows["Opportunity"])

    def found(column: str) -> set[str]:
        bound = text_of(begin)
        query = soql.parse(f"SELECT Id FROM Opportunity WHERE {column} >= {bound}")
        every = (row for row in org.rows["Opportunity"].values() if not row["IsDeleted"])
        rows = {row["Id"] for row in org.find(query)}
        assert rows == {row["Id"] for row in every if row[column] >= bound}
        return rows

    assert not found("SystemModstamp") and not found("CreatedDate")
    org.pass_time(hours=1)
    org.update("Opportunity", deals[0], Amount=3.0)
    org.delete("Opportunity", deals[1])
    made = org.create("Opportunity", Name="N", StageName="Prospecting", CloseDate="2026-12-01")
    with org.late() as commit:
        org.update("Opportunity", deals[2], Amount=3.0)
    org.purge("Opportunity", deals[3])
    assert found("SystemModstamp") == {deals[0], made}
    commit()
    assert found("SystemModstamp") == {deals[0], made, deals[2]}
    assert found("CreatedDate") == {made}


def test_soql_filters_orders_counts_and_groups(sf: Salesforce, serving: Serving) -> None:
    rows = serving.org.rows["Opportunity"].values()
    won = sf.query_all(
        "SELECT Id, Owner.Name FROM Opportunity WHERE (StageName = 'Closed Won' OR IsWon = true)"
        " AND Amount > 1000 AND StageName IN ('Closed Won', 'Prospecting') ORDER BY Amount DESC, Id"
    )["records"]
    wanted = [r for r in rows if r["StageName"] == "Closed Won" and r["Amount"] > 1000]
    assert [r["Id"] for r in won] == [
        r["Id"] for r in sorted(wanted, key=lambda r: (-r["Amount"], r["Id"]))
    ]
    assert won[0]["Owner"] if "Owner" in won[0] else won[0]["Owner.Name"]
    assert sf.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 300
    months = sf.query(
        "SELECT CALENDAR_YEAR(CreatedDate) y, CALENDAR_MONTH(CreatedDate) m, COUNT(Id) n"
        " FROM Opportunity GROUP BY CALENDAR_YEAR(CreatedDate), CALENDAR_MONTH(CreatedDate)"
    )["records"]
    assert sum(r["n"] for r in months) == 300
    with pytest.raises(SalesforceMalformedRequest, match="No such column"):
        sf.query("SELECT Nothing__c FROM Opportunity")
    with pytest.raises(SalesforceMalformedRequest, match="can not be filtered"):
        sf.query("SELECT Id FROM OpportunityFieldHistory WHERE NewValue = 'x'")


def test_bulk_gives_every_row_once_through_its_locators(sf: Salesforce) -> None:
    client = sf.bulk2.Opportunity._client
    job = client.create_job("queryAll", query="SELECT Id, Amount FROM Opportunity")
    client.wait_for_job(job["id"], True, wait=0.01)
    rows, locator = [], ""
    while True:
        page = client.get_query_results(job["id"], locator, 120)
        rows += page["records"].splitlines()[1:]
        locator = page["locator"]
        if not locator:
            break
    assert len(rows) == len(set(rows)) == 300


def test_records_are_written_by_id_by_external_id_and_unless_modified(
    sf: Salesforce, serving: Serving
) -> None:
    assert sf.Account.upsert("Legacy_Id__c/L1", {"Name": "Renamed"}) == 200
    assert sf.Account.upsert("Legacy_Id__c/L-new", {"Name": "Made"}) == 201
    found = sf.query("SELECT Id, Name FROM Account WHERE Legacy_Id__c = 'L1'")["records"][0]
    assert found["Name"] == "Renamed"
    stale = {"If-Unmodified-Since": "Mon, 05 Jan 2015 10:00:00 GMT"}
    with pytest.raises(SalesforceGeneralError, match="PRECONDITION_FAILED"):
        sf.Account.update(found["Id"], {"Name": "Late"}, headers=stale)
    body = {
        "compositeRequest": [
            {"method": "POST", "url": "/services/data/v62.0/sobjects/Account",
             "referenceId": "a", "body": {"Name": "C"}},
            {"method": "GET", "url": "/services/data/v62.0/sobjects/Account/@{a.id}",
             "referenceId": "b"},
        ]
    }  # fmt: skip
    told = sf.restful("composite", method="POST", json=body)["compositeResponse"]
    assert [one["httpStatusCode"] for one in told] == [201, 200]
    assert sf.limits()["DailyApiRequests"]["Max"] == serving.most
    names = {field["name"] for field in sf.Opportunity.describe()["fields"]}
    assert {"Id", "SystemModstamp", "Region__c"} <= names


def test_deletes_merges_and_history_are_told_as_salesforce_tells_them(
    sf: Salesforce, serving: Serving
) -> None:
    org = serving.org
    master, loser = org.create("Account", Name="M"), org.create("Account", Name="L")
    child = org.create("Contact", LastName="Kid", AccountId=loser)
    org.merge("Account", master, loser)
    gone = sf.query(f"SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '{loser}'",
                    include_deleted=True)["records"][0]  # fmt: skip
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, master)
    assert sf.query(f"SELECT Id FROM Account WHERE Id = '{loser}'")["totalSize"] == 0
    assert org.rows["Contact"][child]["AccountId"] == master
    now = datetime.now(UTC)
    listed = sf.Account.deleted(now - timedelta(days=9), now + timedelta(days=1))
    assert loser in {one["id"] for one in listed["deletedRecords"]}
    deal = org.create("Opportunity", Name="D", StageName="Prospecting", OwnerId=None)
    user = next(iter(org.rows["User"]))
    org.pass_time(seconds=1)
    org.update("Opportunity", deal, OwnerId=user)
    told = sf.query(
        f"SELECT Field, DataType, NewValue FROM OpportunityFieldHistory"
        f" WHERE OpportunityId = '{deal}' AND Field = 'Owner'"
    )["records"]
    assert sorted(one["DataType"] for one in told) == ["EntityId", "Text"]


def test_a_history_keeps_the_tracked_fields_of_its_object_and_is_shown_or_not(
    sf: Salesforce, serving: Serving
) -> None:
    org = serving.org
    (one, _name), (two, user) = list(org.rows["User"].items())[:2]
    account = org.create("Account", Name="T", OwnerId=one)
    contact = org.create("Contact", LastName="C", AccountId=account)
    org.pass_time(seconds=1)
    org.update("Account", account, Name="T 2", Phone="1")  # no phone is tracked
    org.assign("Account", account, two)
    org.merge("Contact", contact, org.create("Contact", LastName="D"))
    told = sf.query(
        f"SELECT Field, DataType, NewValue FROM AccountHistory WHERE AccountId = '{account}'"
    )["records"]
    assert [(one["Field"], one["DataType"], one["NewValue"]) for one in told] == [
        ("created", "Text", None), ("Name", "Text", "T 2"),
        ("ownerAssignment", "Text", user["Name"]), ("ownerAssignment", "EntityId", two),
    ]  # fmt: skip
    asked = f"SELECT Field FROM ContactHistory WHERE ContactId = '{contact}'"
    assert [one["Field"] for one in sf.query(asked)["records"]] == ["created", "contactMerged"]
    cases = more(Org(serving.org.clock), 0)
    case = cases.create("Case", Status="New")
    cases.update("Case", case, Status="Closed")
    fields = [one["Field"] for one in cases.rows["CaseHistory"].values()]
    assert fields == ["created", "Status", "closed"]
    cases.hide_history("Case")
    cases.update("Case", case, Status="New")
    assert len(cases.rows["CaseHistory"]) == 3 and "CaseHistory" not in cases.kinds


def test_what_commits_late_carries_the_stamp_of_its_writing(serving: Serving) -> None:
    org = serving.org
    org.at(datetime(2026, 3, 1, 10, tzinfo=UTC))
    with org.late() as commit:
        key = org.create("Account", Name="Late")
    org.pass_time(hours=1)
    assert key not in org.rows["Account"]
    commit()
    assert org.rows["Account"][key]["SystemModstamp"] == "2026-03-01T10:00:00.000Z"


@pytest.mark.parametrize(("fault", "error"), [
    ("expired", SalesforceExpiredSession), ("throttled", SalesforceGeneralError),
    ("truncated", requests.exceptions.RequestException),
    ("dropped", requests.exceptions.RequestException),
])  # fmt: skip
def test_faults_strike_once_as_planned(
    sf: Salesforce, serving: Serving, fault: str, error: type[Exception]
) -> None:
    serving.faults.plan(fault)
    with pytest.raises(error):
        sf.query("SELECT Id FROM Account")
    if fault != "expired":
        assert sf.query("SELECT Id FROM Account")["totalSize"] > 0


def test_doors_open_by_code_refresh_and_signature(serving: Serving) -> None:
    url = f"{serving.address}/services/oauth2"
    asked = {"client_id": CLIENT, "redirect_uri": "http://127.0.0.1/back", "state": "s"}
    page = requests.get(f"{url}/authorize", params=asked, timeout=5)
    assert "Allow" in page.text
    sent = requests.get(f"{url}/authorize", params={**asked, "allow": "1"}, timeout=5,
                        allow_redirects=False)  # fmt: skip
    code = sent.headers["Location"].partition("code=")[2].partition("&")[0]
    form = {"grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET,
            "redirect_uri": "http://127.0.0.1/back", "code": code}  # fmt: skip
    told = requests.post(f"{url}/token", data=form, timeout=5).json()
    assert {"access_token", "refresh_token", "instance_url"} <= told.keys()
    assert requests.post(f"{url}/token", data=form, timeout=5).status_code == 400  # once only
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    serving.doors.keys["app"] = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    claims = {"iss": "app", "sub": "ops@acme.example", "aud": serving.address,
              "exp": datetime.now(UTC) + timedelta(minutes=3)}  # fmt: skip
    signed = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
              "assertion": jwt.encode(claims, private, algorithm="RS256")}  # fmt: skip
    assert "access_token" in requests.post(f"{url}/token", data=signed, timeout=5).json()
    signed["assertion"] = signed["assertion"][:-6] + "AAAAAA"
    assert requests.post(f"{url}/token", data=signed, timeout=5).status_code == 400


def test_ids_carry_the_checksum_of_their_case() -> None:
    # the 15 and 18 characters of one id, from the help of Salesforce on case-safe ids
    assert with_checksum("001A0000006Vm9u") == "001A0000006Vm9uIAC"
