"""Bad records behind plans are named, by the command and on the page, and nothing is mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from perilune.history.service import change_set
from perilune.kernel.errors import Refused
from perilune.people.queries import scope_for
from perilune.people.testing import login
from perilune.planning.cli import app
from perilune.planning.queries.flaws import flaws

pytestmark = pytest.mark.django_db
AT = datetime(2025, 5, 1, tzinfo=UTC)
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


def wrongly(write: Callable[[Any, Any], None], cast: Any) -> None:
    with change_set(actor="test", title="a file", known_at=AT) as writer:
        write(writer, cast.organisation)


def overlap(w: Any, org: Any) -> None:
    for since in (date(2025, 2, 1), date(2025, 3, 1)):
        w.create("assignment", {"rep_id": org.rita, "team_id": org.north, "role": "seller",
                                "fte": 0.8, "effective_from": since})  # fmt: skip


def leave_before_hire(w: Any, org: Any) -> None:
    w.change("rep", org.rolf, {"hire_date": date(2025, 4, 1), "leave_date": date(2025, 3, 1)})


def quota(w: Any, **values: Any) -> None:
    span = {"starts": FIRST, "ends": LAST, "amount": 1_000_00, "currency": "EUR"}
    w.create("quota", {**span, "level": "operating", **values})


def no_owner(w: Any, _org: Any) -> None:
    quota(w, rep_id=4_711)


def negative(w: Any, org: Any) -> None:
    quota(w, rep_id=org.sara, amount=-5_00)


def circle(w: Any, org: Any) -> None:
    w.change("team", org.north_region, {"parent_id": org.north})


def no_rate(w: Any, org: Any) -> None:
    quota(w, rep_id=org.sara, currency="CHF")


CASES = [
    (overlap, "assignments that overlap"),
    (leave_before_hire, "before the hire on"),
    (no_owner, "is of nobody who exists"),
    (negative, "is below zero"),
    (circle, "lie within one another"),
    (no_rate, "CHF has no budget rate"),
]
NAMED = pytest.mark.parametrize(("write", "said"), CASES, ids=[c[0].__name__ for c in CASES])


@NAMED
def test_the_command_names_it_and_leaves_with_one(sold, write, said) -> None:
    clean = CliRunner().invoke(app, ["records", "--as-of", "2025-06-30", "--json"])
    assert (clean.exit_code, json.loads(clean.stdout)["wrong"]) == (0, [])
    wrongly(write, sold)
    ran = CliRunner().invoke(app, ["records", "--as-of", "2025-06-30", "--json"])
    [found] = json.loads(ran.stdout)["wrong"]
    assert (ran.exit_code, found["kind"]) == (1, write.__name__)
    assert said in found["text"]
    # known since May: in April nothing was wrong yet
    assert CliRunner().invoke(app, ["records", "--as-of", "2025-04-30"]).exit_code == 0


@NAMED
def test_the_page_names_it(sold, client, write, said) -> None:
    wrongly(write, sold)
    login(client, sold.director)
    html = client.get("/plan/records/?as_of=2025-06-30").content.decode()
    assert said in html
    assert "1 record behind the plans" in html


def test_a_team_s_lead_is_told_who_checks(cast) -> None:
    scope = scope_for(cast.sales_manager)
    with pytest.raises(Refused, match="sales operations"):
        flaws(scope, cast_at())


def cast_at() -> Any:
    from perilune.people.queries import company

    return company().today
