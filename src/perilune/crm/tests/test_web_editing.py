"""Editing in place, bulk verbs, the board, forms and set-up, each with its undo."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history.queries import recent_sets, state_as_of
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
HX = {"HTTP_HX_REQUEST": "true"}


def _undo(client, answer) -> None:
    url = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    assert client.post(url).status_code == 204
    store.refresh()


def _deal(book, name="alpha"):
    return state_as_of("opportunity", getattr(book, name)) or {}


def test_an_edit_in_place_is_saved_and_undone(book, as_user):
    rita = as_user("rep")
    path = f"/records/opportunity/{book.alpha}/field/amount/?cell=1"
    assert 'name="amount"' in rita.get(path, **HX).content.decode()
    answer = rita.post(path, {"amount": "1,234.50"}, **HX)
    assert "€1,234.50" in answer.content.decode()
    assert _deal(book)["amount"] == 123450
    _undo(rita, answer)
    assert _deal(book)["amount"] == 100_000


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("next_step", "Send the offer", "Send the offer"),
        ("close_date", "2027-05-06", date(2027, 5, 6)),
        ("type", "renewal", "renewal"),
        ("is_excluded", "1", True),
        ("account_id", "Sud Aviation", "south_account"),
        ("competitor", "", None),
    ],
)
def test_each_type_of_field_is_edited_in_place(name, text, value, book, as_user):
    path = f"/records/opportunity/{book.alpha}/field/{name}/"
    assert as_user("director").post(path, {name: text}, **HX).status_code == 200
    assert _deal(book)[name] == (getattr(book, value) if name == "account_id" else value)


def test_a_latitude_is_typed_either_way_shown_to_the_metre_and_stays_on_the_globe(book, as_user):
    director = as_user("director")
    path = f"/records/account/{book.north_account}/field/latitude/"
    for typed in ("48,857", "48.857"):
        answer = director.post(path, {"latitude": typed}, **HX)
        assert (state_as_of("account", book.north_account) or {})["latitude"] == 48.857
        assert "48.85700" in answer.content.decode()
    french = director.get(path, HTTP_ACCEPT_LANGUAGE="fr", **HX).content.decode()
    assert "GeoNames" in french
    refused = director.post(path, {"latitude": "91"}, **HX).content.decode()
    assert "This lies between −90 and 90." in refused
    assert (state_as_of("account", book.north_account) or {})["latitude"] == 48.857


def test_what_cannot_be_read_stays_in_the_editor_with_its_reason(book, as_user):
    path = f"/records/opportunity/{book.alpha}/field/amount/"
    shown = as_user("rep").post(path, {"amount": "a lot"}, **HX).content.decode()
    assert "«a lot» is not a number" in shown and 'value="a lot"' in shown
    assert _deal(book)["amount"] == 100_000


def test_saving_the_same_value_writes_nothing(book, as_user):
    before = recent_sets(1)[0].id
    path = f"/records/opportunity/{book.alpha}/field/amount/"
    as_user("rep").post(path, {"amount": "1000"}, **HX)
    assert recent_sets(1)[0].id == before


def test_a_rep_gives_records_only_within_the_own_scope(book, crm_cast, as_user):
    path = f"/records/opportunity/{book.alpha}/field/owner_id/"
    shown = as_user("rep").post(path, {"owner_id": str(crm_cast.organisation.sara)}, **HX)
    assert "own team" in shown.content.decode()
    assert _deal(book)["owner_id"] == crm_cast.organisation.rita


def test_a_bulk_verb_asks_its_value_then_changes_all_in_one_set(book, crm_cast, as_user):
    director = as_user("director")
    ids = [book.alpha, book.beta]
    asked = director.post("/records/opportunity/bulk/", {"id": ids, "verb": "owner_id"})
    assert asked.status_code == 200 and 'name="owner_id"' in asked.content.decode()
    sara = crm_cast.organisation.sara
    posted = {"id": ids, "verb": "owner_id", "owner_id": str(sara)}
    answer = director.post("/records/opportunity/bulk/", posted)
    assert answer.status_code == 302
    assert {_deal(book, n)["owner_id"] for n in ("alpha", "beta")} == {sara}
    last = recent_sets(1)[0]
    assert last.rows == 2
    director.post(f"/records/undo/{last.id}/")
    assert {_deal(book, n)["owner_id"] for n in ("alpha", "beta")} == {crm_cast.organisation.rita}


def test_one_does_not_undo_anothers_edit(book, as_user):
    as_user("director").post(
        f"/records/opportunity/{book.alpha}/field/amount/", {"amount": "7"}, **HX
    )
    last = recent_sets(1)[0].id
    assert as_user("rep").post(f"/records/undo/{last}/").status_code == 404
    assert _deal(book)["amount"] == 700


def test_a_card_moves_on_the_board_and_back(book, as_user):
    rita = as_user("rep")
    posted = {"id": book.beta, "column": book.proposal}
    answer = rita.post("/pipeline/board/move/", posted, **HX)
    assert answer.status_code == 200
    assert _deal(book, "beta")["stage_id"] == book.proposal
    store.refresh()
    column = rita.get("/pipeline/board/").content.decode().split('aria-label="Proposal"')[1]
    assert "Beta" in column.split("</section>")[0]
    _undo(rita, answer)
    assert _deal(book, "beta")["stage_id"] == book.prospecting


def test_a_closing_stage_asks_for_the_day_the_amount_and_the_reason(book, as_user):
    rita = as_user("rep")
    posted = {"id": book.beta, "column": book.lost_stage}
    answer = rita.post("/pipeline/board/move/", posted, **HX)
    url = json.loads(answer["HX-Trigger"])["deal-close"]["url"]
    assert _deal(book, "beta")["stage_id"] == book.prospecting
    form = rita.get(url, **HX).content.decode()
    assert 'name="close_date"' in form and 'name="loss_reason"' in form
    facts = {
        "stage": book.lost_stage,
        "close_date": "2026-06-20",
        "amount": "2,400",
        "loss_reason": "Price",
        "board": "/pipeline/board/",
    }
    done = rita.post(f"/records/opportunity/{book.beta}/move/", facts)
    assert (done.status_code, done["Location"]) == (302, "/pipeline/board/")
    state = _deal(book, "beta")
    assert (state["stage_id"], state["close_date"]) == (book.lost_stage, date(2026, 6, 20))
    assert (state["amount"], state["loss_reason"]) == (240_000, "Price")


def test_the_board_counts_and_sums_every_card_in_the_companys_currency(book, as_user):
    shown = as_user("director").get("/pipeline/board/").content.decode()
    first = shown.split('aria-label="Prospecting"')[1].split("</section>")[0]
    assert re.search(r"data-count>2<", first) and "€6.5K" in first  # beta 2,500 and gamma 4,000
    second = shown.split('aria-label="Proposal"')[1].split("</section>")[0]
    assert "Alpha" in second and "112 days in this stage" in second  # 10 March to 30 June
    won = shown.split('aria-label="Signed"')[1].split("</section>")[0]
    assert "Omega" in won


def test_a_new_record_with_doubts_is_saved_once_they_are_accepted(book, as_user):
    rita = as_user("rep")
    posted = {
        "name": "Delta",
        "created_date": "2026-06-01",
        "close_date": "2026-05-01",
        "stage_id": str(book.prospecting),
        "currency": "EUR",
    }
    first = rita.post("/records/opportunity/new/", posted)
    assert first.status_code == 422
    assert "lies before the creation" in first.content.decode()
    assert "Save all the same" in first.content.decode()
    second = rita.post("/records/opportunity/new/", {**posted, "accept": "1"})
    assert second.status_code == 302


def test_splits_are_set_in_percent_and_must_sum_to_the_whole(book, crm_cast, as_user):
    org, director = crm_cast.organisation, as_user("director")
    path = f"/records/opportunity/{book.alpha}/splits/"
    wrong = {"rep": [org.rita, org.rolf], "share": ["60", "30"], "overlay": ["0", "0"]}
    shown = director.post(path, wrong)
    assert shown.status_code == 422 and "sum to 90 %" in shown.content.decode()
    good = {"rep": [org.rita, org.rolf, org.sara], "share": ["60", "40", "50"]}
    assert director.post(path, {**good, "overlay": ["0", "0", "1"]}).status_code == 302
    store.refresh()
    shown = director.get(f"/records/opportunity/{book.alpha}/").content.decode()
    assert "60.0" in shown and "40.0" in shown


def test_a_stage_name_is_unique_in_its_pipeline(book, as_user):
    director = as_user("director")
    posted = {"verb": "add", "pipeline": book.pipeline, "name": "proposal", "meaning": "open"}
    director.post("/pipeline/stages/", posted)
    assert "of this name" in director.get("/pipeline/stages/").content.decode()
    director.post("/pipeline/stages/", {**posted, "name": "Pilot"})
    store.refresh()
    assert 'value="Pilot"' in director.get("/pipeline/stages/").content.decode()


def test_stages_change_their_order(book, as_user):
    director = as_user("director")
    director.post("/pipeline/stages/", {"verb": "up", "id": book.proposal})
    states = [state_as_of("stage", i) or {} for i in (book.prospecting, book.proposal)]
    positions = [state["position"] for state in states]
    assert positions == [2, 1]


def test_a_stage_with_deals_is_not_deleted(book, as_user):
    director = as_user("director")
    director.post("/pipeline/stages/", {"verb": "remove", "id": book.prospecting})
    assert "2 deals stand in this stage" in director.get("/pipeline/stages/").content.decode()
    assert state_as_of("stage", book.prospecting) is not None


def test_a_custom_field_goes_through_page_list_filter_and_export(book, as_user):
    director = as_user("director")
    facts = {"label": "Orbit height", "type": "choice", "choices": "Low\nHigh"}
    assert director.post("/records/opportunity/fields/", facts).status_code == 302
    store.refresh()
    path = f"/records/opportunity/{book.alpha}/field/x_orbit_height/"
    assert director.post(path, {"x_orbit_height": "high"}, **HX).status_code == 200
    store.refresh()
    listed = director.get("/pipeline/?all=1&x_orbit_height=high&more=1").content.decode()
    rows = listed.split("<tbody>")[1].split("</tbody>")[0]
    assert "Orbit height" in listed and "Alpha" in rows and "Beta" not in rows
    text = b"".join(director.get("/records/opportunity/export/csv/?all=1")).decode()
    assert "Orbit height" in text.splitlines()[0] and "High" in text


def test_a_view_is_kept_shared_and_forgotten(book, as_user):
    rita, director = as_user("rep"), as_user("director")
    posted = {"name": "Big ones", "query": "amount.from=2000&sort=-amount", "is_shared": "1"}
    assert rita.post("/records/opportunity/views/", posted).status_code == 302
    shown = director.get("/pipeline/").content.decode()
    assert "Big ones" in shown
    view = rita.get("/pipeline/?amount.from=2000&sort=-amount").content.decode()
    forget = re.findall(r"/records/views/\d+/forget/", view)[0]
    assert director.post(forget, {"kind": "opportunity"}).status_code == 404
    assert rita.post(forget, {"kind": "opportunity"}).status_code == 302
    assert "Big ones" not in director.get("/pipeline/").content.decode()


# -- an export is exactly the list ---------------------------------------------------------------

FILTERS = {
    "q": ["a", "al", "ariane", "zzz"],
    "meaning": ["open", "won", "open,won"],
    "category": ["commit", "pipeline"],
    "amount.from": ["900"],
    "amount.to": ["2600"],
    "close_date.from": ["2027-01-15"],
    "close_date.to": ["2027-02-28"],
    "name": ["a", "ph"],
    "account_id": ["nord"],
    "filled": ["next_step"],
    "empty": ["competitor,loss_reason"],
}
SORTS = ["", "name", "-name", "amount", "-amount", "close_date", "account_id", "-owner_id"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    chosen=st.dictionaries(st.sampled_from(sorted(FILTERS)), st.integers(0, 3), max_size=3),
    sort=st.sampled_from(SORTS),
    who=st.sampled_from(["director", "rep", "sales_manager"]),
)
def test_an_export_holds_exactly_the_rows_of_the_list(chosen, sort, who, book, as_user):
    query = {name: FILTERS[name][at % len(FILTERS[name])] for name, at in chosen.items()}
    query |= {"all": "1", "sort": sort}
    client = as_user(who)
    shown = client.get("/pipeline/", query).content.decode()
    body = shown.split("<tbody>")[1].split("</tbody>")[0]
    listed = re.findall(r"<th[^>]*><a[^>]*>([^<]*)</a></th>", body)
    text = b"".join(client.get("/records/opportunity/export/csv/", query)).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    exported = [line[0] for line in lines[1 : lines.index([])]]
    assert exported == listed
    assert f"{len(listed)} record" in shown


def test_filters_agree_with_what_the_records_say(book, as_user):
    director = as_user("director")

    def names(query: str) -> set[str]:
        shown = director.get(f"/pipeline/?all=1&{query}").content.decode()
        return {n for n in ("Alpha", "Beta", "Gamma", "Omega") if f">{n}</a>" in shown}

    assert names("amount.from=1000&amount.to=2500") == {"Alpha", "Beta"}
    assert names("meaning=won") == {"Omega"}
    assert names("category=commit") == {"Alpha"}
    assert names("account_id=sud") == {"Gamma"}
    assert names("close_date.from=2027-02-01") == {"Alpha", "Beta"}
    assert names("empty=competitor") == {"Alpha", "Beta", "Gamma", "Omega"}
    assert names("q=sud+avi") == {"Gamma"}


def test_stages_are_offered_in_their_order_and_not_by_the_alphabet(book, as_user):
    page = as_user("director").get("/records/opportunity/new/").content.decode()
    places = [
        page.index(f">{name}</option>") for name in ("Prospecting", "Proposal", "Signed", "Gone")
    ]
    assert places == sorted(places)
