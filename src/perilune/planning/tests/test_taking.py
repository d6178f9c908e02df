"""Events between scenarios and annual plans: taken as one edition, opened, followed, compared."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import (
    Absence,
    Assumption,
    Edit,
    Hire,
    Leave,
    Level,
    Place,
    PlanEditKind,
    Quota,
    Ramp,
    Shock,
    What,
)
from perilune.planning.contracts.taking import Taking, Verdict
from perilune.planning.engine.pairing import paired, renamed
from perilune.planning.engine.stored_plans import content_of, document_of
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.queries.taking import plan_ties, scenario_ties, take_preview

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
ANALYST: dict[str, Any] = {"actor": "analyst", "scope": ALL}
STARTS, GONE_ON = date(2026, 5, 1), date(2026, 6, 30)


@pytest.fixture
def wave(plan: int, cast: Cast) -> int:
    """A ramp, a hire who leaves again, Rita's departure, a quota and a shock."""
    org = cast.organisation
    made = service.scenario_create("A wave", "2026", actor="director")
    add(made, Ramp(date(2026, 1, 1), 120))
    hired = add(made, Hire(org.north, STARTS))
    add(made, Leave(-hired, date(2026, 11, 30)))
    add(made, Leave(org.rita, GONE_ON))
    add(made, Quota(f"rep:{org.sara}", "2026-Q1", 300_001))
    add(made, Shock(What.ARRIVAL, 0.8, STARTS))
    return made


def add(scenario: int, edit: Edit) -> int:
    return service.edit_add(scenario, edit, **BY)


def edition(plan: int) -> int:
    return loaded_plan(plan).head.edition


def people(plan: int) -> list[Edit]:
    return [item.edit for item in loaded_plan(plan).content.people]


def edits(scenario: int) -> list[Edit]:
    return [item.edit for item in queries.scenario(scenario, None, "director").assumptions]


def told(found: Taking) -> list[Verdict]:
    return [line.verdict for line in found.lines]


def test_a_scenario_comes_into_a_plan_as_one_edition_and_goes_back_as_one(
    plan: int, wave: int, cast: Cast
) -> None:
    org = cast.organisation
    before, at = document_of(loaded_plan(plan).content), edition(plan)
    found = take_preview(plan, wave, **BY)
    new, refused = Verdict.NEW, Verdict.REFUSED
    assert told(found) == [Verdict.WITHIN, new, new, new, Verdict.CHANGED, refused]
    shock = found.of(refused)[0].problem
    assert shock is not None and "no market" in shock.message
    assert service.take_scenario(plan, at, wave, **BY) == 4
    content = loaded_plan(plan).content
    hire = next(i for i in content.people if isinstance(i.edit, Hire) and i.edit.starts == STARTS)
    assert getattr(hire.edit, "ramp_days", None) == 120, "the ramp of the list comes with its hires"
    assert Leave(-hire.id, date(2026, 11, 30)) in people(plan)
    assert f"rep:{-hire.id}" in content.units
    quarter = [Place(Level.STREET, f"rep:{org.sara}", month) for month in (1, 2, 3)]
    assert sum(content.cells[place].minor for place in quarter) == 300_001
    assert edition(plan) == at + 1
    assert queries.plan(plan, ALL, "director").edits[0].kind is PlanEditKind.SCENARIO
    open_now = [v for v in told(take_preview(plan, wave, **BY)) if v in (new, Verdict.CHANGED)]
    assert open_now == [], "what the plan holds is recognised"
    with pytest.raises(Invalid, match="Nothing of this scenario"):
        service.take_scenario(plan, edition(plan), wave, **BY)
    service.undo_plan(plan, edition(plan), **BY)
    assert document_of(loaded_plan(plan).content) == before


def test_only_the_chosen_ones_come_and_none_without_its_hire(plan: int, wave: int) -> None:
    lines = take_preview(plan, wave, **BY).lines
    hire, leaves, rita, shock = (lines[at].id for at in (1, 2, 3, 5))
    with pytest.raises(Invalid, match="a hire that is not taken along"):
        service.take_scenario(plan, edition(plan), wave, [leaves], **BY)
    with pytest.raises(Invalid, match="no market"):
        service.take_scenario(plan, edition(plan), wave, [rita, shock], **BY)
    with pytest.raises(Conflict, match="changed meanwhile"):
        service.take_scenario(plan, edition(plan), wave, [rita], seen=1, **BY)
    assert service.take_scenario(plan, edition(plan), wave, [rita], **BY) == 1
    assert service.take_scenario(plan, edition(plan), wave, [hire, leaves], **BY) == 2
    assert len(people(plan)) == 4


def test_a_duplicate_is_recognised_and_a_changed_event_replaces_its_own(
    plan: int, cast: Cast
) -> None:
    org = cast.organisation
    service.people_add(plan, edition(plan), Leave(org.rita, GONE_ON), **BY)
    made = service.scenario_create("Again", "2026", actor="director")
    twin = add(made, Hire(org.south, date(2026, 3, 1), heads=2))
    later = add(made, Leave(org.rita, date(2026, 9, 30)))
    clash = add(made, Absence(org.rolf, STARTS, GONE_ON))
    service.people_add(plan, edition(plan), Absence(org.rolf, date(2026, 6, 1)), **BY)
    found = take_preview(plan, made, **BY)
    assert told(found) == [Verdict.SAME, Verdict.CHANGED, Verdict.CHANGED]
    assert found.lines[1].held is not None
    service.take_scenario(plan, edition(plan), made, [later, clash], **BY)
    assert Leave(org.rita, date(2026, 9, 30)) in people(plan) and len(people(plan)) == 3
    service.edit_change(made, twin, Hire(org.south, date(2026, 3, 1), heads=3), **BY)
    assert told(take_preview(plan, made, **BY))[0] is Verdict.NEW, "a twin is not a link"
    service.edit_remove(made, later, actor="director")
    last = take_preview(plan, made, **BY).lines[-1]
    assert last.verdict is Verdict.GONE and isinstance(last.edit, Leave)
    service.take_scenario(plan, edition(plan), made, [last.id], **BY)
    assert not any(isinstance(edit, Leave) for edit in people(plan))


def test_a_plan_opens_as_a_private_scenario_and_both_follow_each_other(
    plan: int, cast: Cast
) -> None:
    org = cast.organisation
    hire = loaded_plan(plan).content.people[0].id
    service.people_add(plan, edition(plan), Leave(-hire, date(2026, 10, 31)), **BY)
    made = service.open_as_scenario(plan, "From the plan", **BY)
    found = queries.scenario(made, None, "director")
    assert (found.head.plan_id, found.head.shared_with) == (plan, ())
    leave = next(item.edit for item in found.assumptions if isinstance(item.edit, Leave))
    assert leave.rep_id == -found.assumptions[0].id, "it speaks of the scenario's own hire"
    with pytest.raises(NotFound):
        queries.scenario(made, None, "analyst")
    [tie] = scenario_ties(found, **BY)
    assert tie.is_opened and not tie.open and not tie.added

    service.edit_change(made, found.assumptions[0].id, Hire(org.south, STARTS, heads=2), **BY)
    [tie], unseen = plan_ties(loaded_plan(plan), **BY)
    assert [line.verdict for line in tie.open] == [Verdict.CHANGED] and unseen == 0
    service.take_scenario(plan, edition(plan), made, **BY)
    assert Hire(org.south, STARTS, heads=2) in people(plan) and len(people(plan)) == 2

    service.people_add(plan, edition(plan), Leave(org.rita, GONE_ON), **BY)
    service.people_remove(plan, edition(plan), 2, **BY)
    mine = add(made, Absence(org.sara, STARTS))
    assert service.follow_plan(made, plan, **BY) == 2
    kinds = [type(edit) for edit in edits(made)]
    assert kinds == [Hire, Absence, Leave], "what never was of the plan stays"
    assert edits(made)[2] == Leave(org.rita, GONE_ON)
    assert [line.id for line in take_preview(plan, made, **BY).open] == [mine]
    service.scenario_undo(made, actor="director")
    assert [type(edit) for edit in edits(made)] == [Hire, Leave, Absence]


def test_rule_24_people_events_go_only_between_those_who_see_both(
    plan: int, wave: int, cast: Cast
) -> None:
    with pytest.raises(NotFound, match="not shared with you"):
        take_preview(plan, wave, **ANALYST)
    with pytest.raises(NotFound, match="not shared with you"):
        service.take_scenario(plan, edition(plan), wave, **ANALYST)
    service.take_scenario(plan, edition(plan), wave, **BY)
    shown, unseen = plan_ties(loaded_plan(plan), **ANALYST)
    assert (shown, unseen) == ([], 1), "that there is one, and nothing of it"
    outsider: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
    for verb in (
        lambda: service.open_as_scenario(plan, "Peek", **outsider),
        lambda: take_preview(plan, wave, **outsider),
    ):
        with pytest.raises(NotFound):
            verb()
    service.unfix(plan, edition(plan), [f"rep:{cast.organisation.sara}"], **BY)
    service.reconcile(plan, edition(plan), **BY)
    service.submit_plan(plan, edition(plan), **BY)
    with pytest.raises(Refused, match="named"):
        service.open_as_scenario(plan, "Peek", **outsider)
    assert plan_ties(loaded_plan(plan), **outsider) == ([], 0)
    service.scenario_share(wave, ["ops_manager"], actor="director")
    seen = queries.scenario(wave, None, "ops_manager")
    assert scenario_ties(seen, **outsider) == [], "a scenario does not tell of the plan's events"
    copy = service.clone_plan(plan, "Theirs", **outsider)
    content = loaded_plan(copy)
    assert content.content.people == () and content.head.scenarios == ()


def test_documents_of_plans_keep_where_an_event_came_from_and_old_ones_still_read(
    plan: int, wave: int
) -> None:
    service.take_scenario(plan, edition(plan), wave, **BY)
    document = json.loads(json.dumps(document_of(loaded_plan(plan).content)))
    sources = [item.source for item in content_of(document).people]
    assert sources[0] is None and sources[1] is not None and sources[1][0] == wave
    for values in document["people"].values():
        values.pop("segment", None)
        values.pop("source", None)
    assert [item.edit for item in content_of(document).people] == people(plan)


days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
events = st.lists(
    st.one_of(
        st.builds(Hire, st.integers(1, 2), days),
        st.builds(Leave, st.sampled_from([7, 8, -1, -2]), days),
        st.builds(Absence, st.sampled_from([7, 8]), days, st.none()),
    ),
    max_size=6,
)


@settings(max_examples=50)
@given(events, st.integers(1, 50))
def test_a_list_beside_itself_under_other_numbers_is_the_same(found: list[Edit], by: int) -> None:
    hired = {-at for at, edit in enumerate(found, 1) if isinstance(edit, Hire)}
    lines = [
        Assumption(at, edit)
        for at, edit in enumerate(found, 1)
        if getattr(edit, "rep_id", 1) > 0 or getattr(edit, "rep_id", 1) in hired
    ]
    numbers = {-line.id: -(line.id + by) for line in lines if isinstance(line.edit, Hire)}
    others = [Assumption(line.id + by, renamed(line.edit, numbers)) for line in lines]
    links = {other.id: line.id for other, line in zip(others, lines, strict=True)}
    pairs = paired(lines, others, links)
    assert len(pairs) == len(lines)
    assert all(pair.is_same for pair in pairs)
    alone = paired([], others, {})
    assert len({pair.number for pair in alone}) == len(lines)


# -- pages and the command -------------------------------------------------------------------------


def test_the_pages_preview_take_open_compare_and_follow(
    plan: int, wave: int, client: Client
) -> None:
    login(client, "director")
    people_page, take = f"/plan/{plan}/people/", f"/plan/{plan}/people/take/"
    assert "A wave" in client.get(take).content.decode()
    shown = client.get(f"{take}?scenario={wave}").content.decode()
    assert "A plan has amounts, and no market that changes." in shown
    assert len(re.findall(r"name=\"id\" value=\"\d+\" checked", shown)) == 4
    assert "Seen, once taken, by those of the plan" in shown
    first = take_preview(plan, wave, **BY).of(Verdict.NEW)[0].id
    given = {"edition": edition(plan), "scenario": wave, "seen": 7}
    assert "changed meanwhile" in _toast(client, take, given | {"id": [first], "seen": 3})
    assert "1 event taken" in _toast(client, take, given | {"id": [first]})
    page = client.get(people_page).content.decode()
    assert "from the scenario “A wave”" in page and "3 events differ by now." in page
    answer = client.post(f"/plan/{plan}/people/scenario/")
    opened = queries.heads("director")[-1].id
    assert answer.headers["Location"] == f"/plan/scenarios/{opened}/"
    service.people_remove(plan, edition(plan), 1, **BY)
    page = client.get(f"/plan/scenarios/{opened}/").content.decode()
    assert "Opened from it. 1 event differs by now." in page
    followed = {"plan": plan, "edition": 1}
    assert "1 edit taken from the plan." in _toast(client, f"{answer['Location']}follow/", followed)

    copy = service.clone_plan(plan, "Other", **BY)
    service.people_add(copy, edition(copy), Leave(people_of_rita(plan), GONE_ON), **BY)
    address = f"/plan/{plan}/compare/?with={copy}"
    page = client.get(address).content.decode()
    assert "only in “Other”" in page and "1 event is the same in both." in page
    service.change_plan(plan, edition(plan), shared_with=["analyst"], **BY)
    login(client, "analyst")
    assert client.get(address).status_code == 404, "the copy is its author's"
    service.change_plan(copy, edition(copy), shared_with=[], **BY)
    assert client.get(f"{take}?scenario={wave}").status_code == 404
    page = client.get(people_page).content.decode()
    assert "from a scenario that is not yours to see, or gone" in page and "A wave" not in page
    login(client, "ops_manager")
    assert client.get(take).status_code == 404
    assert client.post(f"/plan/{plan}/people/scenario/").status_code == 404


def people_of_rita(plan: int) -> int:
    reps = [row.number for row in loaded_plan(plan).content.units.values() if row.kind == "rep"]
    return min(rep for rep in reps if rep > 0)


def _toast(client: Client, address: str, values: dict[str, Any]) -> str:
    answer = client.post(address, values, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_command_says_what_would_come_and_takes_it(
    plan: int, wave: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERILUNE_AS", "director")
    asked = ["take", "Plan 2026", "A wave", "--json"]
    dry = json.loads(CliRunner().invoke(app, [*asked, "--dry-run"], catch_exceptions=False).output)
    assert (dry["taken"], dry["counts"]["new"], dry["counts"]["refused"]) == (0, 3, 1)
    before = edition(plan)
    done = json.loads(CliRunner().invoke(app, asked, catch_exceptions=False).output)
    assert done["taken"] == 4 and edition(plan) == before + 1
    again = json.loads(CliRunner().invoke(app, asked, catch_exceptions=False).output)
    assert again["taken"] == 0 and again["counts"]["same"] == 4
