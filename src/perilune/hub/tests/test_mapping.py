"""How columns are proposed: ids to the identity, French words, hints, what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from perilune.history import queries as history
from perilune.hub import queries, service
from perilune.hub.cli import imports as cli
from perilune.hub.engine.mapping import core, hint, is_id, propose
from perilune.hub.engine.sources import tables_of
from perilune.hub.testing import imported, write
from perilune.kernel.errors import Invalid
from perilune.kernel.wiring import KINDS
from perilune.people import service as people

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
LATIN = (
    "Id;Nom de l'établissement;Montant;Étape;Date de clôture;Propriétaire;Couleur;Concurent\n"
    "A1;Hôpital Sainte-Anne;12 500,50;Prospection;31/12/2026;Anne Bodin;bleu;X\n"
)


def _taken(run_id: int) -> dict[str, str]:
    [table] = service.import_choices(run_id)
    return {column.column: column.field for column in table.columns}


def test_an_id_names_the_record_and_an_account_never_names_the_deal(
    company: None, tmp_path: Path
) -> None:
    path = write(tmp_path, "latin1.csv", LATIN, "latin-1")
    taken = _taken(service.import_open(path))
    assert taken["Id"] == "_key"
    assert taken["Nom de l'établissement"] == "account_id"
    imported(path)
    [deal] = history.states_as_of("opportunity", None).values()
    [account] = history.states_as_of("account", None).values()
    assert (deal["name"], account["name"]) == ("A1", "Hôpital Sainte-Anne")


def test_choices_of_a_person_name_no_deal_after_its_account(company: None, tmp_path: Path) -> None:
    run_id = service.import_open(write(tmp_path, "a.csv", LATIN))
    service.import_choose(run_id, {0: "opportunity"}, {0: _taken(run_id)})
    fields = queries.run_info(run_id).mappings[0]["records"][0]["fields"]
    named = {f["field"]: f["column"] for f in fields}
    assert (named["name"], named["account_id"]) == ("Id", "Nom de l'établissement")
    assert service.missing_of(run_id) == []


def test_an_unmapped_column_has_a_hint_where_a_field_is_near(company: None, tmp_path: Path) -> None:
    [table] = service.import_choices(service.import_open(write(tmp_path, "a.csv", LATIN)))
    columns = {column.column: column for column in table.columns}
    assert (columns["Couleur"].field, columns["Couleur"].hint) == ("", "")
    assert columns["Concurent"].field == "competitor"
    assert hint("opportunity", "Montnt", ()) == "amount"
    assert hint("opportunity", "Montnt", {"amount"}) != "amount"


@pytest.mark.parametrize(
    ("header", "kind", "field"),
    [
        ("Nom du client", "opportunity", "account_id"),
        ("Nom de létablissement", "opportunity", "account_id"),
        ("Nom de l'entreprise", "account", "name"),
        ("Nom du commercial", "opportunity", "owner_id"),
        ("Date de la clôture", "opportunity", "close_date"),
    ],
)
def test_french_headers_are_read_past_the_words_that_say_nothing(
    header: str, kind: str, field: str
) -> None:
    others = {
        "opportunity": ["Identifiant affaire", "Opportunity ID", "Stage", "Amount"],
        "account": ["Id", "Secteur", "Ville"],
    }[kind]
    mapping = propose("export.csv", [*others, header], {k.name: k for k in KINDS})
    assert mapping.kinds == (kind,)
    assert field in {f.field for f in mapping.records[0].fields if f.column == header}


@pytest.mark.parametrize(
    ("file", "headers", "kind", "key"),
    [
        ("Quotes.csv", "Quote ID,Quote Name,Quote Number,Expiration Date", "quote", "Quote ID"),
        ("devis.csv", "Nom,Numéro de devis,Affaire,Date d'expiration,Montant", "quote",
         "Numéro de devis"),
        ("Items.csv", "Quote ID,Product Name,Quantity,Discount,Line ID", "quote_line", "Line ID"),
        ("contrats.csv", "Numéro de contrat,Client,Date de début,Date de fin,Montant", "contract",
         "Numéro de contrat"),
    ],
)  # fmt: skip
def test_files_of_quotes_and_contracts_are_known(
    file: str, headers: str, kind: str, key: str
) -> None:
    mapping = propose(file, headers.split(","), {k.name: k for k in KINDS})
    assert (mapping.kinds, mapping.records[0].key) == ((kind,), (key,))


def test_words_and_ids_of_headers() -> None:
    assert core("Nom de l'établissement") == "etablissement"
    assert is_id("opportunity", "Id") and is_id("account", "Account ID")
    assert not is_id("account", "Nom") and not is_id("opportunity", "Paid")


def test_what_is_required_and_missing_is_said_before_anything_is_read(
    company: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "lines.csv", "Opportunity,Quantity,Share\nA,1,2\n")
    fields = [{"field": "share", "column": "Share"}]
    given = tmp_path / "map.json"
    given.write_text(
        '{"records": [{"kind": "opportunity_split", "fields": '
        + str(fields).replace("'", '"')
        + "}]}"
    )
    code = cli._import(path, "x", given, "", False, False, False, False)
    told = " ".join(capsys.readouterr().err.split())
    assert code == cli.NOTHING
    assert "no column gives it: «Deal», «Rep»" in told
    run = queries.latest_run()
    assert run is not None and run.total_rows == 0


def test_the_page_says_what_is_missing_and_does_not_read(
    company: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.user_add("anne", "analyst", password="a-long-password-1", check_password=False)
    client = Client()
    client.login(username="anne", password="a-long-password-1")
    sent = SimpleUploadedFile("a.csv", b"Id,Name,Sector\n1,Acme,Retail\n")
    client.post(reverse("hub:upload"), {"files": sent})
    run = queries.latest_run()
    assert run is not None
    chosen = {"source": "x", "kind-0": "opportunity_split"}
    client.post(reverse("hub:choose", args=[run.id]), chosen)
    client.post(
        reverse("hub:choose", args=[run.id]), {**chosen, "field-0-0": "rep_id", "read": "1"}
    )
    assert service.missing_of(run.id)
    page = client.get(reverse("hub:run", args=[run.id])).content.decode()
    assert "Required, but no column gives it: «Deal», «Share»" in page
    assert "not imported" in page


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00\x01garbage\x80\x81",
        b"\xff\xfe" + bytes(range(256)) * 4,
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
        b"PK\x03\x04 not a table",
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        bytes(b for b in range(1, 256)) * 4,
    ],
)
def test_a_binary_file_is_called_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bin.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid, match="binary data"):
        tables_of(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "gb18030"])
def test_chinese_text_is_no_binary_data(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,城市\n甲公司,北京\n乙公司,上海\n".encode(encoding))
    assert len(tables_of(path)[0].header) == 2
