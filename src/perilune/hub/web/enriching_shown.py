"""Words, tables and forms of the pages of enrichment and of typing avoided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.history.queries import all_fields
from perilune.hub.contracts.enriching import (
    FORM_LABELS,
    POLICY_LABELS,
    Policy,
    ProviderInfo,
    ServiceSettings,
)
from perilune.hub.contracts.typing import (
    BASIS_LABELS,
    CAUSE_LABELS,
    TYPE_LABELS,
    Basis,
    Seconds,
    TypingReport,
)
from perilune.hub.queries.enriching import readable
from perilune.hub.web.words import kind_label
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Format, Kpi, Link, Row, Table
from perilune.ui.export import Export


def providers_table(found: Sequence[ProviderInfo]) -> Table:
    """Return the providers that are kept."""
    rows = [
        Row(
            one.id,
            (
                one.name, gettext(FORM_LABELS[one.form]), kind_label(one.kind), one.asked_at,
                one.counts.get("asked"), one.counts.get("answered"), one.waiting,
            ),
            url=reverse("hub:provider", args=[one.name]),
        )
        for one in found
    ]  # fmt: skip
    return Table(
        caption=gettext("Providers"),
        columns=(
            Column("name", gettext("Provider"), is_title=True),
            Column("form", gettext("How it is asked")),
            Column("kind", gettext("Records")),
            Column("at", gettext("Last asked"), Format.INSTANT),
            Column("asked", gettext("Asked about"), Format.NUMBER, decimals=0),
            Column("answered", gettext("Answered"), Format.NUMBER, decimals=0),
            Column("waiting", gettext("Waiting"), Format.NUMBER, decimals=0),
        ),
        rows=rows,
        empty=Empty(
            gettext("Nobody is asked yet"),
            gettext("Give the file of a register or a list below, or connect an HTTP service."),
        ),
        name="providers",
    )


def policies(info: ProviderInfo) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Return the fields that a provider may speak of, each with its policies to choose from."""
    labels = {item.name: item.label for item in all_fields(info.kind)}
    return [
        (
            name, gettext(labels[name]),
            [
                (policy.value, gettext(label), policy is info.policies.get(name, Policy.FILL))
                for policy, label in POLICY_LABELS.items()
            ],
        )
        for name in readable(info.kind)
    ]  # fmt: skip


def read_policies(told: QueryDict, info: ProviderInfo) -> dict[str, Policy]:
    """Return the policies of a form; what is only filled is not kept."""
    found: dict[str, Policy] = {}
    for name in readable(info.kind):
        try:
            policy = Policy(told.get(f"policy-{name}", Policy.FILL.value))
        except ValueError:
            raise Invalid(_("There is no such rule.")) from None
        if policy is not Policy.FILL:
            found[name] = policy
    return found


def service_text(settings: ServiceSettings | None) -> str:
    """Return the fields of a service as a form writes them: one a line, «field = path»."""
    fields = settings.fields if settings else {}
    return "\n".join(f"{name} = {path}" for name, path in fields.items())


def read_service(told: QueryDict) -> tuple[ServiceSettings, dict[str, str] | None]:
    """Return the settings of a form, and its headers: None where none was typed."""
    headers = dict(_pairs(told.get("headers", ""), ":"))
    settings = ServiceSettings(
        told.get("address", "").strip(), dict(_pairs(told.get("fields", ""), "=")),
        told.get("dated", "").strip(), _number(told.get("timeout", ""), 10.0),
        int(_number(told.get("budget", ""), 1_000)),
    )  # fmt: skip
    return settings, headers or None


def _pairs(text: str, sign: str) -> Iterator[tuple[str, str]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        name, found, value = line.partition(sign)
        if not found or not name.strip() or not value.strip():
            raise Invalid(_("Write one a line, such as %(example)s."), example=f"name {sign} value")
        yield name.strip(), value.strip()


def _number(text: str, default: float) -> float:
    plain = text.strip().replace(",", ".")
    if not plain:
        return default
    try:
        return float(plain)
    except ValueError:
        raise Invalid(_("“%(text)s” is not a number."), text=text) from None


# -- typing avoided --------------------------------------------------------------------------------


def typing_finding(report: TypingReport) -> str:
    """Return the sentence of the page."""
    if not report.fields:
        return gettext("No machine has filled a field that somebody would have typed yet.")
    return ngettext(
        "%(n)s field that nobody had to type since %(day)s: about %(hours)s hours.",
        "%(n)s fields that nobody had to type since %(day)s: about %(hours)s hours.",
        report.fields,
    ) % {
        "n": formats.number(report.fields, 0), "day": formats.day(report.since),
        "hours": formats.number(report.hours, 1),
    }  # fmt: skip


def typing_kpis(report: TypingReport) -> list[Kpi]:
    """Return hours by cause."""
    sums: defaultdict[str, float] = defaultdict(float)
    for line in report.lines:
        sums[line.cause] += line.seconds / 3600
    return [
        Kpi(gettext(label), sums[cause], Format.NUMBER, unit=gettext("h"), decimals=1)
        for cause, label in CAUSE_LABELS.items()
    ]


def typing_table(report: TypingReport) -> Table:
    """Return fields and hours by month and team."""
    sums: defaultdict[tuple[Any, str], list[float]] = defaultdict(lambda: [0, 0.0])
    for line in report.lines:
        of = sums[line.month, line.team]
        of[0], of[1] = of[0] + line.fields, of[1] + line.seconds / 3600
    rows = [
        Row(f"{month}-{team}", (formats.month(month), team or gettext("no team"), int(n), hours))
        for (month, team), (n, hours) in sorted(sums.items(), reverse=True)
    ]
    return Table(
        caption=gettext("By month and team"),
        columns=(
            Column("month", gettext("Month")),
            Column("team", gettext("Team of the owner")),
            Column("fields", gettext("Fields"), Format.NUMBER, decimals=0),
            Column("hours", gettext("Hours"), Format.NUMBER, decimals=1),
        ),
        rows=rows,
        totals=(None, None, report.fields, report.hours) if rows else (),
        total_label=gettext("All"),
        export_urls=tuple(
            Link(label, reverse("hub:typing_export", args=[form]))
            for form, label in (("csv", "CSV"), ("xlsx", "Excel"))
        ),
        empty=Empty(
            gettext("Nothing yet"),
            gettext("Imports after the first of a source, repairs and enrichment count here."),
        ),
        name="typing",
    )


def seconds_table(report: TypingReport) -> Table:
    """Return what typing takes by type of field, and where that comes from."""
    rows = [
        Row(type_.value, (gettext(TYPE_LABELS[type_]), one.seconds, _basis(one)))
        for type_, one in report.by_type.items()
    ]
    return Table(
        caption=gettext("Seconds of typing"),
        columns=(
            Column("type", gettext("Type of field"), is_title=True),
            Column("seconds", gettext("Seconds"), Format.NUMBER, decimals=1),
            Column("basis", gettext("Where from")),
        ),
        rows=rows,
        is_dense=True,
        name="seconds",
    )


def _basis(one: Seconds) -> str:
    text = gettext(BASIS_LABELS[one.basis])
    return f"{text} ({formats.number(one.edits, 0)})" if one.basis is Basis.LEARNT else text


def seconds_inputs(report: TypingReport) -> list[tuple[str, str, str, str]]:
    """Return the form of seconds: (type, label, what is set, what holds without)."""
    return [
        (
            type_.value, gettext(TYPE_LABELS[type_]),
            f"{one.seconds:g}" if one.basis is Basis.SET else "", formats.number(one.seconds, 1),
        )
        for type_, one in report.by_type.items()
    ]  # fmt: skip


def read_seconds(told: QueryDict) -> dict[str, float]:
    """Return the seconds of a form; a field left empty is not set."""
    return {
        type_.value: _number(told.get(type_.value, ""), 0)
        for type_ in FieldType
        if told.get(type_.value, "").strip()
    }


def typing_export(report: TypingReport) -> Export:
    """Return every line as a file."""
    columns = (
        Column("month", gettext("Month"), Format.DATE),
        Column("team", gettext("Team of the owner")),
        Column("cause", gettext("Filled by")),
        Column("kind", gettext("Records")),
        Column("field", gettext("Field")),
        Column("fields", gettext("Fields"), Format.NUMBER, decimals=0),
        Column("hours", gettext("Hours"), Format.NUMBER, decimals=2),
    )
    labels = {kind.name: {one.name: one.label for one in all_fields(kind.name)} for kind in KINDS}

    def rows() -> Iterator[tuple[Any, ...]]:
        for line in report.lines:
            yield (line.month, line.team, gettext(CAUSE_LABELS[line.cause]), kind_label(line.kind),
                   gettext(labels[line.kind][line.field]), line.fields,
                   line.seconds / 3600)  # fmt: skip

    return Export("typing-avoided", columns, rows())
