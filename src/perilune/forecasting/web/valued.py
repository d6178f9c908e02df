"""What calls and overrides were worth, in words and tables."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    CATEGORIES,
    Brier,
    Measured,
    Reliability,
    Rollup,
    UnitKey,
    Worth,
)
from perilune.forecasting.web.meeting import money_in
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Table, Tone


def finding(found: Worth, rolled: Rollup) -> str:
    """Say how the company's calls did beside the model and the naive forecast."""
    own = [one for one in found.named if one.unit == ("total", 0) and one.kind == "call"]
    if not own:
        return ""
    compared = [one for one in own if one.model is not None]
    if not compared:
        return gettext("No call of the company met a model run of the same day.")
    closer = sum((one.added(one.model) or 0) > 0 for one in compared)
    last = compared[-1]
    text = ngettext(
        "The company's call was closer than the model %(closer)s time of %(count)s",
        "The company's call was closer than the model %(closer)s times of %(count)s",
        closer,
    ) % {"closer": closer, "count": len(compared)}
    text += "; " + gettext("the last one missed by %(said)s, the model by %(model)s.") % {
        "said": formats.short_money(last.error, rolled.currency),
        "model": formats.short_money(abs((last.model or 0) - last.actual), rolled.currency),
    }
    return text


def named(found: Worth, rolled: Rollup, names: dict[UnitKey, str]) -> Table:
    """Return each call and override that may be named."""
    money = money_in(rolled.currency)
    better = gettext("Above zero: closer to what came.")
    columns = (
        Column("unit", gettext("Unit"), is_title=True),
        Column("day", gettext("Made on"), Format.DATE),
        Column("author", gettext("Author")),
        Column("figure", gettext("Figure")),
        money("said", gettext("Said")),
        money("actual", gettext("Came")),
        money("error", gettext("Error")),
        money("model", gettext("Model's error")),
        money("naive", gettext("Naive error")),
        money("added", gettext("Added to the model"), better),
        money("over", gettext("Added to the naive"), better),
        money("beside", gettext("Added to the computed"), better),
    )
    rows = [
        Row(
            at,
            (
                names.get(one.unit, ""),
                one.made_on,
                one.author,
                _figure(one),
                one.said,
                one.actual,
                one.error,
                _error(one, one.model),
                _error(one, one.naive),
                _added(one, one.model),
                _added(one, one.naive),
                _added(one, one.computed),
            ),
        )
        for at, one in enumerate(found.named)
    ]
    nothing = Empty(
        gettext("Nothing to measure here"),
        gettext("Calls and overrides that you may see by name stand here once the period is over."),
    )
    note = gettext("A dash: no model run is on record of that day.")
    caption = gettext("What each call and override was worth")
    return Table(
        columns, rows, caption, is_dense=True, name="worth", empty=nothing,
        note=note if rows else "",
    )  # fmt: skip


def _figure(one: Measured) -> str:
    label = gettext(dict(CATEGORIES).get(one.category, one.category))
    if one.kind == "override":
        return gettext("%(category)s, override") % {"category": label}
    return label


def _error(one: Measured, other: int | None) -> int | None:
    return None if other is None else abs(other - one.actual)


def _added(one: Measured, other: int | None) -> Cell:
    added = one.added(other)
    if added is None:
        return Cell(None)
    return Cell(added, tone=Tone.GOOD if added > 0 else Tone.ACT if added < 0 else Tone.NEUTRAL)


def pools(found: Worth) -> Table:
    """Return the calls and overrides of groups."""
    labels = {
        "rep": gettext("Calls of reps"),
        "team": gettext("Calls of teams"),
        "override": gettext("Overrides"),
    }
    columns = (
        Column("kind", gettext("Group"), is_title=True),
        Column("people", gettext("People"), Format.NUMBER),
        Column("figures", gettext("Figures"), Format.NUMBER),
        Column("compared", gettext("With a run of their day"), Format.NUMBER),
        Column("wape", gettext("Error (WAPE)"), Format.PERCENT, unit="%"),
        Column("bias", gettext("Bias"), Format.PERCENT, unit="%"),
        Column("model", gettext("Model's error"), Format.PERCENT, unit="%"),
        Column("naive", gettext("Naive error"), Format.PERCENT, unit="%"),
        Column("closer", gettext("Closer than the model"), Format.PERCENT, unit="%", decimals=0),
    )
    rows = [
        Row(
            kind,
            (
                labels[kind],
                pool.people,
                pool.figures,
                pool.compared,
                pool.wape,
                pool.bias,
                pool.wape_model,
                pool.wape_naive,
                pool.closer,
            ),
        )
        for kind, pool in found.pools
    ]
    return Table(
        columns, rows, gettext("Calls and overrides of groups"), is_dense=True, name="pools",
        note=_withheld(found, labels),
        empty=Empty(gettext("No group of five or more people here")),
    )  # fmt: skip


def _withheld(found: Worth, labels: dict[str, str]) -> str:
    if not found.withheld:
        return ""
    return gettext("Not shown, fewer than five people: %(kinds)s.") % {
        "kinds": ", ".join(labels[kind] for kind in found.withheld)
    }


def reliability(found: Worth, names: dict[UnitKey, str], currency: str) -> Table:
    """Return how much of what stood in commit was won."""
    money = money_in(currency)
    columns = (
        Column("who", gettext("Who"), is_title=True),
        Column("week", gettext("Week"), Format.NUMBER),
        money("committed", gettext("In commit then")),
        money("won", gettext("Won of it")),
        Column("ratio", gettext("Reliability"), Format.PERCENT, unit="%", decimals=0),
    )
    rows = [
        Row(at, (_who(one, names), one.week, one.committed, one.won, one.ratio))
        for at, one in enumerate(found.reliability)
    ]
    return Table(
        columns,
        rows,
        gettext("Of what stood in commit at the end of a week, what was won in the period"),
        is_dense=True,
        name="reliability",
        empty=Empty(
            gettext("Nothing stood in commit"),
            gettext("Or fewer than five people, of whom you may not see single ones."),
        ),
    )


def _who(one: Reliability, names: dict[UnitKey, str]) -> str:
    if one.rep_id is not None:
        return names.get(("rep", one.rep_id)) or f"#{one.rep_id}"
    text = ngettext("%(count)s other person", "%(count)s other people", one.people)
    return text % {"count": one.people}


def contested(own: Brier | None, others: Brier | None) -> list[str]:
    """Say who was closer of contested probabilities: what was shown, or what was said."""
    said = []
    for who, score in ((gettext("Yours"), own), (gettext("Of others"), others)):
        if score is None:
            continue
        text = ngettext(
            "%(who)s: %(count)s contested probability, mean squared error %(shown)s as shown, "
            "%(said)s as said.",
            "%(who)s: %(count)s contested probabilities, mean squared error %(shown)s as shown, "
            "%(said)s as said.",
            score.count,
        )
        said.append(
            text
            % {
                "who": who,
                "count": score.count,
                "shown": formats.number(score.shown, 3),
                "said": formats.number(score.said, 3),
            }
        )
    return said
