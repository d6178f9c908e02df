"""Stages and reps that an import adds: told, repaired or kept in bulk, quiet where all is new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from perilune.history import queries as history
from perilune.hub import queries, service
from perilune.hub.contracts import RunState
from perilune.hub.queries.said import hint_of, said
from perilune.hub.testing import imported, write
from perilune.people import service as people

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
HEAD = "Id,Name,StageName,Amount,CloseDate,CreatedDate,Owner\n"
FIRST = (
    "1,A,Prospecting,10,2026-12-01,2026-10-01,Anne Bodin\n"
    "2,B,Negotiation,20,2026-12-01,2026-10-02,Paul Roux\n"
)
ODD = (
    "3,C,Etape inconnue,30,2026-12-01,2026-10-03,Anne Bodin\n"
    "4,D,Etape inconnue,40,2026-12-01,2026-10-03,Inconnu Total\n"
    "5,E,Prospectin,40,2026-12-01,2026-10-03,Anne Bodinn\n"
)


def _groups(run: queries.RunInfo) -> dict[tuple[str, str], queries.ProblemGroup]:
    return {(g.code, g.value): g for g in queries.problem_groups(run.id)}


def _names(kind: str) -> set[Any]:
    return {v["name"] for v in history.states_as_of(kind, None).values()}


def _import(folder: Path, text: str) -> queries.RunInfo:
    return imported(write(folder, "deals.csv", HEAD + text), source="crm")


def test_the_first_import_of_a_home_says_one_line_for_each_kind(
    company: None, tmp_path: Path
) -> None:
    run = _import(tmp_path, FIRST)
    assert _groups(run) == {}
    lines = [said(n["message"], n["params"]) for n in run.notices]
    assert any("(2): Prospecting, Negotiation." in line for line in lines)
    assert any("(2): Anne Bodin, Paul Roux." in line for line in lines)
    assert not any("new here" in n["message"] for n in _import(tmp_path, FIRST).notices)


def test_a_stage_or_owner_unknown_so_far_is_told_with_its_rows_and_the_nearest_known(
    company: None, tmp_path: Path
) -> None:
    _import(tmp_path, FIRST)
    run = _import(tmp_path, FIRST + ODD)
    found = {key: (g.count, g.suggestion) for key, g in _groups(run).items()}
    assert found == {
        ("new_stage", "Etape inconnue"): (2, ""),
        ("unknown_reference", "Prospectin"): (1, "Prospecting"),
        ("new_rep", "Inconnu Total"): (1, ""),
        ("new_rep", "Anne Bodinn"): (1, "Anne Bodin"),
    }
    assert run.counts["opportunity"]["warnings"] == 5
    stage = _groups(run)["new_stage", "Etape inconnue"]
    with translation.override("fr"):
        told = said(stage.message, stage.message_params)
        assert "En cours" in told and "ajoutée" in told
        assert "garder" in hint_of(stage.code, stage.suggestion)


def test_a_stage_is_repaired_for_all_its_deals_and_no_longer_stands(
    company: None, tmp_path: Path
) -> None:
    _import(tmp_path, FIRST)
    run = _import(tmp_path, FIRST + ODD)
    stage, rep = (
        _groups(run)[key] for key in (("new_stage", "Etape inconnue"), ("new_rep", "Anne Bodinn"))
    )
    assert service.repair(stage.first_id, "Negotiation", actor="anne") == 2
    assert service.repair(rep.first_id, "Anne Bodin", actor="anne") == 1
    assert _names("stage") == {"Prospecting", "Negotiation"}
    assert _names("rep") == {"Anne Bodin", "Paul Roux", "Inconnu Total"}
    again = _import(tmp_path, FIRST + ODD.replace(",30,", ",31,"))
    assert set(_groups(again)) == {
        ("new_rep", "Inconnu Total"), ("unknown_reference", "Prospectin")
    }  # fmt: skip
    assert _names("stage") == {"Prospecting", "Negotiation"}
    deals = {v["name"]: v for v in history.states_as_of("opportunity", None).values()}
    stages = {i: v["name"] for i, v in history.states_as_of("stage", None).items()}
    assert {stages[deals[n]["stage_id"]] for n in ("C", "D")} == {"Negotiation"}
    service.import_rollback(run.id, actor="anne")


def test_what_was_added_is_in_question_until_somebody_keeps_it(
    company: None, tmp_path: Path
) -> None:
    _import(tmp_path, FIRST)
    run = _import(tmp_path, FIRST + ODD)
    part = _import(tmp_path, FIRST)
    assert _groups(part) == {}
    assert ("new_stage", "Etape inconnue") in _groups(run)
    again = _import(tmp_path, FIRST + ODD)
    assert ("new_stage", "Etape inconnue") not in _groups(run)
    group = _groups(again)["new_stage", "Etape inconnue"]
    assert service.dismiss([group.first_id], is_for_all=True) == 2
    kept = _import(tmp_path, FIRST + ODD)
    assert ("new_stage", "Etape inconnue") not in _groups(kept)
    assert "Etape inconnue" in _names("stage")


def test_a_repaired_stage_of_a_named_pipeline_stays_repaired(company: None, tmp_path: Path) -> None:
    head = "Id,Name,Pipeline,StageName,Amount,CreatedDate\n"
    first = "1,A,Sales,Open,10,2026-10-01\n"
    odd = "2,B,Sales,Zwischen,10,2026-10-01\n"

    def run(text: str) -> queries.RunInfo:
        return imported(write(tmp_path, "deals.csv", head + text), source="crm")

    run(first)
    group = _groups(run(first + odd))["new_stage", "Zwischen"]
    service.repair(group.first_id, "Open", actor="anne")
    assert _groups(run(first + odd)) == {}
    assert _names("stage") == {"Open"}


def test_the_page_offers_the_known_stages_in_their_order(company: None, tmp_path: Path) -> None:
    _import(tmp_path, FIRST)
    assert queries.names_known("opportunity", "stage_id") == ["Prospecting", "Negotiation"]
    assert queries.names_known("opportunity", "owner_id") == ["Anne Bodin", "Paul Roux"]
    assert queries.names_known("opportunity", "account_id") == []


def test_the_words_of_a_preview_are_the_readers_and_speak_of_what_would_happen(
    company: None, tmp_path: Path
) -> None:
    rows = (
        "1,A,Open,-5000.50,31/12/2026,01/02/2024,Ann\n2,B,Won,7,15/03/2024,01/02/2024,Ann\n"
        "2,B,Won,7,15/03/2024,01/02/2024,Ann\n"
    )
    run_id = service.import_open(write(tmp_path, "deals.csv", HEAD + rows))
    service.import_read(run_id)
    people.user_add(
        "anne", "analyst", password="a-long-password-1", check_password=False, language="fr"
    )
    client = Client()
    client.login(username="anne", password="a-long-password-1")
    page = client.get(reverse("hub:run", args=[run_id])).content.decode()
    page = page.partition("<main")[2].partition("</main>")[0]
    assert "daté du 15/03/2024" in page
    assert "5\u202f000,50" in page
    assert "à écarter" in page and "à enregistrer" in page
    assert "serait" not in page  # one tense beside «il est enregistré tel quel»
    assert page.count('class="import-doubts"') == 1
    assert "a été" not in page
    assert "En cours" in page
    while service.import_apply(run_id).state is not RunState.DONE:
        pass
    [group] = [g for g in queries.problem_groups(run_id) if g.code == "negative_amount"]
    url = reverse("hub:repair", args=[run_id, group.first_id])
    assert client.post(url, {"meant": "5\u202f000,50", "rows": "all"}).status_code == 302
    deals = {v["name"]: v for v in history.states_as_of("opportunity", None).values()}
    assert deals["A"]["amount"] == 500_050


DEALS = "Id,Name,Account,StageName,Amount,CloseDate,CreatedDate\n"


def _accounts(run: queries.RunInfo) -> tuple[set[Any], list[str]]:
    lines = [said(n["message"], n["params"]) for n in run.notices]
    return _names("account"), [line for line in lines if "Accounts that are new" in line]


def test_every_export_of_deals_alone_brings_the_accounts_that_it_names(
    company: None, tmp_path: Path
) -> None:
    one = "1,A,Dupont SA,Open,10,2026-12-01,2026-10-01\n"
    other = "X1,B,Hôpital Sainte-Anne,Open,10,2026-12-01,2026-10-01\n"
    first = imported(write(tmp_path, "ok.csv", DEALS + one))
    assert _accounts(first) == (
        {"Dupont SA"}, ["Accounts that are new here and added (1): Dupont SA."]
    )  # fmt: skip
    second = imported(write(tmp_path, "latin.csv", DEALS + other), source="latin")
    assert _accounts(second)[0] == {"Dupont SA", "Hôpital Sainte-Anne"}
    assert _groups(second) == {}
    third = imported(write(tmp_path, "latin.csv", DEALS + other), source="latin")
    assert _accounts(third) == ({"Dupont SA", "Hôpital Sainte-Anne"}, [])
    deals = {v["name"]: v["account_id"] for v in history.states_as_of("opportunity", None).values()}
    assert None not in deals.values()


def test_an_account_whose_name_is_like_a_known_one_is_in_question_and_merged_in_bulk(
    company: None, tmp_path: Path
) -> None:
    one = "1,A,Hôpital Sainte-Anne,Open,10,2026-12-01,2026-10-01\n"
    odd = "X1,B,Hopital Sainte Anne,Open,10,2026-12-01,2026-10-01\n"
    more = "X2,C,Hopital Sainte Anne,Open,10,2026-12-01,2026-10-01\n"
    imported(write(tmp_path, "ok.csv", DEALS + one), source="crm")
    run = imported(write(tmp_path, "odd.csv", DEALS + odd + more), source="other")
    group = _groups(run)["new_account", "Hopital Sainte Anne"]
    assert (group.count, group.suggestion) == (2, "Hôpital Sainte-Anne")
    assert service.repair(group.first_id, group.suggestion, actor="anne") == 2
    assert _names("account") == {"Hôpital Sainte-Anne"}


def test_a_source_that_lists_its_accounts_gets_none_from_its_deals(
    company: None, tmp_path: Path
) -> None:
    listed = "Account ID,Account Name,Industry\nk1,Dupont SA,Retail\n"
    imported(write(tmp_path, "accounts.csv", listed), source="crm")
    deal = "1,A,Zorro Inc,Open,10,2026-12-01,2026-10-01\n"
    run = imported(write(tmp_path, "deals.csv", DEALS + deal), source="crm")
    assert set(_groups(run)) == {("unknown_reference", "Zorro Inc")}
    assert _names("account") == {"Dupont SA"}
