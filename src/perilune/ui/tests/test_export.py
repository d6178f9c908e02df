"""What leaves as a spreadsheet: nothing runs, nothing is lost."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from perilune.ui import export
from perilune.ui.contracts import Cell, Column, Format, Status

STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = [
    Column("name", "Deal"),
    Column("amount", "Amount", Format.MONEY, currency="EUR"),
    Column("close", "Close date", Format.DATE),
    Column("win", "Outlook", Format.PERCENT),
]
texts = st.text(max_size=40) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", " ", "'", "\u00a0"]),
    st.sampled_from(STARTS),
    st.text(max_size=10),
)  # fmt: skip
printable = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40)
risky = st.builds("{}{}".format, st.sampled_from(["=", "+", "-", "@"]), printable)


def rows_of(text, delimiter=","):
    return list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    )


def csv_of(rows, language="en", facts=(), columns=COLUMNS):
    return "".join(export.csv_lines(export.Export("deals", columns, rows, facts), language))


@given(texts)
def test_a_text_cell_never_starts_with_a_formula_character(text):
    shown = export.neutralise(text)
    assert not shown.startswith(STARTS)
    assert not shown.lstrip(" \u00a0\u202f").startswith(STARTS)


@given(texts)
def test_neutralising_can_be_undone_exactly(text):
    assert export.restore(export.neutralise(text)) == text


@given(st.lists(st.tuples(texts.filter(lambda t: "\0" not in t), st.integers(-(10**12), 10**12))))
def test_a_csv_reads_back_what_was_written(rows):
    lines = rows_of(csv_of([(name, amount, None, None) for name, amount in rows]))
    assert lines[0] == ["Deal", "Amount (EUR)", "Close date", "Outlook"]
    for (name, amount), line in zip(rows, lines[1:], strict=True):
        assert export.restore(line[0]) == name
        assert Decimal(line[1]) == Decimal(amount) / 100


def test_negative_amounts_stay_numbers():
    assert rows_of(csv_of([("Credit", -12_345, None, -0.02)]))[1] == [
        "Credit",
        "-123.45",
        "",
        "-0.02",
    ]


def test_french_has_semicolons_and_decimal_commas():
    line = rows_of(csv_of([("Acme", 123_456, date(2026, 12, 31), 0.5)], "fr"), ";")[1]
    assert line == ["Acme", "1234,56", "2026-12-31", "0,5"]


def test_excel_knows_the_file_is_utf_8():
    export_ = export.Export("prévision", COLUMNS, [("Société", 1, None, None)])
    answer = export.csv_response(export_, "fr")
    content = b"".join(answer)
    assert content.startswith(b"\xef\xbb\xbf")
    assert "Société" in content.decode("utf-8-sig")
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''pr%C3%A9vision.csv"


def test_the_last_lines_say_what_was_asked():
    lines = rows_of(csv_of([], facts=[("Scope", "Company"), ("As of", "2026-09-30")]))
    assert lines[-2:] == [["# Scope: Company"], ["# As of: 2026-09-30"]]


def test_cells_and_statuses_give_their_value():
    row = [Status("on track"), Cell(7_210_050, currency="JPY"), None, Cell(0.5, url="/x")]
    assert rows_of(csv_of([row]))[1] == ["on track", "7210050", "", "0.5"]


def sheets_of(export_):
    file = io.BytesIO()
    export.write_xlsx(export_, file)
    file.seek(0)
    book = CalamineWorkbook.from_filelike(file)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}, file


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(printable | risky, st.integers(-(10**12), 10**12), st.dates(date(1900, 3, 1))),
        max_size=5,
    )
)
def test_an_excel_file_reads_back_the_same_values(rows):
    given_rows = [(name, amount, day, 0.614) for name, amount, day in rows]
    sheets, _ = sheets_of(export.Export("deals", COLUMNS, given_rows))
    lines = next(iter(sheets.values()))
    assert lines[0] == ["Deal", "Amount (EUR)", "Close date", "Outlook"]
    for (name, amount, day), line in zip(rows, lines[1:], strict=True):
        assert line[0] == name
        assert round(line[1] * 100) == amount
        assert (line[2].date() if isinstance(line[2], datetime) else line[2]) == day
        assert line[3] == 0.614


def test_a_formula_is_kept_as_a_quoted_text_in_excel():
    import zipfile

    sheets, file = sheets_of(export.Export("x", COLUMNS[:1], [["=1+1"], ["+33 1 23"]]))
    assert [line[0] for line in next(iter(sheets.values()))[1:]] == ["=1+1", "+33 1 23"]
    with zipfile.ZipFile(file) as packed:
        sheet, styles = packed.read("xl/worksheets/sheet1.xml"), packed.read("xl/styles.xml")
    assert b"<f>" not in sheet
    assert b'quotePrefix="1"' in styles


def test_what_excel_cannot_hold_is_written_as_text():
    columns = [Column("a", "A"), Column("b", "B", Format.NUMBER), Column("c", "C", Format.DATE)]
    row = ["x" * 40_000, 2**60 + 1, date(1789, 7, 14)]
    sheets, _ = sheets_of(export.Export("x", columns, [row]))
    cut, large, early = next(iter(sheets.values()))[1]
    assert len(cut) == 32_767 and cut.endswith("…")
    assert (large, early) == (str(2**60 + 1), "1789-07-14")


def test_the_excel_file_says_what_was_asked_on_its_own_sheet():
    at = datetime(2026, 9, 30, 16, 5, tzinfo=UTC)
    with override("fr"):
        sheets, _ = sheets_of(
            export.Export(
                "x",
                [Column("t", "Instant", Format.INSTANT)],
                [[at]],
                [("Périmètre", "Entreprise")],
            )
        )  # fmt: skip
    assert sheets["À propos"] == [["Périmètre", "Entreprise"]]
    assert next(iter(sheets.values()))[1][0] == datetime(2026, 9, 30, 16, 5)


def test_a_sheet_is_named_after_its_page_as_excel_takes_it():
    rows = [["Acme"]]
    named = export.Export("Affaires 2026-11-25", COLUMNS[:1], rows, title="Affaires: [à risque]")
    assert list(sheets_of(named)[0]) == ["Affaires   à risque"]
    long = export.Export("Prévisions de l'entreprise par équipe 2026", COLUMNS[:1], rows)
    assert list(sheets_of(long)[0]) == ["Prévisions de l'entreprise par"]
