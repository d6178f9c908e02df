"""Search, totals and timelines, asked directly."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from perilune.crm import queries, service
from perilune.crm.contracts import Condition, ListQuery
from perilune.crm.engine import Share
from perilune.crm.testing import KNOWN, make_record
from perilune.history.service import change_set, identity_add
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()


def _found(text: str, scope: Scope = ALL) -> dict[str, list[str]]:
    hits = queries.search(text, scope=scope, as_of=company().today)
    return {kind: [hit.title for hit in some] for kind, some in hits.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ariane n", {"account": ["Ariane Nord"]}),
        ("732 829 320", {"account": ["Ariane Nord"]}),
        ("anne@ariane.example", {"contact": ["Anne Martin"]}),
        ("01 23 45 67 89", {"contact": ["Anne Martin"]}),
        ("+33123456789", {"contact": ["Anne Martin"]}),
        ("omega", {"opportunity": ["Omega"]}),
        ("zzz", {}),
        ("a", {}),
    ],
)
def test_records_are_found_by_name_number_mail_and_phone(text, expected, book):
    assert _found(text) == expected


def test_a_key_of_another_system_finds_its_record(book):
    with change_set(actor="t", source="salesforce", purpose="import") as w:
        new = w.create("account", {"name": "Imported"}, known_at=KNOWN)
        identity_add("salesforce", "account", "001A0007", new, w.id)
    assert _found("001A0007") == {"account": ["Imported"]}
    assert _found("001A0007", Scope(label="mine", owners=frozenset())) == {}


def test_the_exact_name_comes_before_those_that_begin_and_contain(book):
    for name in ("Great Nova", "Nova Star", "Nova"):
        make_record("account", {"name": name})
    store.refresh()
    assert _found("nova")["account"] == ["Nova", "Nova Star", "Great Nova"]


def test_quotes_stand_below_their_deal_and_are_seen_with_it_contracts_by_their_owner(
    book, crm_cast
):
    of_deal = {"opportunity_id": book.alpha, "account_id": book.north_account}
    quote = make_record("quote", {"name": "Offer A", "number": "Q-1", "total": 17_500, **of_deal})
    line = make_record("quote_line", {"quote_id": quote, "quantity": 2.0, "discount": 12.5})
    rita = crm_cast.organisation.rita
    contract = make_record(
        "contract", {"number": "C-7", "account_id": book.north_account, "owner_id": rita}
    )
    store.refresh()
    today, mine, other = company().today, scope_for(crm_cast.rep), scope_for(crm_cast.outsider)
    for kind, record in (("quote_line", line), ("contract", contract)):
        lists = [
            [row["id"] for row in queries.list_page(ListQuery(kind), scope=s, as_of=today).rows]
            for s in (mine, other)
        ]
        assert lists == [[record], []]
        with pytest.raises(Refused):
            queries.record_view(kind, record, scope=other, as_of=today)
    for kind, record, below in (
        ("quote", quote, {"quote_line"}), ("account", book.north_account, {"quote", "contract"}),
    ):  # fmt: skip
        related = queries.record_view(kind, record, scope=mine, as_of=today).related
        assert below <= {other for other, _column, page in related if page.count}
    assert _found("q-1") == {"quote": ["Offer A"]}


def test_a_list_says_how_its_sum_differs_from_what_the_measures_count(book):
    asked = ListQuery("opportunity")
    before = queries.list_page(asked, scope=ALL, as_of=company().today)
    assert before.measured is None
    common = {
        "stage_id": book.prospecting, "pipeline_id": book.pipeline, "currency": "EUR",
        "created_date": "2026-01-02",
    }  # fmt: skip
    make_record("opportunity", {"name": "Priced", "product_id": book.product, **common})
    make_record("opportunity", {"name": "Out", "amount": 70_000, "is_excluded": True, **common})
    omitted = {"amount": 3_000, "forecast_category": "omitted"}
    make_record("opportunity", {"name": "Omitted", **omitted, **common})
    store.refresh()
    after = queries.list_page(asked, scope=ALL, as_of=company().today)
    found, total = after.measured, after.totals["amount"]
    assert found is not None
    assert (found.listed, found.listed_minor) == (1, 50_000)
    assert (found.left_out, found.left_out_minor) == (2, 73_000)
    assert found.minor == total.minor + found.listed_minor - found.left_out_minor


def test_a_manager_finds_the_team_and_no_other(book, crm_cast):
    scope = scope_for(crm_cast.sales_manager)
    assert _found("gamma", scope) == {}
    assert _found("beta", scope) == {"opportunity": ["Beta"]}


def test_rule_36_two_sirets_under_one_siren_are_sites_and_no_duplicates(book):
    first = {"siren": "732829320", "siret": "73282932000074"}
    make_record("account", {"name": "Site one", **first})
    site = {"siren": "732829320", "siret": "73282932000082"}
    assert (queries.same_account(first) or {})["name"] == "Site one"
    with change_set(actor="t") as w:  # the head office has its own SIRET too
        w.change("account", book.north_account, {"siret": "73282932000066"})
    assert queries.same_account(site) is None
    same = queries.same_account({"siren": "404833048"}) or {}
    assert same["id"] == book.south_account
    assert queries.same_account({"vat_number": "FR83 404833048"}) is not None


def test_totals_are_in_the_companys_currency_and_count_what_has_no_rate(book):
    values = {"name": "Dollar", "stage_id": book.proposal, "amount": 10_000, "currency": "USD"}
    make_record("opportunity", values)
    make_record("opportunity", {**values, "name": "Franc", "currency": "CHF", "amount": 5_000})
    make_record(
        "rate", {"rate_set": "budget", "currency": "USD", "starts": date(2026, 1, 1), "value": 0.9}
    )
    store.refresh()
    page = queries.list_page(ListQuery("opportunity"), scope=ALL, as_of=company().today)
    total = page.totals["amount"]
    # 1,000 + 2,500 + 4,000 + 700 euro, and 100 dollars at 0.9
    assert (total.minor, total.unrated, total.is_converted) == (820_000 + 9_000, 1, True)


def test_totals_cover_all_pages_and_the_count_too(book):
    small = ListQuery("opportunity", size=1)
    page = queries.list_page(small, scope=ALL, as_of=company().today)
    assert (len(page.rows), page.count, page.totals["amount"].minor) == (1, 4, 820_000)


def test_a_list_of_totals_only_is_refused(book, crm_cast):
    with pytest.raises(Refused):
        queries.list_page(
            ListQuery("opportunity"), scope=scope_for(crm_cast.viewer), as_of=company().today
        )


def test_values_of_filters_never_become_sql(book):
    evil = "'; DROP TABLE opportunity; --"
    asked = ListQuery(
        "opportunity", text=evil, conditions=(Condition("name", "contains", (evil,)),)
    )
    assert queries.list_page(asked, scope=ALL, as_of=company().today).count == 0
    with pytest.raises(Invalid):
        bad = ListQuery("opportunity", conditions=(Condition("amount", "from", ("1 OR 1",)),))
        queries.list_page(bad, scope=ALL, as_of=company().today)


def test_the_timeline_keeps_what_was_taken_back_for_the_audit(book):
    done = service.record_change("opportunity", book.beta, {"amount": 1}, actor="rep")
    assert done.change_set_id is not None
    service.edit_undo(done.change_set_id, actor="rep")
    view = queries.record_view("opportunity", book.beta, scope=ALL, as_of=company().today)
    assert [event.field for event in view.events] == [""]
    audit = queries.record_view(
        "opportunity", book.beta, scope=ALL, as_of=company().today, with_retracted=True
    )
    assert [event.field for event in audit.events] == ["amount", ""]
    assert audit.retracted == {done.change_set_id}


def test_the_age_in_a_stage_starts_at_the_last_entry(book):
    with change_set(actor="t", known_at=datetime.fromisoformat("2026-04-01T10:00:00+00:00")) as w:
        w.change("opportunity", book.alpha, {"next_step": "Meet"})  # no change of stage
    store.refresh()
    (card,) = queries.deal_warnings(book.alpha, scope=ALL, as_of=company().today)
    assert card.stage_days == 112  # 10 March to 30 June 2026


def test_many_records_change_together_or_not_at_all(book):
    with pytest.raises(Invalid):
        service.records_change(
            "opportunity", [book.alpha, book.won], {"close_date": None}, actor="x"
        )
    states = [queries.now_state("opportunity", i, ALL) for i in (book.alpha, book.won)]
    assert all(state["close_date"] for state in states)


def test_an_error_from_before_does_not_stop_another_edit(book):
    with change_set(actor="t") as w:
        w.change("account", book.north_account, {"siren": "123"})
    done = service.record_change("account", book.north_account, {"city": "Lens"}, actor="x")
    assert done.change_set_id


def test_rule_8_splits_replace_each_other_in_one_set(book, crm_cast):
    org = crm_cast.organisation
    service.splits_set(book.alpha, [Share(org.rita, 5000), Share(org.rolf, 5000)], actor="x")
    store.refresh()
    service.splits_set(book.alpha, [Share(org.rolf, 10_000)], actor="x")
    store.refresh()
    asked = ListQuery(
        "opportunity_split",
        conditions=(Condition("opportunity_id", "in", (str(book.alpha),)),),
    )
    rows = queries.list_page(asked, scope=ALL, as_of=company().today).rows
    assert [(row["rep_id"], row["share"]) for row in rows] == [(org.rolf, 10_000)]


def test_what_is_there_is_not_restored_and_what_is_gone_not_changed(book):
    with pytest.raises(Conflict):
        service.record_restore("account", book.north_account, actor="x")
    service.record_delete("account", book.north_account, actor="x")
    with pytest.raises(NotFound):
        service.record_change("account", book.north_account, {"city": "Lens"}, actor="x")
    service.record_restore("account", book.north_account, actor="x")
    assert queries.now_state("account", book.north_account, ALL)["city"] == "Lille"


def test_a_custom_choice_without_choices_is_refused(book):
    with pytest.raises(Invalid):
        service.field_add("account", "Orbit", "choice", [])
    field = service.field_add("account", "Hauteur d'orbite", "integer")
    assert field.name == "x_hauteur_d_orbite"


def test_totals_of_other_kinds_convert_at_the_as_ofs_budget_rate(book):
    rate = {"rate_set": "budget", "starts": date(2026, 1, 1)}
    make_record("rate", {**rate, "currency": "JPY", "value": 0.006})
    make_record("account", {"name": "Kyoto", "currency": "JPY", "annual_revenue": 1_000_000})
    store.refresh()
    page = queries.list_page(ListQuery("account"), scope=ALL, as_of=company().today)
    assert page.totals["annual_revenue"].minor == 600_000  # a million yen at 0.006 is 6,000 euro
