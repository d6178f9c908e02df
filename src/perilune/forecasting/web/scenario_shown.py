"""What a scenario does, as the panel on its pages shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import Effect, ScenarioResult
from perilune.forecasting.web import words
from perilune.kernel.ranges import Range
from perilune.planning.contracts import Scenario
from perilune.planning.web.sentences import Speaker
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, RangeBar, Row, Table


def facts(result: ScenarioResult, scenario: Scenario, speaker: Speaker, top: float) -> Any:
    """Return what the template shows of one scenario; top: where every bar of the page ends."""
    edits = {item.id: speaker.tell(item.edit) for item in scenario.assumptions}
    return {
        "name": result.name,
        "sentence": sentence(result),
        "bars": bars(result, top),
        "table": _table(result) if result.teams else None,
        "notes": [words.note(note) for note in result.notes],
        "unapplied": [
            (edits.get(item.assumption_id or 0, ""), words.note(item.why))
            for item in result.unapplied
        ],
    }


def top_of(results: Sequence[ScenarioResult]) -> float:
    """Return the largest amount of any range: bars side by side share one scale."""
    spans = [span for one in results for span in (one.total.base, one.total.scenario) if span]
    return max((span.p90 for span in spans), default=0.0)


def sentence(result: ScenarioResult) -> str:
    """Return the finding: where the period would land, and what the edits change of it."""
    change, after = result.total.delta, result.total.scenario
    if change is None or after is None:
        return ""

    def short(amount: float) -> str:
        return formats.short_money(amount, result.currency)

    said = {
        "period": result.period.name,
        "low": short(after.p10),
        "high": short(after.p90),
        "mean": short(abs(change.mean)),
        "least": short(min(abs(change.p10), abs(change.p90))),
        "most": short(max(abs(change.p10), abs(change.p90))),
        "from": signed(change.p10, result.currency),
        "to": signed(change.p90, result.currency),
    }
    if not _moves(change):
        return (
            gettext("%(period)s would land between %(low)s and %(high)s, as without these edits.")
            % said
        )
    if change.p10 >= 0:
        return (
            gettext(
                "%(period)s would land between %(low)s and %(high)s: %(mean)s more than without "
                "these edits, between %(least)s and %(most)s more."
            )
            % said
        )
    if change.p90 <= 0:
        return (
            gettext(
                "%(period)s would land between %(low)s and %(high)s: %(mean)s less than without "
                "these edits, between %(least)s and %(most)s less."
            )
            % said
        )
    if change.mean >= 0:
        return (
            gettext(
                "%(period)s would land between %(low)s and %(high)s: on average %(mean)s more than "
                "without these edits, with luck from %(from)s to %(to)s."
            )
            % said
        )
    return (
        gettext(
            "%(period)s would land between %(low)s and %(high)s: on average %(mean)s less than "
            "without these edits, with luck from %(from)s to %(to)s."
        )
        % said
    )


def signed(amount: float, currency: str) -> str:
    """Write a difference with its sign."""
    return formats.write_change(amount, Format.MONEY, currency)


def _moves(span: Range) -> bool:
    return any((span.p10, span.p90, span.mean))


def bars(result: ScenarioResult, top: float) -> list[RangeBar]:
    """Return the range without the edits above the one with them, on one scale."""
    named = (
        (gettext("Without the edits"), result.total.base),
        (gettext("With the edits"), result.total.scenario),
    )
    return [
        RangeBar(
            f"{result.period.name} · {label}", span.p10, span.p50, span.p90,
            won=result.won_to_date, currency=result.currency, top=top,
        )
        for label, span in named
        if span is not None
    ]  # fmt: skip


def _table(result: ScenarioResult) -> Table:
    listed = enumerate((result.total, *result.teams))
    rows = [Row(at, _line(effect, result)) for at, effect in listed]
    currency = result.currency

    def money(name: str, label: str) -> Column:
        return Column(name, label, Format.MONEY, currency=currency, decimals=0)

    return Table(
        (
            Column("team", gettext("Team"), is_title=True),
            # first what a narrow screen has room for
            money("delta", gettext("Difference")),
            money("low", gettext("Difference p10")),
            money("high", gettext("Difference p90")),
            money("base", gettext("Without")),
            money("scenario", gettext("With")),
        ),
        rows,
        caption=gettext("By team, on average"),
        note=gettext(
            "Teams that are not listed do not change. Both sides are drawn on the same random "
            "numbers; averages add up, percentiles do not."
        ),
        is_dense=True,
        name=f"scenario-{result.scenario_id}",
    )


def _line(effect: Effect, result: ScenarioResult) -> tuple[object, ...]:
    base, after, change = effect.base, effect.scenario, effect.delta
    return (
        words.label(effect.label, result.scope_label),
        change.mean if change else None,
        change.p10 if change else None,
        change.p90 if change else None,
        base.mean if base else None,
        after.mean if after else None,
    )
