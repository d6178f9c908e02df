"""Samples of what is told about a record or a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from perilune.ui.contracts import (
    Action,
    Column,
    Contribution,
    Diff,
    DiffRow,
    Explanation,
    Fact,
    Format,
    Link,
    PageHeader,
    Row,
    Status,
    Tab,
    Table,
    Timeline,
    TimelineEvent,
    Tone,
)
from perilune.ui.web.samples.kinds import AT, Group, Sample


def telling() -> list[Group]:
    changes = [
        DiffRow("Stage", "Proposal", "Negotiation"),
        DiffRow("Amount", 8_000_000, 8_450_000, Format.MONEY, "EUR"),
        DiffRow("Close date", None, date(2026, 10, 2), Format.DATE),
    ]
    header = PageHeader(
        "Fourth quarter",
        "Q4 is likely to land between 2.6 and 3.0 M€; target 2.9 M€.",
        [Action("Submit call", "#", is_primary=True), Action("Export", "#", icon="download")],
        [Tab("Range", "#", True), Tab("Risks", "#", count=12), Tab("Changes since last week", "#")],
        Link("Forecast", "#"),
        [Status("thin history", Tone.WATCH)],
        True,
    )
    events = [
        TimelineEvent(
            AT,
            "Stage and amount changed",
            "Anne Martin",
            "edited here",
            changes=changes[:2],
            icon="pencil",
        ),
        TimelineEvent(
            AT.replace(day=12),
            "Call with purchasing",
            "Karim Benali",
            detail="They ask for a second reference.",
            icon="phone",
            url="#",
        ),
        TimelineEvent(
            AT.replace(day=2),
            "Close date pushed for the third time",
            "import of 2 September",
            tone=Tone.WATCH,
            icon="triangle-alert",
        ),
    ]
    return [
        Group("page_header", "On every page.", "Never twice.", [Sample("default", header)]),
        Group(
            "diff",
            "Before something is written.",
            "Long texts: show both.",
            [
                Sample("default", Diff(changes, "3 fields change")),
                Sample("creation", Diff(changes[:2], "New record", True)),
            ],
        ),
        Group(
            "timeline",
            "What happened to a record.",
            "Numbers over time: use a chart.",
            [Sample("default", Timeline(events, "#")), Sample("empty", Timeline([]))],
        ),
        Group(
            "explain",
            "The drawer behind a number.",
            "On the page itself.",
            [
                Sample("default", explanation()),
                Sample(
                    "rows withheld",
                    replace(
                        explanation(),
                        stopped="You may see this total, not its rows.",
                        sql="",
                        contributions=(),
                    ),
                ),
            ],
        ),
    ]


def explanation() -> Explanation:
    """Return the three depths of a sample figure."""
    return Explanation(
        "Won in 2026-Q3",
        "Acme and Globex make a third of what was won; 62 % came from new business.",
        298_225_500,
        Format.MONEY,
        "USD",
        contributions=[
            Contribution("New business", 185_000_000, "#", 0.62),
            Contribution("Expansion", 123_225_500, "#", 0.41),
            Contribution("Reversals", -10_000_000, "#", -0.03),
        ],
        definition="Amount of the opportunities won whose close date lies in the period, "
        "at the budget rate of that date.",
        facts=[
            Fact("Scope", "Company"),
            Fact("As of", AT, Format.INSTANT),
            Fact("Deals", 1257, Format.NUMBER),
            Fact("Data version", 412, Format.NUMBER),
        ],
        sql="select sum(value) as won_amount, count(*) as n\nfrom deal\n"
        "where meaning = 'won'\n  and closed_date between :starts and :ends",
        parameters={"starts": "2026-07-01", "ends": "2026-09-30"},
        rows=Table(
            [
                Column("name", "Deal", is_title=True),
                Column("value", "Value", Format.MONEY, currency="USD"),
            ],
            [Row(1, ["Acme", 61_000_000], url="#1"), Row(2, ["Globex", 40_000_000], url="#2")],
            "Largest deals",
            name="explain-rows",
            is_dense=True,
        ),
        rows_url="#rows",
    )
