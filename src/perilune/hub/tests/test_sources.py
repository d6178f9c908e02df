"""Files as tables: what they are is found from their bytes; what is none is refused in words."""

import gzip
import zipfile
from pathlib import Path

import pytest

from perilune.hub.engine.sources import Table, chunks, files_of, tables_of
from perilune.hub.testing import SHARED
from perilune.kernel.errors import Invalid

pytestmark = pytest.mark.engine


def _rows(table: Table) -> list[list[str]]:
    return [row for chunk in chunks(table) for row in chunk.rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [["Société", "Ville"], ["Crédit Été", "Orléans"], ['"Zoé" & fils', "Évry"]]
    text = "\r\n".join(delimiter.join('"' + c.replace('"', '""') + '"' for c in r) for r in lines)
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    [table] = tables_of(path)
    assert (table.delimiter, table.header) == (delimiter, ("Société", "Ville"))
    assert _rows(table) == lines[1:]


def test_titles_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Pipeline report\n\nName,Stage,Amount\nA,Won,1\nB,Lost,2\n")
    [table] = tables_of(path)
    assert table.header == ("Name", "Stage", "Amount")
    assert [c.lines for c in chunks(table)] == [[4, 5]]


def test_lines_are_counted_through_cells_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Name,Note\nA,"one\ntwo"\n\nB,x\n')
    [table] = tables_of(path)
    [chunk] = chunks(table)
    assert chunk.lines == [2, 5]
    assert chunk.rows[0] == ["A", "one\ntwo"]


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"Name,City\nA,B\n"))
    assert _rows(tables_of(path)[0]) == [["A", "B"]]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "0 bytes"),
        ("a.csv", b"\n\n  \n", "no rows"),
        ("a.csv", b"PK\x03\x04\x00\x00\x01\x02" * 50, "binary"),
        ("a.xlsx", b"hello", "not a spreadsheet"),
        ("a.csv.gz", b"not gzip", "damaged"),
        ("a.csv.gz", gzip.compress(b"Name,City\n" * 5000)[:-40], "damaged"),
        ("a.csv.gz", gzip.compress(b"a," * (70 * 2**20)), "unpacks"),
        ("a.csv", b'Name,City\nA,"open\n' + b"x" * 1_100_000, "quote left open"),
        (
            "a.csv",
            (
                ",".join(f"c{'x' * 3}{chr(97 + i % 26)}{i // 26}z" for i in range(1500)) + "\n1\n"
            ).encode(),
            "columns",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid, match=words):
        for table in tables_of(path):
            _rows(table)


def test_a_bomb_in_a_workbook_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (200 * 2**20))
    with pytest.raises(Invalid, match="unpacks"):
        tables_of(path)


def test_a_file_replaced_while_it_is_read_stops_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,City\n" + "A,B\n" * 9)
    [table] = tables_of(path)
    reading = chunks(table, 3)
    next(reading)
    other = tmp_path / "b.csv"
    other.write_text("Name,City\n" + "C,D\n" * 9)
    other.replace(path)
    with pytest.raises(Invalid, match="replaced or changed"):
        list(reading)


def test_a_workbook_gives_a_table_per_sheet_and_counts_its_formulas(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        deals = book.add_worksheet("Deals")
        for number, row in enumerate(
            [["Name", "Stage", "Amount", "Close"], ["A", "Won", 1234.5, None]]
        ):
            deals.write_row(number, 0, row)
        deals.write_formula("C2", "=1000+234.5", None, 1234.5)
        deals.write_datetime(
            "D2",
            __import__("datetime").datetime(2017, 3, 1),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        book.add_worksheet("Empty")
        reps = book.add_worksheet("Reps")
        reps.write_row(0, 0, ["Name", "Manager"])
        reps.write_row(1, 0, ["Zoé", "Max"])
    tables = tables_of(path)
    assert [t.name for t in tables] == ["book.xlsx · Deals", "book.xlsx · Reps"]
    assert tables[0].formulas == 1
    assert _rows(tables[0]) == [["A", "Won", "1234.5", "2017-03-01"]]


def test_a_folder_names_what_it_leaves(tmp_path: Path) -> None:
    for name in ("deals.csv", "readme.md", ".hidden.csv", "~$deals.xlsx"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    taken, left = files_of(tmp_path)
    assert [p.name for p in taken] == ["deals.csv"]
    assert [p.name for p, _why in left] == ["readme.md"]


def test_a_real_latin_file_of_many_lined_cells_is_read() -> None:
    path = SHARED / "dedupe" / "chicago_sites.csv"
    if not path.exists():
        pytest.skip("the Chicago set is not beside the repository")
    [table] = tables_of(path)
    assert len(_rows(table)) == 3337
