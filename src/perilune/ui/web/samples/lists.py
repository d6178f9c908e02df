"""Samples of tables, filters, fields and boards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from perilune.ui.contracts import (
    Action,
    Board,
    BoardColumn,
    Card,
    Cell,
    Choice,
    Column,
    Empty,
    FieldView,
    Filter,
    FilterBar,
    Format,
    Link,
    Pages,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.web.samples.kinds import EDIT, WHY, Group, Sample


def _deals() -> Table:
    columns = [
        Column("name", "Deal", is_title=True, sort_url="?sort=name"),
        Column("stage", "Stage"),
        Column(
            "amount", "Amount", Format.MONEY, currency="EUR", sort_url="?sort=amount", sorted="desc"
        ),
        Column("win", "Outlook", Format.PERCENT),
        Column("close", "Close date", Format.DATE),
        Column("age", "Age", Format.DAYS),
        Column("next", "Next step", Format.LONG_TEXT),
        Column("state", "State"),
    ]
    rows = [
        Row(
            1,
            [
                "Acme, renewal",
                "Negotiation",
                12_345_600,
                Cell(0.72, why_url=WHY),
                date(2026, 12, 15),
                41,
                Cell("Send the revised offer", edit_url=EDIT),
                Status("on track", Tone.GOOD),
            ],
            url="#1",
        ),
        Row(
            2,
            [
                "Société générale de robinetterie industrielle du Nord",
                "Proposal",
                8_450_000,
                0.4,
                date(2026, 10, 2),
                96,
                None,
                Status("overdue", Tone.ACT),
            ],
            url="#2",
        ),
        Row(
            3,
            [
                "Globex",
                "Qualified",
                Cell(7_210_050, currency="USD", hint="No budget rate for USD"),
                0.35,
                None,
                12,
                "Call",
                Status("no close date", Tone.WATCH),
            ],
            url="#3",
        ),
        Row(
            4,
            [
                "Initech",
                "Prospecting",
                None,
                None,
                date(2027, 1, 31),
                3,
                "Discovery meeting with purchasing and the plant manager",
                "—",
            ],
            url="#4",
        ),
    ]
    return Table(
        columns,
        rows,
        "Open deals",
        totals=[None, None, 20_795_600, None, None, None, None, None],
        total_label="Total of 2 deals in EUR",
        export_urls=[Link("CSV", "#csv"), Link("Excel", "#xlsx")],
        pages=Pages(1, 4, 1257, next_url="?page=2"),
        name="deals",
        note="1 deal is counted apart: no rate for USD.",
        verbs=[
            Action("Change owner", "#owner", "post", icon="user"),
            Action("Delete", "#delete", "post", is_dangerous=True),
        ],
    )


def lists() -> list[Group]:
    deals = _deals()
    tree = Table(
        [
            Column("team", "Team", is_title=True),
            Column("won", "Won", Format.MONEY, currency="EUR", decimals=0),
            Column("call", "Call", Format.MONEY, currency="EUR", decimals=0),
        ],
        [
            Row("n", ["North", 120_000_000, 240_000_000]),
            Row("n1", ["Lille", 70_000_000, 130_000_000], level=1),
            Row("n2", ["Anne Martin", 30_000_000, 60_000_000], level=2),
        ],
        "Roll-up",
        name="tree",
        is_dense=True,
    )
    nothing = Empty(
        "No deals yet",
        "Deals come from an import of the CRM, or are entered here.",
        Action("Import a file", "#import", is_primary=True),
    )
    chips = FilterBar(
        [
            Filter(
                "stage",
                "Stage",
                "choice",
                choices=[Choice("1", "Prospecting", True, 120), Choice("2", "Proposal", count=42)],
                summary="Prospecting",
                clear_url="?",
            ),
            Filter(
                "owner",
                "Owner",
                "one",
                choices=[Choice("7", "Anne Martin"), Choice("8", "Karim Benali")],
            ),
            Filter("from", "Closes from", "date", "2026-10-01", summary="01/10/2026"),
            Filter("least", "Amount from", "number"),
        ],
        query="",
        reset_url="?",
        hidden={"sort": "-amount"},
    )
    board = Board(
        [
            BoardColumn(
                1,
                "Qualified",
                [
                    Card(
                        1,
                        "Acme, renewal",
                        "#1",
                        ["Acme", "Anne Martin"],
                        12_345_600,
                        "EUR",
                        date(2026, 12, 15),
                    ),
                    Card(
                        2,
                        "Globex",
                        "#2",
                        ["Globex"],
                        4_000_000,
                        "EUR",
                        status=Status("silent", Tone.WATCH),
                    ),
                ],
                2,
                16_345_600,
                "EUR",
            ),
            BoardColumn(
                2,
                "Proposition commerciale envoyée",
                [
                    Card(
                        3,
                        "Société générale de robinetterie industrielle",
                        "#3",
                        ["Karim Benali"],
                        8_450_000,
                        "EUR",
                        date(2026, 10, 2),
                        Status("overdue", Tone.ACT),
                    )
                ],
                31,
                98_450_000,
                "EUR",
                "?stage=2",
            ),
            BoardColumn(3, "Negotiation", [], 0, 0, "EUR"),
        ],
        "Deals by stage",
        WHY,
    )
    amount = FieldView(
        "amount", "Amount", 12_345_600, Format.MONEY, "EUR", edit_url=EDIT, history_url=WHY
    )
    return [
        Group(
            "table",
            "Rows to compare and act on.",
            "Two or three facts: use fields.",
            [
                Sample("sorted, totals, selection, edit in place", deals),
                Sample("tree, dense", tree),
                Sample("empty", Table(deals.columns, [], "Open deals", empty=nothing, name="none")),
                Sample(
                    "loading",
                    Table(deals.columns, [], "Open deals", is_loading=True, name="loading"),
                ),
            ],
        ),
        Group(
            "filter_bar",
            "Above a list.",
            "More than seven filters: choose.",
            [Sample("default", chips)],
        ),
        Group(
            "field",
            "A record's facts.",
            "Long forms: use a guide.",
            [
                Sample("read, with history", amount),
                Sample("read, try it", next_step(None, False)),
                Sample("editing", replace(amount, is_editing=True)),
                Sample(
                    "choice, machine-made",
                    FieldView(
                        "industry",
                        "Industry",
                        "soft",
                        choices=[Choice("soft", "Software")],
                        is_machine_made=True,
                        edit_url=EDIT,
                    ),
                ),
                Sample(
                    "in trouble",
                    replace(
                        amount,
                        name="wrong",
                        is_editing=True,
                        raw="12k",
                        problem="«12k» is not an amount such as 12 345,60.",
                    ),
                ),
                Sample(
                    "unknown, long words",
                    FieldView("x", "Chiffre d’affaires récurrent annuel", None),
                ),
            ],
        ),
        Group(
            "board",
            "Deals that move through stages.",
            "Over 200 cards: use the list.",
            [Sample("default", board)],
        ),
    ]


def next_step(posted: str | None, is_editing: bool) -> FieldView:
    """Return the field that the gallery lets one edit; an empty text is refused."""
    value = "Send the revised offer" if posted is None else posted
    problem = "" if value.strip() else "Say what happens next, or cancel."
    return FieldView(
        "next_step",
        "Next step",
        value,
        edit_url=EDIT,
        is_editing=is_editing or bool(problem),
        problem=problem,
    )
