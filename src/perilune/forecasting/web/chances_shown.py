"""How the chances of deals did: the reliability diagram, its bins, its sentence."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts.track import LEAST
from perilune.insights.contracts import DealReliability
from perilune.ui import formats
from perilune.ui.contracts import Chart, Column, Empty, Format, Row, Status, Table, Tone


def diagram(found: DealReliability) -> Chart | None:
    """Return the reliability diagram: what was said of deals against the share that was won."""
    bins = [one for one in found.score.bins if one.count >= LEAST]
    if not bins:
        return None
    top = max(max(one.chance, one.share) for one in bins)
    edge = min(round(top + 0.1, 1), 1.0)
    options = {
        "grid": {"right": 24},
        "legend": {"data": [gettext("Past chances"), gettext("If every chance held")]},
        "xAxis": {"type": "value", "min": 0, "max": edge},
        "yAxis": {"type": "value", "min": 0, "max": edge},
        "series": [
            {"name": gettext("If every chance held"), "type": "line", "showSymbol": False,
             "data": [[0, 0], [edge, edge]], "silent": True,
             "lineStyle": {"type": "dashed", "color": "token:ink-3"},
             "itemStyle": {"color": "token:ink-3"}},
            {"name": gettext("Past chances"), "type": "line", "symbol": "circle", "symbolSize": 8,
             "data": [[round(one.chance, 4), round(one.share, 4)] for one in bins],
             "itemStyle": {"color": "token:cat-1"}, "lineStyle": {"color": "token:cat-1"}},
        ],
        "tooltip": {"trigger": "item"},
    }  # fmt: skip
    return Chart(
        "reliability",
        gettext("Chances of deals against the share that was won"),
        options,
        sentence=gettext(
            "Across: the chance that was said. Up: the share that was won. On the dashed line "
            "chances hold; below it they promise too much."
        ),
        format=Format.PERCENT,
        height="large",
    )


def bins(found: DealReliability) -> Table:
    """Return the bins of the diagram with their counts."""
    has_few = any(one.count < LEAST for one in found.score.bins)
    columns = (
        Column("chance", gettext("Chances said"), is_title=True),
        Column("mean", gettext("Mean chance"), Format.PERCENT, unit="%", decimals=1),
        Column("share", gettext("Share won"), Format.PERCENT, unit="%", decimals=1),
        Column("won", gettext("Won"), Format.NUMBER),
        Column("count", gettext("Chances"), Format.NUMBER),
        *((Column("note", gettext("Remark")),) if has_few else ()),
    )
    rows = []
    for at, one in enumerate(found.score.bins):
        is_few = one.count < LEAST
        spans = {"low": formats.percent(one.low, 0), "high": formats.percent(one.high, 0)}
        remark = Status(gettext("fewer than eight"), Tone.WATCH) if is_few else None
        cells = (
            gettext("%(low)s to %(high)s") % spans,
            one.chance,
            None if is_few else one.share,
            one.won,
            one.count,
            *((remark,) if has_few else ()),
        )
        rows.append(Row(at, cells))
    return Table(
        columns,
        rows,
        gettext("Past chances of deals by size"),
        is_dense=True,
        name="bins",
        empty=Empty(gettext("No chance is scored yet")),
    )


def told(found: DealReliability) -> str:
    """Say how the chances of deals did, in one paragraph."""
    score = found.score
    facts: dict[str, Any] = {
        "count": formats.number(score.count, 0),
        "deals": formats.number(found.deals, 0),
        "weeks": len(found.days),
        "window": found.window,
        "least": LEAST,
    }
    if score.log_loss is None or score.ece is None or score.plain_log_loss is None:
        return (
            gettext(
                "No skill, no claim: %(count)s chances are scored; figures are told from %(least)s "
                "on."
            )
            % facts
        )
    facts |= {
        "loss": formats.number(score.log_loss, 3),
        "plain": formats.number(score.plain_log_loss, 3),
        "ece": formats.percent(score.ece, 1),
    }
    return (
        gettext(
            "%(count)s chances of %(deals)s deals to be won within %(window)s days, said on "
            "%(weeks)s weekly days whose window is over. Log-loss %(loss)s, against %(plain)s for "
            "one chance for all; mean distance from what came (ECE) %(ece)s."
        )
        % facts
    )
