"""Files of data quality: the rows that break a rule, and the scores of rules and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, pgettext

from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import GroupScore, Overview, QualityRule
from perilune.hub.queries.quality import said
from perilune.hub.queries.quality.rows import EXPORTED, RowsPage
from perilune.hub.web.quality_shown import group_label
from perilune.hub.web.words import value_format
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Format
from perilune.ui.export import Export
from perilune.ui.filters import scope_label


def group_names() -> dict[str, str]:
    """Return what records are grouped by, with its label."""
    return {
        "owner": gettext("Owner"),
        "team": gettext("Team"),
        "source": gettext("Source of the data"),
    }


def scores_file(
    request: PageRequest,
    by_rules: str,
    found: Overview,
    groups: Mapping[str, Sequence[GroupScore]],
) -> Export:
    """Return the scores of rules and groups, a line each; of too few people no figure."""
    columns = (
        Column("of", gettext("Score of")),
        Column("name", gettext("Name")),
        Column("checked", gettext("Checks"), Format.NUMBER, decimals=0),
        Column("broken", gettext("To mend"), Format.NUMBER, decimals=0),
        Column("share", pgettext("quality", "Pass"), Format.PERCENT),
        Column("weight", gettext("Weight"), Format.NUMBER, decimals=0),
    )
    rows: list[tuple[Any, ...]] = []
    for one in found.rules:
        score = one.score
        counts = (score.checked, score.broken, score.share, one.rule.weight)
        rows.append((gettext("Rule"), said.sentence(one.rule), *counts))
    for name, label in group_names().items():
        for group in groups[name]:
            score = group.score
            shown = (score.checked, score.broken, score.share)
            told = (None, None, None) if group.is_withheld else shown
            rows.append((label, group_label(group, name), *told, None))
    facts = (
        (gettext("Scope"), scope_label(request.scope)),
        (gettext("As of"), formats.day(request.as_of.day)),
        (gettext("Rules"), by_rules),
    )
    return Export("quality", columns, rows, facts=facts, title=gettext("Data quality"))


def rows_file(request: PageRequest, rule: QualityRule, found: RowsPage) -> Export:
    """Return the rows that break a rule as a file."""
    item = next(one for one in all_fields(rule.kind) if one.name == rule.field)
    columns = (
        Column("id", gettext("Id")),
        Column("title", said.kind_label(rule.kind, plural=False)),
        Column("value", said.label_of(item), value_format(item)),
        Column("owner", gettext("Owner")),
        Column("until", gettext("Put off until"), Format.DATE),
        Column("reason", gettext("Reason")),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for one in found.rows:
            off = one.snoozed
            yield (
                str(one.id), one.title, Cell(one.value, currency=one.currency), one.owner,
                off.until if off else None, off.reason if off else "",
            )  # fmt: skip

    facts = (
        (gettext("Rule"), said.sentence(rule)),
        (gettext("Version"), str(rule.version)),
        (gettext("As of"), formats.day(request.as_of.day)),
        (gettext("Records"), formats.number(found.count, 0)),
        (gettext("At most"), formats.number(EXPORTED, 0)),
    )
    return Export(f"quality-{rule.key}", columns, rows(), facts=facts, title=rule.key)
