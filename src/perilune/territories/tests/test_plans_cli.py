"""Plans of a home on the command line."""

import json

import pytest
from typer.testing import CliRunner

from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.territories import service
from perilune.territories.cli import app
from perilune.territories.contracts import Attribute, DraftState
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db
ALL = Scope.company()


@pytest.fixture
@made_once
def draft() -> int:
    make_ground(12)
    made = service.create_draft(
        "Autumn", [Attribute("accounts", 0.5)], actor="ops_manager", scope=ALL
    )
    service.submit(made, 1, actor="ops_manager", scope=ALL)
    service.approve(made, 2, actor="director", scope=ALL)
    return made


def _run(*args):
    return CliRunner().invoke(app, list(args), catch_exceptions=False)


def test_plans_are_listed_published_and_put_in_force(draft) -> None:
    assert "Autumn" in _run("plans").output
    (plan,) = json.loads(_run("plans", "--json").output)["plans"]
    assert (plan["id"], plan["state"], plan["accounts"]) == (draft, "approved", 16)
    assert "2026-06-30" in _run("publish", str(draft), "--on", "2026-06-30").output
    done = json.loads(_run("activate", "--json").output)["plans"]
    assert [one["draft_id"] for one in done] == [draft]
    assert loaded(draft).head.state is DraftState.ACTIVE


def test_bad_days_numbers_and_people_are_told(draft, monkeypatch) -> None:
    with pytest.raises(Invalid, match="not a date"):
        _run("publish", str(draft), "--on", "soon")
    with pytest.raises(NotFound):
        _run("publish", "999", "--on", "2026-07-01")
    monkeypatch.setenv("PERILUNE_AS", "analyst")
    with pytest.raises(Refused, match="approve territories"):
        _run("publish", str(draft), "--on", "2026-07-01")
    monkeypatch.setenv("PERILUNE_AS", "rep")
    with pytest.raises(Refused, match="design territories"):
        _run("plans")
