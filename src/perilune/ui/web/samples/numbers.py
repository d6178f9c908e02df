"""Samples of numbers and charts."""

from __future__ import annotations

from dataclasses import replace

from perilune.ui.contracts import (
    Change,
    Chart,
    Column,
    Format,
    Kpi,
    RangeBar,
    Row,
    Sparkline,
    Status,
    Table,
    Tone,
    TrackRecord,
)
from perilune.ui.web.samples.kinds import AT, LONG, WHY, Group, Sample


def numbers() -> list[Group]:
    spark = Sparkline([12, 14, 13, None, 17, 16, 19, 22], "Won by month, rising from 12 to 22", 18)
    won = Kpi(
        "Won",
        298_225_500,
        Format.MONEY,
        "USD",
        changes=[Change(0.12, "vs 2026-Q2"), Change(0.31, "vs 2025-Q3")],
        detail="1,257 deals",
        why_url=WHY,
        spark=spark,
    )
    rate = Kpi(
        "Win rate",
        0.614,
        Format.PERCENT,
        changes=[Change(-0.021, "vs 2025-Q3", Format.POINTS, is_noise=True)],
        why_url=WHY,
    )
    cycle = Kpi(
        "Cycle",
        47,
        Format.NUMBER,
        unit="days",
        changes=[Change(5, "vs 2026-Q2", Format.NUMBER)],
        is_rise_good=False,
        status=Status("watch", Tone.WATCH),
        as_of=AT,
    )
    track = TrackRecord(
        12, 3, 0.094, -0.021, 0.83, hits=[True] * 5 + [False] + [True] * 5 + [False], url=WHY
    )
    bar = RangeBar(
        "2026-Q4 will land between",
        2.61e8,
        2.8e8,
        3.04e8,
        won=1.42e8,
        target=2.9e8,
        call=2.85e8,
        currency="EUR",
        why_url=WHY,
        track=track,
        status=Status("within reach", Tone.GOOD),
    )
    thin = replace(
        bar,
        label=LONG,
        target=None,
        call=None,
        track=TrackRecord(5, 2, 0.2, 0.1, 0.6),
        status=Status("historique court", Tone.WATCH),
    )
    none = RangeBar(
        "2026-Q4",
        None,
        None,
        None,
        won=1.2e8,
        target=2.9e8,
        currency="EUR",
        track=TrackRecord(2, 1),
        status=Status("history only", Tone.WATCH),
    )
    return [
        Group(
            "kpi",
            "One number people act on, with its base.",
            "A list of many numbers: use a table.",
            [
                Sample("rising is good", won),
                Sample("within noise", rate),
                Sample("rising is bad, watch", cycle),
                Sample(
                    "unknown",
                    Kpi("Selling time", None, Format.PERCENT, detail="no activity recorded"),
                ),
                Sample("loading", Kpi("Coverage", None, is_loading=True)),
                Sample(
                    "long words",
                    replace(
                        won,
                        label=LONG,
                        currency="EUR",
                        changes=[Change(0.12, "par rapport au troisième trimestre 2025")],
                    ),
                ),
            ],
        ),
        Group(
            "range_bar",
            "A forecast beside what is won, target and call.",
            "A number without a range: use a kpi.",
            [
                Sample("default", bar),
                Sample("thin history, long words", thin),
                Sample("no range", none),
            ],
        ),
        Group(
            "track_record",
            "Beside every prediction.",
            "Without a back-test: say so in words.",
            [
                Sample("default", track),
                Sample("thin", TrackRecord(6, 2, 0.2, 0.1, 0.6)),
                Sample("too thin", TrackRecord(1, 1)),
            ],
        ),
        Group(
            "sparkline",
            "The course of a number, inside a tile or row.",
            "Where values must be read: use a chart.",
            [
                Sample("with a gap and a target", spark),
                Sample("one point", Sparkline([3], "one point")),
                Sample("empty", Sparkline([], "no data")),
            ],
        ),
        Group(
            "chart",
            "Comparison or course with axes.",
            "Three numbers: use words or a table.",
            [
                Sample("bars by stage", _bars()),
                Sample("lines", _lines()),
            ],
        ),
        Group(
            "status",
            "A state that decides what to do.",
            "Decoration.",
            [
                Sample(
                    tone.value,
                    Status(
                        {
                            "neutral": "open",
                            "good": "on track",
                            "watch": "thin history",
                            "act": "overdue",
                            "machine": "suggested",
                        }[tone.value],
                        tone,
                    ),
                )
                for tone in Tone
            ],
        ),
    ]


def _bars() -> Chart:
    stages, amounts = (
        ["Prospecting", "Qualified", "Proposal", "Negotiation"],
        [81e6, 64e6, 42e6, 23e6],
    )
    options = {
        "legend": {},
        "xAxis": {"type": "category", "data": stages},
        "yAxis": {},
        "series": [
            {
                "name": "Won",
                "type": "bar",
                "stack": "a",
                "data": [0, 12e6, 20e6, 30e6],
                "itemStyle": {"color": "token:won"},
                "barMaxWidth": 48,
            },
            {
                "name": "Open",
                "type": "bar",
                "stack": "a",
                "data": amounts,
                "itemStyle": {"color": "token:open"},
            },
            {
                "name": "Expected",
                "type": "bar",
                "stack": "a",
                "data": [9e6, 8e6, 7e6, 4e6],
                "itemStyle": {"color": "token:expected", "decal": "token:hatch"},
            },
        ],
    }
    table = Table(
        [
            Column("stage", "Stage", is_title=True),
            Column("amount", "Open", Format.MONEY, currency="EUR", decimals=0),
        ],
        [Row(i, pair) for i, pair in enumerate(zip(stages, map(int, amounts), strict=True))],
        "Open amount by stage",
        name="bars-table",
        is_dense=True,
    )
    return Chart(
        "bars",
        "Pipeline by stage",
        options,
        "Half of the pipeline stands before the proposal.",
        Format.MONEY,
        "EUR",
        table=table,
    )


def _lines() -> Chart:
    weeks = [f"W{n}" for n in range(1, 14)]
    options = {
        "legend": {},
        "xAxis": {"type": "category", "data": weeks, "boundaryGap": False},
        "yAxis": {"scale": True},
        "series": [
            {
                "name": "Call",
                "type": "line",
                "showSymbol": False,
                "data": [0.5, 0.5, 0.52, 0.55, 0.54, 0.58, 0.6, 0.61, 0.6, 0.62, 0.64, 0.63, 0.65],
            },
            {
                "name": "Model",
                "type": "line",
                "showSymbol": False,
                "data": [
                    0.56,
                    0.55,
                    0.57,
                    0.58,
                    0.58,
                    0.6,
                    0.61,
                    0.61,
                    0.62,
                    0.63,
                    0.63,
                    0.64,
                    0.64,
                ],
            },
        ],
    }
    return Chart("lines", "Call and model by week", options, format=Format.PERCENT, height="small")
