"""The next export of a source under another name: recognised, kept apart, or asked about."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.hub import queries, service
from perilune.hub.cli import imports as cli
from perilune.hub.contracts import RunState
from perilune.hub.engine.sameness import Evidence, verdict
from perilune.hub.queries.said import taken_for
from perilune.hub.service import common as runs
from perilune.hub.testing import imported, write
from perilune.kernel.errors import Conflict
from perilune.people import service as people

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
HEAD = "Opportunity ID;Opportunity Name;Account Name;Stage;Amount;Close Date;Created Date;Owner\n"
OK = (
    "006A;Projet Alpha;Dupont SA;Prospecting;12 500,50;31/12/2026;01/09/2026;Anne Bodin\n"
    "006B;Projet Beta;Martin & Cie;Negotiation;9 900,00;15/12/2026;02/09/2026;Anne Bodin\n"
    "006C;Projet Gamma;Durand SARL;Closed Won;5 000,00;15/10/2026;05/09/2026;Paul Roux\n"
)
OTHER = "Id,Deal Name,Pipeline Stage,Value,Expected Close Date\n"


def _pipelines() -> list[str]:
    return sorted(str(v["name"]) for v in history.states_as_of("pipeline", None).values())


def test_a_renamed_weekly_export_is_of_the_source_that_is_known(
    company: None, tmp_path: Path
) -> None:
    imported(write(tmp_path, "ok.csv", HEAD + OK))
    changed = OK.replace("12 500,50", "15 000,00")
    more = "006E;Projet Delta;Dupont SA;Prospecting;100;01/12/2026;01/11/2026;Anne Bodin\n"
    run = imported(write(tmp_path, "ok2.csv", HEAD + changed + more))
    assert run.source == "ok"
    assert "«ok»" in taken_for(run) and "3 of the 4 ids" in taken_for(run)
    counts = run.counts["opportunity"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (1, 1, 2)
    assert _pipelines() == ["ok"]
    assert len(history.states_as_of("opportunity", None)) == 4


def test_a_mapping_that_was_corrected_by_hand_serves_the_renamed_export(
    company: None, tmp_path: Path
) -> None:
    text = "Ref,Label,Stage,Gross,Net,CreatedDate\n77A,A,Open,12,10,2026-10-01\n"
    fields = [("name", "Label"), ("stage_id", "Stage"), ("amount", "Net")]
    own = {
        "file": "*",
        "records": [
            {"kind": "opportunity", "key": ["Ref"],
             "fields": [{"field": f, "column": c} for f, c in fields]}
        ],
    }  # fmt: skip
    imported(write(tmp_path, "week1.csv", text), mapping=[own])
    run = imported(write(tmp_path, "last-week.csv", text.replace(",10,", ",11,")))
    [deal] = history.states_as_of("opportunity", None).values()
    assert (run.source, deal["amount"]) == ("week1", 1100)


def test_an_export_of_another_system_with_other_ids_stays_apart(
    company: None, tmp_path: Path
) -> None:
    imported(write(tmp_path, "ok.csv", HEAD + OK))
    rows = "d-1,Alpha,Open,5,2026-12-01\nd-2,Beta,Open,6,2026-12-02\n"
    run = imported(write(tmp_path, "hubspot.csv", OTHER + rows))
    assert run.source == "hubspot"
    assert "new source" in taken_for(run)
    same_columns = OK.replace("006", "00Q")
    assert imported(write(tmp_path, "org2.csv", HEAD + same_columns)).source == "org2"
    assert _pipelines() == ["hubspot", "ok", "org2"]


def test_two_systems_that_count_from_one_are_asked_about(company: None, tmp_path: Path) -> None:
    rows = "1,Alpha,Open,5,2026-12-01\n2,Beta,Open,6,2026-12-02\n3,C,Open,6,2026-12-02\n"
    imported(write(tmp_path, "north.csv", OTHER + rows))
    strange = rows.replace("Alpha", "Nordic").replace("Beta", "Ostsee").replace("C,", "Polder,")
    run_id = service.import_open(write(tmp_path, "south.csv", OTHER + strange))
    assert service.source_question(run_id)
    with pytest.raises(Conflict, match="Say first"):
        service.import_read(run_id)
    service.set_options(run_id, source="south", as_of_us=None, is_full=False)
    assert service.import_read(run_id).state is RunState.READY
    assert queries.run_info(run_id).counts["opportunity"]["new"] == 3


def test_a_source_whose_import_was_rolled_back_is_not_known(company: None, tmp_path: Path) -> None:
    run = imported(write(tmp_path, "ok.csv", HEAD + OK))
    service.import_rollback(run.id, actor="anne")
    assert imported(write(tmp_path, "ok2.csv", HEAD + OK)).source == "ok2"


def test_a_named_source_is_not_second_guessed(company: None, tmp_path: Path) -> None:
    imported(write(tmp_path, "ok.csv", HEAD + OK))
    assert imported(write(tmp_path, "ok2.csv", HEAD + OK), source="archive").source == "archive"


def test_the_terminal_says_the_source_it_took_and_refuses_what_is_in_doubt(
    company: None, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(cli, "_refresh", lambda: None)

    def run(name: str, text: str, source: str = "") -> tuple[int, str]:
        path = write(tmp_path, name, text)
        code = cli._import(path, source, None, "", False, False, False, False)
        return code, " ".join(capsys.readouterr().err.split())

    assert run("ok.csv", HEAD + OK)[0] == cli.DONE
    code, told = run("ok2.csv", HEAD + OK)
    assert code == cli.DONE and "next export of «ok»" in told and "--source" in told
    named = OK
    for name in ("Alpha", "Beta", "Gamma"):
        named = named.replace(f"Projet {name}", f"Autre {name}")
    code, told = run("ok3.csv", HEAD + named)
    assert code == cli.NOTHING
    assert "--source ok" in told and "--source ok3" in told
    assert _pipelines() == ["ok"]
    assert run("ok3.csv", HEAD + named, "ok3")[0] == cli.DONE


def test_the_page_asks_with_the_reason_and_takes_the_answer(
    company: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(write(tmp_path, "ok.csv", HEAD + OK))
    people.user_add("anne", "analyst", password="a-long-password-1", check_password=False)
    client = Client()
    client.login(username="anne", password="a-long-password-1")
    sent = SimpleUploadedFile("ok2.csv", (HEAD + OK).encode())
    client.post(reverse("hub:upload"), {"files": sent})
    info = queries.latest_run()
    assert info is not None
    page = client.get(reverse("hub:run", args=[info.id])).content.decode()
    assert "next export of «ok»" in page and "3 of the 3 ids" in page
    client.post(reverse("hub:choose", args=[info.id]), {"known_source": "ok2"})
    assert queries.run_info(info.id).source == "ok2"


@pytest.mark.parametrize("name", ["ok.csv", "ok2.csv"])
def test_the_page_asks_in_one_way_with_the_evidence_whatever_the_file_is_called(
    company: None, tmp_path: Path, name: str
) -> None:
    imported(write(tmp_path, "ok.csv", HEAD + OK))
    people.user_add("anne", "analyst", password="a-long-password-1", check_password=False)
    client = Client()
    client.login(username="anne", password="a-long-password-1")
    client.post(reverse("hub:upload"), {"files": SimpleUploadedFile(name, (HEAD + OK).encode())})
    info = queries.latest_run()
    assert info is not None
    url = reverse("hub:run", args=[info.id])
    page = client.get(url).content.decode()
    assert "Taken for the next export of «ok»: 3 of the 3 ids looked at" in page
    assert 'name="known_source" value="ok" required checked' in page
    assert 'name="source" value="ok2"' in page or 'name="source" value="ok-2"' in page
    choose = reverse("hub:choose", args=[info.id])
    assert client.post(choose, {"read": "1", "known_source": "", "source": " "}).status_code == 400
    client.post(choose, {"known_source": "", "source": "archive"})
    assert queries.run_info(info.id).source == "archive"


ROWS = st.dictionaries(st.integers(100, 160), st.integers(1, 10_000), min_size=4, max_size=12)


@pytest.fixture
def folder(company: None, tmp_path: Path) -> Path:
    return tmp_path


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, st.data())
def test_a_renamed_export_changes_exactly_what_changed(
    folder: Path, before: dict[int, int], data: st.DataObject
) -> None:
    edited = data.draw(st.sets(st.sampled_from(sorted(before)), max_size=len(before)))
    added = data.draw(st.sets(st.integers(200, 260), max_size=len(before)))
    after = {**{k: v + 1 if k in edited else v for k, v in before.items()},
             **dict.fromkeys(added, 5)}  # fmt: skip
    order = data.draw(st.permutations(sorted(after)))
    name = data.draw(st.text("abcdefghij", min_size=3, max_size=8))

    def text(rows: dict[int, int], keys: list[int]) -> str:
        lines = [f"006{k};Deal {k};Acme;Open;{rows[k]};31/12/2026;01/09/2026;Ann" for k in keys]
        return HEAD + "\n".join(lines) + "\n"

    with transaction.atomic():
        imported(write(folder, "base.csv", text(before, sorted(before))))
        run = imported(write(folder, f"{name}.csv", text(after, order)))
        counts = run.counts["opportunity"]
        assert run.source == "base"
        assert (counts["new"], counts["changed"]) == (len(added), len(edited))
        assert len(history.states_as_of("opportunity", None)) == len(after)
        assert len(_pipelines()) == 1
        transaction.set_rollback(True)
    runs.LIVE.clear()


@pytest.mark.parametrize(
    ("own", "found", "source", "is_asked"),
    [
        ("b", [Evidence("a", 100, 90, 90, 88, True)], "a", False),
        ("b", [Evidence("a", 100, 0, 0, 0, True)], "b", False),
        ("b", [Evidence("a", 100, 5, 5, 5, True)], "b", True),
        ("b", [Evidence("a", 100, 90, 90, 3, True)], "b", True),
        ("b", [Evidence("a", 100, 95, 95, 95, False)], "a", False),
        ("b", [Evidence("a", 100, 40, 40, 40, False)], "b", True),
        ("b", [Evidence("a", 9, 9, 9, 9, True), Evidence("c", 9, 9, 9, 9, True)], "b", True),
        ("a", [Evidence("a", 100, 5, 5, 5, True)], "a", False),
        ("a", [Evidence("a", 9, 0, 0, 0, True), Evidence("c", 9, 9, 9, 9, True)], "c", False),
        ("a", [Evidence("a", 9, 0, 0, 0, False)], "a", True),
        ("b", [Evidence("a", 9, 3, 0, 0, False, is_named=True)], "b", False),
    ],
)
def test_the_verdict_weighs_ids_names_and_columns(
    own: str, found: list[Evidence], source: str, is_asked: bool
) -> None:
    given_ = verdict(own, found)
    assert (given_.source, given_.is_asked) == (source, is_asked)
