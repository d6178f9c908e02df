"""Syncs of a REST interface: every way of paging and coming in, and whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.contracts.sync import Ask, Mode
from perilune.hub.models import Connection, MissingAnswer
from perilune.hub.service import sync
from perilune.hub.service.sync import landing
from perilune.hub.service.sync.rest import Reader, asking
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.syncing_sources import differing, let_in, read
from perilune.kernel.errors import Conflict, Invalid, Refused, Unavailable
from tests.fakes.common import CLIENT, SECRET
from tests.fakes.rest import Interface, Serving, serve
from tests.fakes.rest.server import filled

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]

PAGINGS: dict[str, dict[str, Any]] = {
    "page": {"page_name": "page", "size_name": "limit", "size": 6},
    "offset": {"page_name": "offset", "size_name": "limit", "size": 6},
    "cursor": {"page_name": "cursor", "size_name": "limit", "size": 6, "after": "meta.next_cursor"},
    "next": {"size_name": "limit", "size": 6, "after": "next"},
    "link": {"size_name": "limit", "size": 6},
    "none": {},
}


@contextmanager
def connected(interface: Interface, **told: Any) -> Iterator[Serving]:
    """Serve an interface that a connection reads deals and companies of."""
    with serve(interface) as serving:
        token, _refresh = serving.doors.session()
        let_in("rest", serving.address, {"login": "token", "token": token})
        paging = {"paging": interface.paging, **PAGINGS[interface.paging]}
        read("companies", "account", path="/api/companies", **paging)
        read("deals", "opportunity", path="/api/deals",
             **{"since": "updated_since", **paging, **told})  # fmt: skip
        yield serving


def _rows(of: Interface) -> dict[str, Any]:
    return {
        "opportunity": {
            key: {"name": row["title"], "amount": row["amount"], "stage_id": row["stage"],
                  "account_id": row["company"]["id"], "next_step": row["next_step"]}
            for key, row in of.lists["deals"].items() if not row.get("is_deleted")
        },
        "account": {key: {"name": row["name"]} for key, row in of.lists["companies"].items()},
    }  # fmt: skip


def _agree(of: Interface, mode: Mode = Mode.INCREMENTAL) -> Any:
    run = synced(mode=mode)
    assert (run.is_proved, differing(_rows(of))) == (True, [])
    return run


def test_every_way_of_paging_brings_every_row() -> None:
    of = filled(20)
    with serve(of) as serving:
        token, _refresh = serving.doors.session()
        let_in("rest", serving.address, {"login": "token", "token": token})
        for paging, parts in PAGINGS.items():
            of.paging = paging
            told = {"paging": paging, "path": "/api/deals", **parts}
            probe = sync.object_probe("acme", {"name": paging, "kind": "opportunity", **told})
            keys = {"login": "token", "token": token, "objects": {paging: asdict(probe.given)}}
            source = Reader(serving.address, keys)
            rows: list[list[str]] = []
            after = ""
            while not rows or after:
                page = source.page(Ask(paging, ("id", "_stamp")), after)
                rows, after = rows + page.rows, page.token
            assert [key for key, _stamp in rows] == [str(i) for i in range(1, 21)], paging
            assert probe.rows == 20


def test_rows_are_recognised_and_then_what_changed_is_asked_for() -> None:
    of = filled(15)
    of.paging = "next"
    with connected(of) as serving:
        told = Connection.objects.get().objects_read["deals"]["given"]
        assert [told[n] for n in ("rows", "key", "stamp", "born", "says", "total")] == [
            "data.items", "id", "updated_at", "created_at", "text", "meta.total",
        ]  # fmt: skip
        _agree(of)
        of.pass_time(hours=1)
        of.put("deals", 3, amount="9.00")
        of.put("deals", 99, title="Neuf", amount="1", stage="Won", close_date="2026-02-01",
               company={"id": "c-1"}, next_step="Appeler")  # fmt: skip
        of.drop("deals", 4)
        asked = serving.used
        run = _agree(of)
        assert run.counts["seen"]["deals"] == 3  # one of them in the overlap
        assert serving.used - asked < 40
        assert not MissingAnswer.objects.exists()


def test_what_cannot_be_asked_for_since_is_read_whole_and_only_news_is_written() -> None:
    of = filled(15)
    of.paging = "offset"
    of.says_total = False
    with connected(of, since="", stamp="-", gone="-") as serving:
        _agree(of)
        for row in of.lists["deals"].values():
            row["shown_ago"] = "3 minutes"  # what nobody maps is no news
        of.put("deals", 3, amount="4.00")
        of.drop("deals", 5)
        assert _agree(of).counts["written"]["opportunity"]["changed"] == 2
        assert _agree(of).import_ids == []
        assert serving.count("deals") > 6


def test_marks_of_deletion_and_single_rows_are_read() -> None:
    of = filled(12)
    for row in of.lists["deals"].values():
        row["is_deleted"] = False
    with connected(of, one="/api/deals/{key}") as serving:
        _agree(of)
        of.pass_time(hours=1)
        of.put("deals", 2, is_deleted=True)
        of.put("deals", 3, updated_at="2026-01-06T00:07:00Z", amount="3.00")  # committed late
        run = _agree(of)
        assert run.counts["differing"] == {"deals": 1}
        assert serving.count("GET /api/deals/3") == 1


def test_whatever_goes_wrong_on_the_way_the_answer_is_whole_in_the_end() -> None:
    of = filled(20)
    with connected(of) as serving:
        faults = ("throttled", "unavailable", "truncated", "dropped", "short_page",
                  "duplicate_page")  # fmt: skip
        for place, fault in enumerate(faults):
            serving.faults.plan(fault, where="deals$", after=place)
        _agree(of, Mode.FULL)
        assert [fault.struck for fault in serving.faults.planned] == [1] * len(faults)


@pytest.mark.parametrize(("fault", "says"), [
    ("endless", "repeats itself without an end"), ("no_json", "is not JSON"),
    ("moved", "leads elsewhere"), ("forbidden", "look at the login"),
])  # fmt: skip
def test_what_is_no_answer_ends_the_run_by_name(fault: str, says: str) -> None:
    of = filled(12)
    of.paging = "cursor"
    with connected(of) as serving:
        serving.faults.plan(fault, where="deals$", after=1, times=0)
        with pytest.raises((Unavailable, Refused), match=says):
            synced()
        serving.faults.clear()
        Connection.objects.update(is_connected=True)
        _agree(of)


def test_a_field_as_long_as_a_book_is_left_out_and_an_endless_answer_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(landing, "MAX_CELL", 20_000)
    monkeypatch.setattr(asking, "MOST_BYTES", 90_000)
    of = filled(8)
    of.paging = "none"
    of.put("deals", 2, next_step="x" * 50_000)
    with connected(of):
        run = synced()
        assert any(n["params"].get("key") == "2" for n in run.notices)
        assert run.is_proved
        of.put("deals", 3, next_step="x" * 90_000)
        with pytest.raises(Unavailable, match="larger than 0 MB"):
            synced()


def test_a_field_that_goes_in_mid_run_is_told_and_what_it_said_last_is_kept() -> None:
    of = filled(15)
    with connected(of) as serving:
        _agree(of)

        def gone() -> None:
            for row in of.lists["deals"].values():
                row["worth"] = row.pop("amount", None) or row.get("worth")

        serving.faults.plan("call", where="deals$", after=2, then=gone)
        run = synced(mode=Mode.FULL)
        fields = {n["params"]["field"] for n in run.notices if "field" in n["params"]}
        assert (run.is_proved, fields) == (True, {"amount", "worth"})
        states = history.states_as_of("opportunity", None).values()
        assert {s["amount"] for s in states} == {10_050 * i for i in range(1, 16)}


def test_a_field_that_some_rows_leave_out_is_no_field_that_went() -> None:
    of = filled(8)
    of.put("deals", 3, competitor="Vexa")
    with connected(of):
        _agree(of)
        of.pass_time(hours=1)
        del of.lists["deals"]["3"]["next_step"]
        of.put("deals", 3, next_step="Appeler")
        del of.lists["deals"]["3"]["competitor"]
        del of.lists["deals"]["4"]["next_step"]
        run = synced()
        assert run.is_proved
        assert not [n for n in run.notices if "field" in n["params"]]


def test_who_may_come_in_is_asked_in_five_ways_and_said_where_it_fails() -> None:
    of = filled(3)
    with serve(of) as serving:
        token, _refresh = serving.doors.session()
        for login, good, bad in (
            ("none", {}, None),
            ("token", {"token": token}, {"token": "wrong"}),
            ("header", {"header": "X-Api-Key", "token": token},
             {"header": "X-Api-Key", "token": "no"}),
            ("basic", {"user": CLIENT, "password": SECRET}, {"user": CLIENT, "password": "no"}),
            ("client",
             {"token_address": f"{serving.address}/oauth/token", "client_id": CLIENT,
              "client_secret": SECRET},
             {"token_address": f"{serving.address}/oauth/token", "client_id": CLIENT,
              "client_secret": "no"}),
        ):  # fmt: skip
            of.login = login
            assert sync.source_test("rest", serving.address, {"login": login, **good})
            let_in("rest", serving.address, {"login": login, **good}, f"by-{login}")
            told = {"name": "d", "kind": "opportunity", "path": "api/deals", "page_name": "page",
                    "paging": "page"}  # fmt: skip
            assert sync.object_probe(f"by-{login}", told).rows == 3
            kept = Connection.objects.get(name=f"by-{login}").credentials
            assert all(value not in kept for value in good.values())
            if bad is not None:
                with pytest.raises(Refused):
                    sync.source_test("rest", serving.address, {"login": login, **bad})
        serving.faults.plan("expired", where="deals", after=0)
        assert sync.object_probe("by-client", told).rows == 3  # a new token is fetched
    for address, keys in (
        ("http://crm.example", {}), ("https://crm.example?x=1", {}),
        ("https://crm.example", {"login": "token"}), ("https://crm.example", {"login": "magic"}),
        ("https://crm.example", {"login": "header", "header": "a b", "token": "t"}),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            sync.source_test("rest", address, keys)


def test_what_does_not_fit_an_interface_is_said_before_it_is_kept() -> None:
    of = filled(30)
    of.paging = "next"
    with connected(of) as serving:

        def told(**more: Any) -> dict[str, Any]:
            return {"name": "x", "kind": "contact", "path": "/api/deals", **more}

        for given, says in (
            (told(path=""), "at which path"), (told(path="/api/none"), "nothing at /api/none"),
            (told(rows="data.rows"), "no list at «data.rows»"), (told(key="nr"), "tells the key"),
            (told(key="stage", paging="none"), "share one"),
            (told(paging="none"), "20 of 30 rows"), (told(paging="page"), "called"),
            (told(paging="page", page_name="nr"), "rows of the first"),
            (told(paging="cursor", page_name="cursor"), "next page"),
            (told(one="/api/deals/1"), "{key}"),
            (told(one="/api/companies/{key}"), "bring the row"),
            (told(stamp="title"), "does not say when"), (told(kind="nothing"), "which records"),
            (told(size=0), "from 1 to"),
        ):  # fmt: skip
            with pytest.raises((Invalid, Unavailable), match=says):
                sync.object_probe("acme", given)
        with pytest.raises(Conflict, match="these records already"):
            sync.object_set("acme", told(kind="opportunity"))
        of.says_total = False
        with pytest.raises(Invalid, match="exactly 20 rows"):
            of.paging = "page"
            sync.object_probe("acme", told())
        of.paging = "next"
        probe = sync.object_probe("acme", told())
        told_ = asdict(probe.given)
        assert (told_["paging"], told_["after"]) == ("next", "next")  # recognised
        of.lists["deals"]["1"]["next"] = ""
        serving.address = "http://127.0.0.1:1"  # the next page lies elsewhere
        with pytest.raises(Unavailable, match="another machine"):
            sync.object_probe("acme", told())
