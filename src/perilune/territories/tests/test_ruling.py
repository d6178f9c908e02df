"""Rules of a plan: made from it, by hand, previewed, applied to what arrived, taken back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.history.queries import states_as_of
from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for, user_named
from perilune.people.service import note_import
from perilune.store import service as store
from perilune.territories import queries, service
from perilune.territories.cli import app
from perilune.territories.contracts import Attribute, Criterion, Operator, RuleSet, Why
from perilune.territories.engine import place, rules_by_fields
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
DAY = date(2026, 7, 6)
LATER = date(2026, 7, 20)
LARGE = Criterion("segment", Operator.IN, ("large",))


@pytest.fixture
def ground() -> Ground:
    return make_ground(30, segments=("large", "small"), country="FR")


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.5)], **BY)


@pytest.fixture
@made_once
def standing(plan: int) -> int:
    """The plan in force since the sixth of July; it is the twentieth."""
    return put_in_force(plan)


def put_in_force(plan: int) -> int:
    edition = loaded(plan).head.edition
    service.submit(plan, edition, **BY)
    service.approve(plan, edition + 1, **OTHER)
    service.publish(plan, edition + 2, DAY, **OTHER)
    note_import(DAY)
    assert len(service.activate_due()) == 1
    note_import(LATER)
    store.refresh()
    return plan


def arrives(name: str, postcode: str, owner: int | None = None, **more: Any) -> int:
    """Let an account be made after the plan."""
    at = datetime(2026, 7, 15, 9, tzinfo=UTC)
    with change_set(actor="x", title="", known_at=at) as w:
        account = w.create("account", {"name": name, "postcode": postcode, "country": "FR",
                                       **({"owner_id": owner} if owner else {}),
                                       **more})  # fmt: skip
    store.refresh()
    return account


def key(plan: int, name: str) -> str:
    return next(str(row.number) for row in loaded(plan).rows if row.name == name)


def unit(plan: int, account: int) -> int:
    return int(np.flatnonzero(loaded(plan).accounts.ids == account)[0])


def edition(plan: int) -> int:
    return queries.rule_book(plan, ALL, "director").edition


def owners(at: datetime | None = None) -> dict[int, int | None]:
    return {id_: state["owner_id"] for id_, state in states_as_of("account", None, at).items()}


# -- making rules ----------------------------------------------------------------------------------


def test_rules_made_from_a_plan_put_no_account_elsewhere(plan: int) -> None:
    count = service.make_rules(plan, 0, ["country"], "postcode", **BY)
    book = queries.rule_book(plan, ALL, "director")
    assert len(book.rules) == count == 3 and {one.name for one in book.rules} == {
        "Rita", "Rolf", "Sara",
    }  # fmt: skip
    assert book.rules[0].criteria == (
        Criterion("country", Operator.IN, ("FR",)),
        Criterion("postcode", Operator.STARTS_WITH, ("1",)),
    )
    found = queries.rule_preview(plan, ALL, "director")
    assert found.elsewhere == () and found.arrivals == () and found.by_hand == ()
    # two without a place and two of the book have no postcode: they stay where they are
    assert found.accounts == 34 and found.unmatched == 4
    assert sum(found.decided.values()) == 30


def test_making_them_anew_leaves_what_was_written_by_hand(plan: int) -> None:
    service.make_rules(plan, 0, [], "postcode", **BY)
    mine = service.put_rule(plan, 1, key(plan, "Sara"), [LARGE], rank=2, **BY)
    made = queries.rule_book(plan, ALL, "director").rules[1]
    changed = service.put_rule(plan, 2, made.territory, made.criteria, rule_id=made.id, **BY)
    service.make_rules(plan, 3, ["country"], "postcode", **BY)
    rules = queries.rule_book(plan, ALL, "director").rules
    assert {one.id for one in rules if not one.is_made} == {mine, changed}
    assert [one.rank for one in rules] == [1, 2, 10, 10, 10]


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ([], "", "Choose a field"),
        (["country"], "", "tell no territory"),
        (["owner_id"], "", "cannot be chosen by “owner_id”"),
        (["postcode"], "postcode", "asked for twice"),
    ],
)
def test_fields_that_tell_nothing_are_said_to(
    plan: int, fields: list[str], code: str, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        service.make_rules(plan, 0, fields, code, **BY)


TEXTS = st.sampled_from(["", "a", "ab", "abc", "b", "ba", "B ", "B1 2", "b12", "c"])


@given(st.lists(st.tuples(st.sampled_from(["", "N", "S", "W"]), TEXTS, TEXTS, TEXTS), max_size=25))
def test_made_rules_agree_with_the_plan_wherever_they_speak(
    accounts: list[tuple[str, str, str, str]],
) -> None:
    territory = [one[0] for one in accounts]
    columns = {name: [one[at] for one in accounts] for at, name in ((1, "x"), (2, "y"), (3, "z"))}
    made = rules_by_fields(territory, columns, ["x", "y"], "z")
    ids = [str(at) for at in range(len(accounts))]
    placed = place(ids, columns, RuleSet(made, {}, {}))
    assert not placed.ambiguous
    for told, goal in zip(territory, placed.territory, strict=True):
        assert not told or goal in ("", told)
    # where one territory alone has a value that is known, its accounts are told
    for at, name in enumerate(territory):
        value = columns["x"][at].strip().casefold()
        theirs = {t for t, x in zip(territory, columns["x"], strict=True)
                  if t and x.strip().casefold() == value}  # fmt: skip
        if value and name and theirs == {name}:
            assert placed.territory[at] == name


# -- by hand ---------------------------------------------------------------------------------------


def test_a_rule_of_a_smaller_rank_decides_and_the_change_is_previewed(plan: int) -> None:
    service.make_rules(plan, 0, [], "postcode", **BY)
    rule = service.put_rule(plan, 1, key(plan, "Sara"), [LARGE], rank=1, **BY)
    found = queries.rule_preview(plan, ALL, "director")
    # five large accounts each of Rita and Rolf
    assert len(found.elsewhere) == 10 and found.decided[rule] == 15
    assert {(one.plan, one.goal, one.rule) for one in found.elsewhere} == {
        ("Rita", "Sara", rule), ("Rolf", "Sara", rule),
    }  # fmt: skip
    service.switch_rule(plan, 2, rule, False, **BY)
    assert queries.rule_preview(plan, ALL, "director").elsewhere == ()


def test_rules_of_one_rank_that_disagree_are_told(plan: int) -> None:
    service.put_rule(plan, 0, key(plan, "Sara"), [LARGE], **BY)
    service.put_rule(plan, 1, key(plan, "Rita"), [LARGE], **BY)
    assert queries.rule_preview(plan, ALL, "director").ambiguous == 15


def test_every_change_of_the_rules_can_be_taken_back_in_turn(plan: int) -> None:
    service.make_rules(plan, 0, [], "postcode", **BY)
    rule = service.put_rule(plan, 1, key(plan, "Sara"), [LARGE], **BY)
    service.switch_rule(plan, 2, rule, False, **BY)
    service.remove_rule(plan, 3, rule, **BY)
    sizes = []
    for at in range(4, 8):
        service.undo_rules(plan, at, **BY)
        rules = queries.rule_book(plan, ALL, "director").rules
        sizes.append((len(rules), sum(one.is_on for one in rules)))
    assert sizes == [(4, 3), (4, 4), (3, 3), (0, 0)]
    with pytest.raises(Invalid, match="nothing to take back"):
        service.undo_rules(plan, 8, **BY)


def test_a_change_of_rules_that_somebody_changed_meanwhile_is_refused(plan: int) -> None:
    service.make_rules(plan, 0, [], "postcode", **BY)
    with pytest.raises(Conflict, match="director changed these rules"):
        service.undo_rules(plan, 0, **OTHER)


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ([], "at least one field"),
        ([Criterion("segment", Operator.IN, (" ",))], "Say which values"),
        ([Criterion("headcount", Operator.AT_LEAST, ("many",))], "compared with one number"),
        ([Criterion("nothing", Operator.MISSING)], "cannot be chosen by “nothing”"),
    ],
)
def test_a_rule_that_asks_for_nothing_sound_is_refused(
    plan: int, criteria: list[Criterion], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        service.put_rule(plan, 0, key(plan, "Sara"), criteria, **BY)
    assert edition(plan) == 0


def test_a_rule_whose_territory_is_merged_away_does_nothing_and_says_so(plan: int) -> None:
    service.put_rule(plan, 0, key(plan, "Rita"), [LARGE], **BY)
    service.put_rule(plan, 1, key(plan, "Sara"), [LARGE], rank=2, **BY)
    service.merge(plan, 1, int(key(plan, "Rolf")), int(key(plan, "Rita")), **BY)
    rita, sara = queries.rule_book(plan, ALL, "director").rules
    assert rita.is_lost and not sara.is_lost and sara.territory == key(plan, "Sara")
    found = queries.rule_preview(plan, ALL, "director")
    assert found.ambiguous == 0 and found.decided == {sara.id: 15}


def test_what_was_moved_by_hand_stays_and_says_nothing_of_the_rules(
    ground: Ground, plan: int
) -> None:
    moved = ground.accounts[0]
    service.move_units(plan, 1, [unit(plan, moved)], int(key(plan, "Sara")), **BY)
    service.make_rules(plan, 0, ["country"], "postcode", **BY)
    assert len(queries.rule_book(plan, ALL, "director").rules) == 3
    found = queries.rule_preview(plan, ALL, "director")
    assert found.elsewhere == () and sum(found.decided.values()) == 29
    (one,) = found.by_hand
    assert (one.id, one.territory, one.goal, one.why) == (moved, "Sara", "Rita", Why.MOVED)


def test_a_rule_of_a_territory_above_binds_those_below_and_takes_nothing(standing: int) -> None:
    with change_set(actor="x", title="", known_at=datetime(2026, 7, 8, tzinfo=UTC)) as w:
        region = w.create("territory", {"name": "West", "effective_from": DAY})
        for one in queries.in_force(company().today, ALL):
            if one.name in ("Rita", "Rolf"):
                w.change("territory", one.id, {"parent_id": region})
    store.refresh()
    service.make_rules(standing, 0, [], "postcode", **BY)
    before = queries.rule_preview(standing, ALL, "director")
    assert queries.rule_book(standing, ALL, "director").choices[f"r{region}"] == "West"
    service.put_rule(standing, 1, f"r{region}", [LARGE], **BY)
    found = queries.rule_preview(standing, ALL, "director")
    assert sum(before.decided.values()) == 30
    # of Rita's and Rolf's twenty accounts ten are large, Sara's ten are not bound
    assert sum(found.decided.values()) == 20 and found.unmatched == 14
    assert found.elsewhere == ()


# -- applying --------------------------------------------------------------------------------------


def test_what_arrived_is_placed_from_today_on_and_taken_back_as_one(
    ground: Ground, standing: int
) -> None:
    who = ground.cast.organisation
    service.make_rules(standing, 0, [], "postcode", **BY)
    free, owned = arrives("Free", "12500"), arrives("Owned", "39500", who.rita)
    lost = arrives("Nowhere", "99000")
    found = queries.rule_preview(standing, ALL, "director")
    assert [(a.id, a.goal, a.owner, a.rep) for a in found.arrivals] == [
        (free, "Rita", "", "Rita"), (owned, "Sara", "Rita", "Sara"), (lost, "", "", ""),
    ]  # fmt: skip
    before = owners()
    run = service.apply_rules(standing, 1, **OTHER)
    assert (run.placed, run.owners, run.day) == (2, 1, LATER)
    assert owners() == before | {free: who.rita}
    places = [s for s in states_as_of("territory_account", None).values()
              if s["origin"] == "rule"]  # fmt: skip
    assert {(s["account_id"], str(s["effective_from"])) for s in places} == {
        (free, str(LATER)), (owned, str(LATER)),
    }  # fmt: skip
    here = company()
    eve = AsOf.end_of(LATER - timedelta(days=1), here.zone)
    held = {t.name: t.accounts for t in queries.in_force(here.today, ALL)}
    then = {t.name: t.accounts for t in queries.in_force(eve, ALL)}
    assert held["Rita"] == (then["Rita"] or 0) + 1 and held["Rolf"] == then["Rolf"]
    assert {a.name: a.now for a in queries.rule_preview(standing, ALL, "director").arrivals} == {
        "Free": "Rita", "Owned": "Sara", "Nowhere": "",
    }  # fmt: skip
    with pytest.raises(Invalid, match="no account for the rules to place"):
        service.apply_rules(standing, 1, **OTHER)
    service.take_back_rules(standing, run.id, **OTHER)
    assert owners() == before
    assert queries.rule_runs(standing, ALL, "director")[0].is_taken_back
    assert {t.name: t.accounts for t in queries.in_force(here.today, ALL)} == then
    with pytest.raises(NotFound):
        service.take_back_rules(standing, run.id, **OTHER)


def test_an_owned_account_and_its_deals_go_to_the_seat_where_that_is_asked(
    ground: Ground, standing: int
) -> None:
    who = ground.cast.organisation
    service.make_rules(standing, 0, [], "postcode", **BY)
    owned = arrives("Owned", "39500", who.rita)
    stage = next(iter(states_as_of("opportunity", None).values()))
    at = datetime(2026, 7, 15, 10, tzinfo=UTC)
    with change_set(actor="x", title="", known_at=at) as w:
        deal = w.create("opportunity", {
            "name": "Fresh", "amount": 1000, "currency": "EUR", "account_id": owned,
            "owner_id": who.rita, "pipeline_id": stage["pipeline_id"],
            "stage_id": next(s["stage_id"] for s in states_as_of("opportunity", None).values()
                             if s["name"] == "Open 10"),
            "close_date": date(2026, 12, 1), "created_date": date(2026, 7, 15)})  # fmt: skip
    store.refresh()
    run = service.apply_rules(standing, 1, with_owned=True, **OTHER)
    assert run.owners == 1 and owners()[owned] == who.sara
    assert states_as_of("opportunity", None)[deal]["owner_id"] == who.sara


def test_what_somebody_placed_by_hand_since_is_left_and_listed(
    ground: Ground, standing: int
) -> None:
    service.make_rules(standing, 0, [], "postcode", **BY)
    account = arrives("Chosen", "12500")
    sara = next(t for t in queries.in_force(company().today, ALL) if t.name == "Sara")
    with change_set(actor="x", title="", known_at=datetime(2026, 7, 16, tzinfo=UTC)) as w:
        w.create("territory_account", {"territory_id": sara.id, "account_id": account,
                                       "origin": "manual", "effective_from": LATER})  # fmt: skip
    store.refresh()
    found = queries.rule_preview(standing, ALL, "director")
    assert found.arrivals == ()
    (one,) = found.by_hand
    assert (one.name, one.territory, one.goal, one.why) == ("Chosen", "Sara", "Rita", Why.RECORD)


def test_accounts_that_a_managers_plan_left_out_have_not_arrived(ground: Ground) -> None:
    nora = user_named("sales_manager")
    assert nora is not None
    made = service.create_draft("North", [Attribute("accounts", 0.5)], actor="sales_manager",
                                scope=scope_for(nora, company().today))  # fmt: skip
    service.make_rules(made, 0, [], "postcode", **BY)
    assert {one.name for one in queries.rule_book(made, ALL, "director").rules} == {"Rita", "Rolf"}
    note_import(LATER)
    late = arrives("Late", "12500")
    found = queries.rule_preview(made, ALL, "director")
    assert [one.id for one in found.arrivals] == [late]


def test_only_a_plan_in_force_places_accounts(plan: int) -> None:
    service.make_rules(plan, 0, [], "postcode", **BY)
    with pytest.raises(Invalid, match="“Autumn” is in the making"):
        service.apply_rules(plan, 1, **BY)


def test_whoever_sees_a_part_of_a_plan_neither_reads_nor_writes_its_rules(standing: int) -> None:
    nora = user_named("sales_manager")
    assert nora is not None
    theirs: dict[str, Any] = {"actor": "sales_manager", "scope": scope_for(nora, company().today)}
    service.make_rules(standing, 0, [], "postcode", **BY)
    for read in (queries.rule_book, queries.rule_preview, queries.rule_runs):
        with pytest.raises(Refused):
            read(standing, theirs["scope"], "sales_manager")
    with pytest.raises(Refused):
        service.undo_rules(standing, 1, **theirs)
    with pytest.raises(Refused):
        service.apply_rules(standing, 1, **theirs)


# -- asked from outside ----------------------------------------------------------------------------


def test_kept_rules_of_the_plan_in_force_say_where_a_new_account_belongs(standing: int) -> None:
    today, here = company().today, {"postcode": "12000", "country": "FR"}
    before = queries.place_new(here, "", today, ALL)
    assert (before.territory, before.plan_id) == ("Rita", 0), "by what is in force, without rules"
    service.make_rules(standing, 0, ["country"], "postcode", **BY)
    mine = service.put_rule(standing, 1, key(standing, "Sara"), [LARGE], rank=2, **BY)
    placed = queries.place_new(here, "", today, ALL)
    assert (placed.territory, placed.plan) == ("Rita", "Autumn")
    assert placed.asks == ("country", "postcode", "segment")
    large = queries.place_new({**here, "segment": "large"}, "", today, ALL)
    assert (large.territory, large.rule) == ("Sara", mine)
    eve = AsOf.end_of(LATER - timedelta(days=1), company().zone)
    assert queries.place_new(here, "", eve, ALL).plan_id == 0, "nobody had written them by then"
    for wrong in (["shoe=44"], ["segment"]):
        with pytest.raises(Invalid, match="field"):
            queries.place_new(queries.facts_of(wrong, "12000", ""), "", today, ALL)
    with pytest.raises(Refused):
        queries.place_new(here, "", today, Scope("mine", frozenset({1})))


def test_the_command_line_places_by_the_rules_of_a_plan(standing: int, tmp_path: Path) -> None:
    def run(*asked: str) -> Any:
        return CliRunner().invoke(app, ["assign", *asked], catch_exceptions=False)

    new = tmp_path / "new.csv"
    new.write_text("id,country,postcode,now\na,FR,12000,Sara\nb,DE,12000,\n", "utf-8")
    for asked in ([str(new), "--plan", str(standing)], ["--plan", str(standing)]):
        with pytest.raises(Invalid, match="keeps no assignment rules"):
            run(*asked)
    service.make_rules(standing, 0, ["country"], "postcode", **BY)
    found = json.loads(run(str(new), "--plan", str(standing), "--current", "now", "--json").output)
    assert [one["territory"] for one in found["accounts"]] == ["Rita", None]
    assert [(one["account"], one["goal"]) for one in found["would_move"]] == [("a", "Rita")]
    account = arrives("Fresh", "12500")
    told = json.loads(run("--plan", str(standing), "--json").output)
    assert [(one["id"], one["territory"]) for one in told["arrived"]] == [(account, "Rita")]
    assert told["elsewhere"] == [] and "Fresh" in run("--plan", str(standing)).output
    for wrong in (["--rules", "rules.json"], [str(new)], [str(new), "--plan", "1", "--rules", "x"]):
        with pytest.raises(Invalid):
            run(*wrong)
