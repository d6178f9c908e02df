"""The bridge as a waterfall: from the opening, reason by reason, to the closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import COMPONENT_LABELS, BridgeRow
from perilune.ui import formats
from perilune.ui.contracts import Chart, Format

_SCROLL = 0.5
"""Where every bar ends beyond this share of the largest, the axis starts later."""
_STEPS = (1, 2, 5)


def waterfall(row: BridgeRow, currency: str, links: Mapping[str, str]) -> Chart | None:
    """Return the waterfall of a row; None where there is nothing to draw.

    links: the address behind each component's value.
    """
    if not row.lines and row.opening == row.closing == 0:
        return None
    labels = {line.component: gettext(COMPONENT_LABELS[line.component]) for line in row.lines}
    return drawn(
        "bridge",
        gettext("Bridge of the pipeline"),
        ((gettext("Opening"), row.opening), (gettext("Closing"), row.closing)),
        [(labels[line.component], line.value) for line in row.lines],
        currency,
        links={label: links[each] for each, label in labels.items() if each in links},
    )


def drawn(
    name: str,
    title: str,
    ends: tuple[tuple[str, int], tuple[str, int]],
    steps: Sequence[tuple[str, int]],
    currency: str,
    *,
    links: Mapping[str, str] | None = None,
) -> Chart:
    """Return a waterfall from one end to the other.

    ends: the first and the last bar, by label and amount; steps: what lies between, which sums.
    """
    bars = [(ends[0][0], 0, ends[0][1], "token:open")]
    level = ends[0][1]
    for label, value in steps:
        colour = "token:good" if value >= 0 else "token:act"
        bars.append((label, level, level + value, colour))
        level += value
    bars.append((ends[1][0], 0, ends[1][1], "token:open"))
    start = _axis_start([edge for _, low, high, _ in bars for edge in (low, high)][1:-2])
    names = [label for label, *_ in bars]
    sentence = gettext("Green adds, red takes away; the parts sum exactly.")
    if start:
        sentence += " " + gettext("The axis starts at %(amount)s.") % {
            "amount": formats.short_money(start, currency)
        }
    return Chart(
        name,
        title,
        {
            "grid": {"right": 76},
            "tooltip": {"show": False},
            "xAxis": {"type": "value", "min": start, "splitNumber": 4},
            "yAxis": {"type": "category", "data": names, "inverse": True},
            "series": [
                _hidden([max(min(low, high), start) for _, low, high, _ in bars]),
                _shown(bars, start, currency),
            ],
        },
        sentence=sentence,
        format=Format.MONEY,
        currency=currency,
        height="large",
        links=dict(links or {}),
    )


def _hidden(data: list[int]) -> dict[str, Any]:
    return {
        "type": "bar",
        "stack": "bridge",
        "data": data,
        "silent": True,
        "itemStyle": {"opacity": 0},
    }


def _shown(bars: list[tuple[str, int, int, str]], start: int, currency: str) -> dict[str, Any]:
    data = []
    for number, (_, low, high, colour) in enumerate(bars):
        is_end = number in (0, len(bars) - 1)
        value = high if is_end else high - low
        text = formats.short_money(value, currency)
        label = {
            "show": True,
            "position": "right",
            "formatter": text if is_end or value < 0 else f"+{text}",
            "color": "token:ink-2",
        }
        size = max(low, high) - max(min(low, high), start)
        data.append({"value": size, "itemStyle": {"color": colour}, "label": label})
    return {"type": "bar", "stack": "bridge", "barMaxWidth": 18, "data": data}


def _axis_start(edges: list[int]) -> int:
    """Return where the axis starts: later than zero where else the reasons would be slivers."""
    low, high = min(edges), max(edges)
    if low <= high * _SCROLL:
        return 0
    room = low - (high - low) * 0.25
    unit = 10 ** max(len(str(int(high - low or high))) - 1, 0)
    return max(int(room // unit * unit), 0)
