"""`perilune duplicates find`: files in, pairs and clusters out, bad input by name."""

import csv
import json

import pytest
from django.utils import translation
from typer.testing import CliRunner

from perilune.hub.cli.duplicates import app

HEADER = "Id;Raison sociale;Adresse;Code postal;Téléphone\n"
ROWS = (
    "1;Boulangerie Élan SARL;12 bis, rue des Lilas;75011;01 42 27 00 01\n"
    "2;BOULANGERIE ELAN;12 r. des Lilas;75011;+33 1 42 27 00 01\n"
    '3;"Garage\ndu Lac";3 avenue Foch;69003;04 78 00 00 02\n'
    "4;Menuiserie Petit;8 place Bellecour;69002;04 78 11 22 33\n"
)
OTHERS = "".join(
    f"{n};Maison {c}{c}ar;{n} quai {c}o;1{n:04d};05 61 {n:02d} 44 {n:02d}\n"
    for n, c in enumerate("bcdfghjklm", 10)
)
ROWS += OTHERS


def run(*words):
    with translation.override("en"):
        return CliRunner().invoke(app, ["find", *map(str, words)])


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def firms(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_bytes((HEADER + ROWS).encode("cp1252"))
    return path


def test_a_french_file_is_read_and_its_columns_recognised(firms, tmp_path):
    pairs, clusters = tmp_path / "pairs.csv", tmp_path / "clusters.csv"
    told = run(firms, "--id", "Id", "--pairs", pairs, "--clusters", clusters, "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    kinds = {f["column"]: f["kind"] for f in document["fields"]}
    assert kinds == {"Raison sociale": "name", "Adresse": "address", "Code postal": "postcode",
                     "Téléphone": "phone"}  # fmt: skip
    assert document["records"] == 14
    assert document["clusters"] == 13
    rows = table(clusters)
    assert [r["id"] for r in rows][:3] == ["1", "2", "3"]
    assert {r["cluster"] for r in rows[:2]} == {"1"}
    first = table(pairs)[0]
    assert {first["left"], first["right"]} == {"1", "2"}
    assert first["verdict"] == "merge"
    assert "Téléphone: equal (+" in first["reason"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators_change_nothing(tmp_path, encoding, separator):
    path = tmp_path / "firms.csv"
    text = (HEADER + ROWS).replace("bis, rue", "bis rue").replace(";", separator)
    path.write_bytes(text.encode(encoding))
    told = run(path, "--id", "Id", "--json")
    assert json.loads(told.stdout)["clusters"] == 13


def test_columns_are_named_by_kind_by_header_or_both(firms):
    for fields in ("name,zip", "raison sociale,code postal", "name=Raison sociale,zip=Code postal"):
        told = run(firms, "--id", "id", "--fields", fields, "--json")
        document = json.loads(told.stdout)
        assert [f["kind"] for f in document["fields"]] == ["name", "postcode"], fields


def test_questions_are_answered_and_given_back_as_labels(firms, tmp_path):
    questions, pairs = tmp_path / "q.csv", tmp_path / "p.csv"
    told = run(firms, "--id", "Id", "--ask", 3, "--questions", questions)
    assert told.exit_code == 0, told.output
    rows = table(questions)
    assert 1 <= len(rows) <= 3
    assert "left: Raison sociale" in rows[0]
    labels = tmp_path / "labels.csv"
    labels.write_text("left,right,same\n1,2,non\n3,4,oui\n1,4,\n", "utf-8")
    told = run(firms, "--id", "Id", "--labels", labels, "--pairs", pairs, "--json")
    document = json.loads(told.stdout)
    assert (document["labels"], document["labels_open"]) == (2, 1)
    verdicts = {frozenset((r["left"], r["right"])): r for r in table(pairs)}
    assert verdicts[frozenset("12")]["verdict"] == "different"
    assert verdicts[frozenset("34")]["reason"] == "decided: the same"


BAD = {
    "no id column": (["--id", "nope"], "no column “nope”"),
    "ids twice": (["--id", "Twice"], "more than once: x"),
    "ids missing": (["--id", "Gap"], "is empty in 1 rows"),
    "absent field": (["--id", "Id", "--fields", "name,siret"], "no column “siret”"),
    "field twice": (["--id", "Id", "--fields", "Name,name=Name"], "named twice"),
    "thresholds crossed": (["--id", "Id", "--merge", "0.2", "--different", "0.5"], "above --merge"),
    "questions without number": (["--id", "Id", "--questions", "q.csv"], "belong together"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_taken_is_named(tmp_path, name):
    words, said = BAD[name]
    path = tmp_path / "firms.csv"
    path.write_text("Id,Twice,Gap,Name\n1,x,a,Acme\n2,x,,Bell\n3,y,c,Coda\n", "utf-8")
    told = run(path, *words)
    assert told.exit_code == 4
    assert said in " ".join(told.output.split())


FILES = {
    "empty": (b"", "is empty"),
    "a header alone": (b"Id,Name\n", "no rows"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "binary"),
    "a field of 100 MB": (b'Id,Name\n1,"' + b"x" * 100_000_000 + b'"\n', "longer than"),
    "nothing to compare": (b"Id,Amount\n1,5\n2,7\n", "--fields"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_tables_are_refused_by_name(tmp_path, name):
    content, said = FILES[name]
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    told = run(path, "--id", "Id")
    assert told.exit_code == 4
    assert said in " ".join(told.output.split())


def test_one_row_is_one_thing(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("Id,Name\n1,Acme\n", "utf-8")
    told = run(path, "--id", "Id", "--json")
    assert json.loads(told.stdout)["clusters"] == 1


LABELS = {
    "unknown ids": ("left,right,same\n1,99,yes\n", "not in the table: 99"),
    "no answer": ("left,right,same\n1,2,perhaps\n", "neither yes nor no: perhaps"),
    "with itself": ("left,right,same\n1,1,no\n", "with themselves: 1"),
    "no columns": ("x,y\n1,2\n", "no file of labels"),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_that_cannot_be_taken_are_named(firms, tmp_path, name):
    content, said = LABELS[name]
    labels = tmp_path / "labels.csv"
    labels.write_text(content, "utf-8")
    told = run(firms, "--id", "Id", "--labels", labels)
    assert told.exit_code == 4
    assert said in " ".join(told.output.split())


def test_contradictions_are_told_and_what_is_different_stays_apart(firms, tmp_path):
    labels, clusters = tmp_path / "labels.csv", tmp_path / "c.csv"
    labels.write_text("left,right,same\n1,3,yes\n3,4,yes\n1,4,no\n2,4,yes\n2,4,no\n", "utf-8")
    told = run(firms, "--id", "Id", "--labels", labels, "--clusters", clusters, "--json")
    wrong = {(c["left"], c["right"], c["same"]) for c in json.loads(told.stdout)["contradictions"]}
    assert wrong == {("2", "4", None), ("1", "3", True), ("3", "4", True), ("1", "4", False)}
    group = {r["id"]: r["cluster"] for r in table(clusters)}
    assert group["1"] != group["4"]
