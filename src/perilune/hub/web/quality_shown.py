"""Tables, figures and charts of data quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import (
    VERDICT_LABELS,
    BrokenRow,
    GroupScore,
    Overview,
    QualityException,
    QualityRule,
    RuleScore,
    Score,
    Verdict,
)
from perilune.hub.queries.quality import said
from perilune.hub.queries.quality.rows import PAGE, RowsPage
from perilune.hub.web.words import value_format
from perilune.kernel.kinds import Field, FieldType
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Chart,
    Column,
    Empty,
    Format,
    Kpi,
    Link,
    Pages,
    Row,
    Status,
    Tab,
    Table,
    Tone,
)

_GOOD, _WATCH = 0.98, 0.9


def tabs(current: str) -> list[Tab]:
    """Return the pages of data quality."""
    pages = (
        ("quality", pgettext("quality", "Score and rules")),
        ("quality_mend", gettext("To mend")),
        ("quality_implied", gettext("Implied fields")),
    )
    return [Tab(label, reverse(f"hub:{name}"), name == current) for name, label in pages]


def tone_of(score: Score) -> Tone:
    """Return what a score means; nothing where nothing was checked."""
    if score.share is None:
        return Tone.NEUTRAL
    return Tone.GOOD if score.share >= _GOOD else Tone.WATCH if score.share >= _WATCH else Tone.ACT


def finding(found: Overview) -> str:
    """Return the sentence of the overview."""
    if found.score.share is None:
        return gettext("No record is there that a rule could be asked of.")
    worst = found.rules[0]
    text = share_said(found)
    if not worst.score.broken:
        return f"{text} {gettext('Nothing is to mend.')}"
    return (
        text
        + " "
        + ngettext(
            "Most weight lies on one rule with %(n)s record: %(rule)s",
            "Most weight lies on one rule with %(n)s records: %(rule)s",
            worst.score.broken,
        )
        % {"n": formats.number(worst.score.broken, 0), "rule": said.title(worst.rule)}
    )


def share_said(found: Overview) -> str:
    """Return the score in a sentence."""
    return gettext("%(share)s of all checks pass, by weight.") % {
        "share": formats.percent(found.score.share)
    }


def kpis(found: Overview, query: str) -> list[Kpi]:
    """Return the figures of the overview; each answers for itself."""
    why = reverse("hub:quality_why") + query
    broken = ngettext("%(n)s check failed", "%(n)s checks failed", found.score.broken) % {
        "n": formats.number(found.score.broken, 0)
    }
    return [
        Kpi(gettext("Data quality"), found.score.share, Format.PERCENT, decimals=1, why_url=why,
            detail=broken),
        Kpi(gettext("Records judged"), found.records, decimals=0, is_rise_good=None),
        Kpi(gettext("Records with something to mend"), found.with_breaks, decimals=0,
            is_rise_good=False,
            detail=_share_of(found.with_breaks, found.records)),
        Kpi(gettext("Rules in force"), len(found.rules), decimals=0, is_rise_good=None),
    ]  # fmt: skip


def rule_kpis(one: RuleScore, query: str) -> list[Kpi]:
    """Return the figures of one rule."""
    why = reverse("hub:quality_why") + query
    return [
        Kpi(gettext("Share that passes"), one.score.share, Format.PERCENT, decimals=1, why_url=why),
        Kpi(gettext("Records asked"), one.score.checked, decimals=0, is_rise_good=None),
        Kpi(gettext("Records to mend"), one.score.broken, decimals=0, is_rise_good=False),
        Kpi(gettext("Accepted as they are"), one.accepted, decimals=0, is_rise_good=None),
        Kpi(gettext("Weight"), one.rule.weight, decimals=0, is_rise_good=None),
    ]


def _share_of(part: int, whole: int) -> str:
    return formats.percent(part / whole) if whole else ""


def rules_table(found: Overview, exports: Sequence[Link] = ()) -> Table:
    """Return every rule with what it found, what weighs most first."""
    rows = [
        Row(
            one.rule.key,
            (
                Cell(one.rule.name or said.demanded(one.rule), hint=said.sentence(one.rule)),
                said.kind_label(one.rule.kind), said.check_label(one.rule),
                one.score.checked, one.score.broken, one.score.share, one.accepted or None,
                one.rule.weight, _state(one.score, is_unused=one.is_unused),
            ),
            url=reverse("hub:quality_rule", args=[one.rule.key]),
        )
        for one in found.rules
    ]  # fmt: skip
    return Table(
        (
            Column("rule", gettext("Rule"), Format.LONG_TEXT, is_title=True),
            Column("kind", gettext("Records"), is_minor=True),
            Column("check", pgettext("quality", "Family"), is_minor=True),
            Column("checked", gettext("Asked of"), Format.NUMBER, decimals=0, is_minor=True),
            Column("broken", gettext("To mend"), Format.NUMBER, decimals=0),
            Column("share", pgettext("quality", "Pass"), Format.PERCENT),
            Column("accepted", gettext("Accepted"), Format.NUMBER, decimals=0, is_minor=True),
            Column("weight", gettext("Weight"), Format.NUMBER, decimals=0, is_minor=True),
            Column("state", gettext("State"), is_minor=True),
        ),
        rows,
        gettext("Rules"),
        is_dense=True,
        name="quality-rules",
        export_urls=exports,
        empty=Empty(gettext("No rule applies"), gettext("Make one, or let a stopped one apply.")),
    )


def _state(score: Score, *, is_unused: bool) -> Any:
    if is_unused:
        hint = gettext("No record has it: import it, or let the rule apply no more.")
        return Status(gettext("never filled"), Tone.WATCH, hint)
    if not score.checked:
        return Status(gettext("asked of nothing"))
    if not score.broken:
        return Status(gettext("in order"), Tone.GOOD)
    tone = tone_of(score)  # no tick beside what is to be mended
    return Status(gettext("to mend"), Tone.NEUTRAL if tone is Tone.GOOD else tone)


def groups_table(found: Sequence[GroupScore], what: str, name: str, note: str = "") -> Table:
    """Return scores by owner, team or source."""
    rows = [
        Row(
            f"{name}-{at}",
            (
                group_label(one, name),
                None if one.is_withheld else one.score.checked,
                None if one.is_withheld else one.score.broken,
                Cell(Status(gettext("too few people"), Tone.NEUTRAL)) if one.is_withheld
                else one.score.share,
            ),
        )
        for at, one in enumerate(found)
    ]  # fmt: skip
    return Table(
        (
            Column("group", what, is_title=True),
            Column("checked", gettext("Checks"), Format.NUMBER, decimals=0, is_minor=True),
            Column("broken", gettext("To mend"), Format.NUMBER, decimals=0),
            Column("share", pgettext("quality", "Pass"), Format.PERCENT),
        ),
        rows, what, is_dense=True, name=f"quality-{name}", note=note,
        empty=Empty(gettext("Nothing to show"), gettext("No record is there.")),
    )  # fmt: skip


def group_label(one: GroupScore, name: str) -> str:
    if one.label:
        return one.label
    if name == "source":
        return gettext("entered here")
    if name == "team":
        return gettext("in no team")
    if one.people:
        return ngettext("%(n)s other owner together", "%(n)s other owners together", one.people) % {
            "n": formats.number(one.people, 0)
        }
    return gettext("without an owner")


def trend_chart(points: Sequence[tuple[date, Score]]) -> Chart:
    """Return the score at the ends of months."""
    names = [formats.day(day) for day, _score in points]
    shares = [score.share for _day, score in points]
    known = [one for one in shares if one is not None]
    rows = [
        Row(name, (name, score.checked, score.broken, score.share))
        for name, (_day, score) in zip(names, points, strict=True)
    ]
    columns = (
        Column("day", gettext("Day"), is_title=True),
        Column("checked", gettext("Checks"), Format.NUMBER, decimals=0),
        Column("broken", gettext("To mend"), Format.NUMBER, decimals=0),
        Column("share", pgettext("quality", "Pass"), Format.PERCENT),
    )
    line = {"color": "token:accent"}
    return Chart(
        "quality-trend",
        gettext("Data quality over time"),
        {
            "xAxis": {"type": "category", "data": names},
            # no two marks of the axis read alike at the precision that is shown
            "yAxis": {"type": "value", "scale": True, "minInterval": 0.001},
            "series": [{"type": "line", "data": shares, "lineStyle": line, "itemStyle": line}],
        },
        sentence=_course(known),
        format=Format.PERCENT,
        height="small",
        table=Table(columns, rows, gettext("Data quality over time"), is_dense=True, name="trend"),
    )


def _course(known: Sequence[float]) -> str:
    if len(known) < 2:
        return gettext("There is one day alone: a course needs two.")
    first, last = formats.percent(known[0]), formats.percent(known[-1])
    if first == last:
        return gettext("%(last)s at the start as at the end.") % {"last": last}
    return gettext("From %(first)s to %(last)s.") % {"first": first, "last": last}


# -- rows ------------------------------------------------------------------------------------------


def may_edit(request: PageRequest) -> bool:
    """Tell whether somebody may mend records on this page: never on one of the past."""
    is_past = request.as_of.day < request.company.today.day
    return Right.EDIT_RECORDS in request.rights and not is_past


def rows_table(
    request: PageRequest, rule: QualityRule, found: RowsPage, *, is_part: bool = False,
    is_draft: bool = False,
) -> Table:  # fmt: skip
    """Return records that break a rule, the field to mend edited in place.

    is_part: a few of them, the rule's page shows all; is_draft: of a rule that is not kept yet.
    """
    item = next(one for one in all_fields(rule.kind) if one.name == rule.field)
    editable = may_edit(request) and rule.kind != "stage" and not is_draft
    rows = [_row(rule, item, one, is_editable=editable) for one in found.rows]
    name = f"rows-{rule.key}"
    return Table(
        (
            Column("title", said.kind_label(rule.kind, plural=False), is_title=True),
            Column("value", said.label_of(item), value_format(item)),
            Column("owner", gettext("Owner"), is_minor=True),
            Column("state", gettext("State"), is_minor=True),
        ),
        rows,
        said.sentence(rule),
        is_dense=True,
        name=name,
        verbs=_verbs(rule) if editable and rows else (),
        export_urls=exports(request, rule.key) if not is_part else (),
        pages=None if is_part else _pages(found),
        note=_more(found) if is_part and not is_draft else "",
        empty=Empty(
            gettext("Nothing breaks this rule"), gettext("Every record passes or is accepted."),
            icon="check",
        ),
    )  # fmt: skip


def _row(rule: QualityRule, item: Field, one: BrokenRow, *, is_editable: bool) -> Row:
    url = reverse("crm:record", args=[rule.kind, one.id]) + f"#field-{rule.field}"
    edit = ""
    if is_editable:
        edit = reverse("crm:field", args=[rule.kind, one.id, rule.field]) + "?cell=1"
    value = one.value
    if item.type is FieldType.CHOICE and value is not None:
        value = dict(item.choices).get(str(value), str(value))
    state: Any = ""
    if one.snoozed is not None:
        text = gettext("put off until %(day)s") % {"day": formats.day(one.snoozed.until)}
        state = Status(text, Tone.NEUTRAL, one.snoozed.reason)
    return Row(one.id, (one.title, Cell(value, edit_url=edit), one.owner, state), url=url,
               currency=one.currency)  # fmt: skip


def _verbs(rule: QualityRule) -> list[Action]:
    url = reverse("hub:quality_let_off", args=[rule.key])
    return [
        Action(gettext("Accept as it is"), url, "post", "check", name=Verdict.ACCEPT.value),
        Action(gettext("Put off"), url, "post", "clock", name=Verdict.SNOOZE.value),
    ]


def exports(request: PageRequest, rule_key: str = "") -> list[Link]:
    """Return the files of a rule's rows, or of all scores, for whoever may export."""
    if Right.EXPORT_DATA not in request.rights:
        return []
    page, what = ("quality_export", [rule_key]) if rule_key else ("quality_scores", [])
    then = "?rules=then" if not rule_key and request.GET.get("rules") == "then" else ""
    return [
        Link(label, reverse(f"hub:{page}", args=[*what, form]) + then)
        for label, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]


def _pages(found: RowsPage) -> Pages | None:
    if not found.rows:
        return None
    first = (found.page - 1) * PAGE + 1
    last = first + len(found.rows) - 1

    def url(number: int) -> str:
        return "?" + urlencode({"page": number})

    return Pages(first, last, found.count, url(found.page - 1) if found.page > 1 else "",
                 url(found.page + 1) if last < found.count else "")  # fmt: skip


def _more(found: RowsPage) -> str:
    left = found.count - len(found.rows)
    if left <= 0:
        return ""
    return ngettext(
        "%(n)s more on the rule’s page.", "%(n)s more on the rule’s page.", left
    ) % {"n": formats.number(left, 0)}  # fmt: skip


# -- history of a rule -----------------------------------------------------------------------------


def versions_table(found: Sequence[QualityRule], names: dict[str, str]) -> Table:
    """Return the versions of a rule, newest first: who said what, when."""
    rows = [
        Row(
            one.version,
            (
                said.sentence(one), one.weight, said.span_said(one),
                names.get(one.actor, one.actor) or gettext("shipped"), one.at,
            ),
        )
        for one in reversed(found)
    ]  # fmt: skip
    return Table(
        (
            Column("rule", gettext("Rule"), is_title=True),
            Column("weight", gettext("Weight"), Format.NUMBER, decimals=0),
            Column("span", gettext("Applies"), is_minor=True),
            Column("actor", gettext("By"), is_minor=True),
            Column("at", pgettext("quality", "Since"), Format.INSTANT),
        ),
        rows, gettext("Versions"), is_dense=True, name="versions",
    )  # fmt: skip


def exceptions_table(
    found: Sequence[QualityException], titles: dict[int, str], names: dict[str, str]
) -> Table:
    """Return who was let off a rule, newest first."""
    rows = [
        Row(
            one.id,
            (
                titles.get(one.record_id) or f"#{one.record_id}",
                gettext(VERDICT_LABELS[one.verdict]), one.reason, one.until,
                names.get(one.actor, one.actor), one.at,
                Status(gettext("ended"), Tone.NEUTRAL, names.get(one.ended_by, one.ended_by))
                if one.ended_at else Status(gettext("stands"), Tone.WATCH),
            ),
            url=reverse("crm:record", args=[one.kind, one.record_id]),
        )
        for one in found
    ]  # fmt: skip
    return Table(
        (
            Column("record", gettext("Record"), is_title=True),
            Column("verdict", gettext("Decision")),
            Column("reason", gettext("Reason")),
            Column("until", gettext("Until"), Format.DATE, is_minor=True),
            Column("actor", gettext("By"), is_minor=True),
            Column("at", gettext("At"), Format.INSTANT, is_minor=True),
            Column("state", gettext("State")),
        ),
        rows, gettext("Exceptions"), is_dense=True, name="exceptions",
        verbs=(Action(gettext("End"), reverse("hub:quality_passes_end"), "post", "undo-2",
                      name="end"),) if any(one.ended_at is None for one in found) else (),
        empty=Empty(gettext("No exception"), gettext("No record was let off this rule.")),
    )  # fmt: skip
