"""Quota letters (rule 28): what each says, who sees it, how far it got."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.money import Money
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.people.service import absence_add, note_import, quota_set
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import Leave, Letter, LetterState, Level, Place, UnitRow
from perilune.planning.engine.lettering import LEAST, calculated
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.testing import pdf_text
from perilune.store import service as store

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": "director", "scope": Scope.company()}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": Scope.company()}
TODAY, NEW_YEAR = date(2025, 12, 15), date(2026, 1, 1)
MONTH = 90_000_00


@pytest.fixture
@made_once
def plan(cast: Cast) -> int:
    """90,000 a month over three reps, 20 % more assigned to those of the north; approved."""
    org = cast.organisation
    with change_set(actor="test", title="country", known_at=datetime(2020, 1, 2, tzinfo=UTC)) as w:
        w.change("rep", org.rita, {"country": "FR"})
        w.change("rep", org.sara, {"country": "GB"})
    store.refresh()
    note_import(TODAY)
    made = service.create_plan("2026", 2026, **BY)
    places = {Place(Level.OPERATING, "company", month): MONTH for month in range(1, 13)}
    service.set_cells(made, 1, places, **BY)
    for rep, weight in ((org.rita, 1.0), (org.rolf, 1.7), (org.sara, 2.3)):
        service.set_rule(made, _edition(made), UnitRow(f"rep:{rep}", weight=weight), **BY)
    service.set_rule(made, _edition(made), UnitRow(f"team:{org.north}", over=2_000), **BY)
    return made


def _edition(plan: int) -> int:
    return loaded_plan(plan).head.edition


def _approved(plan: int) -> None:
    assert service.reconcile(plan, _edition(plan), **BY) == []
    service.submit_plan(plan, _edition(plan), **BY)
    service.approve_plan(plan, _edition(plan), **OTHER)


def _in_force(plan: int, day: date = NEW_YEAR) -> None:
    service.publish_plan(plan, _edition(plan), day, **OTHER)
    note_import(day)
    service.activate_plans()


def _letter(plan: int, rep: int, actor: str = "director") -> Letter:
    rows = queries.letters(plan, Scope.company(), actor, company().today)
    (found,) = [row.letter for row in rows if row.rep_id == rep]
    assert found is not None
    return found


def _states(plan: int) -> dict[str, str]:
    rows = queries.letters(plan, Scope.company(), "director", company().today)
    return {row.name: row.state.value for row in rows}


def _sums(letter: Letter) -> list[int]:
    return [x.full - x.away - x.leave - x.ramp + x.change - x.quota for x in letter.lines]


def test_rule_28_a_letter_is_in_the_language_of_the_country_of_employment(
    plan: int, cast: Cast
) -> None:
    _approved(plan)
    assert len(service.make_letters(plan, **BY)) == 3
    assert service.make_letters(plan, **BY) == [], "asked again, nothing is made twice"
    french, english = (
        pdf_text(service.letter_pdf(_letter(plan, rep)))
        for rep in (cast.organisation.rita, cast.organisation.sara)
    )
    assert "Lettre d’objectifs 2026" in french and "Base et calcul" in french
    assert "Quota letter 2026" in english and "Basis and calculation" in english
    both = pdf_text(service.letter_pdf(_letter(plan, cast.organisation.sara), "fr"))
    assert both.index("Quota letter 2026") < both.index("Lettre d’objectifs 2026")


def test_rule_28_over_assignment_and_others_figures_never_show(plan: int, cast: Cast) -> None:
    _approved(plan)
    service.make_letters(plan, **BY)
    org, content = cast.organisation, loaded_plan(plan).content
    made = _letter(plan, org.rita)
    for language, mark in (("fr", ","), ("en", ".")):
        text = pdf_text(service.letter_pdf(replace(made, language=language)))
        shown = _amounts(text, mark)
        quarters = {sum(line.quota for line in made.lines[at : at + 3]) for at in range(0, 12, 3)}
        assert shown == {line.quota for line in made.lines} | quarters | {made.quota}
        hidden = {content.year(level, unit) for unit in content.units for level in Level}
        hidden |= {MONTH, MONTH * 12, *(cell.minor for cell in content.cells.values())}
        hidden -= {line.quota for line in made.lines} | {made.quota, None}
        assert len(hidden) > 5 and not shown & hidden, "all of these are others' figures"
        for word in ("assign", "surattribution", "%", "Rolf", "Sara", "North"):
            assert word not in text, word


def _amounts(text: str, mark: str) -> set[int]:
    """Return every amount with cents that a text holds, minor units."""
    bare = re.sub(r"[\u202f\u00a0,](?=\d{3})", "", text)
    return {int(whole + cents) for whole, cents in re.findall(rf"(\d+)\{mark}(\d\d)\b", bare)}


def test_rule_28_leave_and_ramp_up_are_taken_off_and_the_lines_sum(plan: int, cast: Cast) -> None:
    org = cast.organisation
    absence_add(org.rita, date(2026, 3, 1), date(2026, 3, 31), actor="director", fte=1.0)
    hired = datetime(2025, 12, 1, tzinfo=UTC)
    with change_set(actor="test", title="hired", known_at=hired) as w:
        w.change("rep", org.sara, {"hire_date": date(2025, 12, 1)})
    _approved(plan)
    service.make_letters(plan, **BY)
    rita, sara = _letter(plan, org.rita), _letter(plan, org.sara)
    march = rita.lines[2]
    assert march.quota == 0 and march.leave == march.full > 0
    assert sara.lines[0].ramp > 0 and sara.lines[11].ramp == 0
    for one in (rita, sara):
        assert set(_sums(one)) == {0}
        assert one.quota == loaded_plan(plan).content.year(Level.STREET, f"rep:{one.rep_id}")


def test_a_set_amount_is_said_to_be_set(plan: int, cast: Cast) -> None:
    rita = f"rep:{cast.organisation.rita}"
    places = {Place(Level.STREET, rita, month): 10_000_00 for month in range(1, 13)}
    service.set_cells(plan, _edition(plan), places, **BY)
    _approved(plan)
    service.make_letters(plan, **BY)
    made = _letter(plan, cast.organisation.rita)
    assert all(line.is_set and line.full == line.quota for line in made.lines)
    assert "* Set by agreement" in pdf_text(service.letter_pdf(made, "en"))


def test_rule_24_no_letter_tells_a_departure_that_only_the_circle_knows(
    plan: int, cast: Cast
) -> None:
    rolf = cast.organisation.rolf
    service.people_add(plan, _edition(plan), Leave(rolf, date(2026, 3, 31)), **BY)
    _approved(plan)
    assert len(service.make_letters(plan, **OTHER)) == 2
    assert _states(plan)["Rolf"] == "none"
    told = {row.rep_id: row.is_held for row in
            queries.letters(plan, Scope.company(), "director", company().today)}  # fmt: skip
    others = queries.letters(plan, Scope.company(), "ops_manager", company().today)
    assert told[rolf] and not any(row.is_held for row in others)


def test_rule_28_a_letter_is_delivered_and_acknowledged_with_dates(plan: int, cast: Cast) -> None:
    rita = cast.organisation.rita
    with pytest.raises(Invalid):
        service.make_letters(plan, **BY)
    _approved(plan)
    service.make_letters(plan, **BY)
    made = _letter(plan, rita)
    mine = Scope("mine", owners=frozenset({rita}))
    assert queries.own_letters(rita, company().today) == [], "not before it is handed over"
    with pytest.raises(NotFound):
        service.acknowledge_letter(made.id, actor="rep", rep_id=rita)
    note_import(date(2025, 12, 20))
    with pytest.raises(Invalid, match="between the day it was made"):
        service.deliver_letters([made.id], date(2025, 12, 1), **BY)
    with pytest.raises(Refused):
        service.deliver_letters([made.id], None, actor="rep", scope=mine)
    assert service.deliver_letters([made.id], date(2025, 12, 18), **BY) == 1
    assert service.deliver_letters([made.id], None, **BY) == 0, "the first date stands"
    note_import(date(2025, 12, 22))
    with pytest.raises(NotFound):
        service.acknowledge_letter(made.id, actor="outsider", rep_id=cast.organisation.sami)
    assert service.acknowledge_letter(made.id, actor="rep", rep_id=rita)
    found = _letter(plan, rita)
    assert (found.delivered, found.acknowledged) == (date(2025, 12, 18), date(2025, 12, 22))
    assert found.state is LetterState.ACKNOWLEDGED


def test_rule_28_a_mid_year_change_makes_a_new_letter_that_says_what_it_replaces(
    plan: int, cast: Cast
) -> None:
    rita = cast.organisation.rita
    _approved(plan)
    _in_force(plan)
    service.make_letters(plan, **BY)
    first = _letter(plan, rita)
    assert set(_states(plan).values()) == {"made"}
    note_import(date(2026, 7, 10))
    second = service.clone_plan(plan, "2026 second half", **BY)
    places = {Place(Level.STREET, f"rep:{rita}", month): 7_000_00 for month in range(1, 13)}
    service.set_cells(second, 1, places, **BY)
    _approved(second)
    _in_force(second, date(2026, 7, 16))
    assert _states(second) == dict.fromkeys(("Rita", "Rolf", "Sara"), "outdated")
    service.make_letters(second, **BY)
    made = _letter(second, rita)
    assert (made.starts, made.replaced_on) == (date(2026, 7, 16), first.made_on)
    assert [line.quota for line in made.lines[1:]] == [7_000_00] * 5
    july = made.lines[0]
    assert july.quota == round((15 * first.lines[6].quota + 16 * 7_000_00) / 31)
    assert set(_sums(made)) == {0}
    text = " ".join(pdf_text(service.letter_pdf(made, "en")).split())
    assert "This letter replaces the one of" in text and "January 1, 2026" in text


def test_a_quota_that_was_changed_by_hand_needs_a_new_letter(plan: int, cast: Cast) -> None:
    rita = cast.organisation.rita
    _approved(plan)
    _in_force(plan)
    service.make_letters(plan, **BY)
    first, last = date(2026, 5, 1), date(2026, 5, 31)
    amount = Money.from_minor(5_000_00, "EUR")
    of: dict[str, Any] = {"rep_id": rita, "level": "street", "effective_from": first}
    quota_set(amount, first, last, actor="director", **of)
    assert _states(plan) == {"Rita": "outdated", "Rolf": "made", "Sara": "made"}
    service.make_letters(plan, **BY)
    may = _letter(plan, rita).lines[4]
    assert may.quota == 5_000_00 and may.change == 5_000_00 - (may.full - may.away)


def test_rule_28_each_rep_without_an_acknowledged_letter_raises_an_alarm_on_day_1(
    plan: int, cast: Cast
) -> None:
    rita = cast.organisation.rita
    _approved(plan)
    service.make_letters(plan, **BY)
    service.publish_plan(plan, _edition(plan), NEW_YEAR, **OTHER)
    _head, early = queries.unacknowledged(company().today, Scope.company())
    assert early == [], "nobody is late before the period begins"
    service.deliver_letters([_letter(plan, rita).id], None, **BY)
    service.acknowledge_letter(_letter(plan, rita).id, actor="rep", rep_id=rita)
    note_import(NEW_YEAR)
    service.activate_plans()
    head, late = queries.unacknowledged(company().today, Scope.company())
    assert head is not None and [row.name for row in late] == ["Rolf", "Sara"]
    assert {row.state for row in late} == {LetterState.MADE}
    _head, hers = queries.unacknowledged(company().today, scope_for(cast.sales_manager))
    assert [row.name for row in hers] == ["Rolf"], "a manager hears of their own people"


def test_pages_show_letters_to_those_concerned_alone(plan: int, cast: Cast, client: Client) -> None:
    org = cast.organisation
    _approved(plan)
    service.make_letters(plan, **BY)
    rita, sara = _letter(plan, org.rita), _letter(plan, org.sara)
    listed, acknowledge = f"/plan/{plan}/letters/", f"/plan/letters/{rita.id}/acknowledge/"
    login(client, "rep")
    assert client.get(listed).status_code == 403
    assert client.get(f"/plan/letters/{rita.id}.pdf").status_code == 404, "not handed over"
    login(client, "sales_manager")
    page = client.get(listed).content.decode()
    assert "Rita" in page and "Sara" not in page
    assert client.get(f"/plan/letters/{sara.id}.pdf").status_code == 404
    assert client.post(f"{listed}make/").status_code == 403
    assert client.post(f"{listed}delivered/", {"all": "1", "day": "soon"}).status_code == 302
    assert _letter(plan, org.rita).state is LetterState.MADE, "no date, nothing is recorded"
    posted = client.post(f"{listed}delivered/", {"id": [str(org.rita)]})
    assert posted.status_code == 302
    assert _letter(plan, org.rolf).state is LetterState.MADE, "only the one that was chosen"
    login(client, "rep")
    assert client.get(f"/plan/letters/{rita.id}.pdf")["Content-Type"] == "application/pdf"
    assert client.get(f"/plan/letters/{sara.id}.pdf").status_code == 404
    assert acknowledge in client.get("/plan/letters/").content.decode()
    assert client.post(f"/plan/letters/{sara.id}/acknowledge/").status_code == 404
    assert client.post(acknowledge).status_code == 302
    assert _letter(plan, org.rita).state is LetterState.ACKNOWLEDGED
    login(client, "viewer")
    for address in (listed, "/plan/letters/", f"/plan/letters/{rita.id}.pdf"):
        assert client.get(address).status_code == 403, address


def test_the_command_line_writes_a_pdf_for_each_rep(plan: int, cast: Cast, tmp_path: Any) -> None:
    from perilune.planning.cli import app

    _approved(plan)
    out = tmp_path / "letters"
    done = CliRunner().invoke(app, ["letters", "--plan", "2026", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["made"], [one["rep"] for one in told["letters"]]) == (3, ["Rita", "Rolf", "Sara"])
    files = sorted(path.name for path in out.iterdir())
    assert files == sorted(one["file"] for one in told["letters"])
    assert all(path.read_bytes().startswith(b"%PDF-") for path in out.iterdir())


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**12), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.booleans()
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_month_sums_to_the_cent_and_nothing_is_taken_off_twice(
    months: list[tuple[int, float, float, float, bool]],
) -> None:
    there = np.array([[a, a * b, a * b * c] for _q, a, b, c, _s in months]).T
    quota = [q if there[2, at] >= LEAST or s else 0 for at, (q, _a, _b, _c, s) in enumerate(months)]
    found = calculated(quota, there, [s for *_x, s in months], [1.0] * len(months))
    for minor, (full, away, leave, ramp) in zip(quota, found, strict=True):
        assert full - away - leave - ramp == minor
        assert min(away, leave, ramp) >= 0
