"""Component tags: {% load perilune %}; the filters beside them are in `perilune.ui.filters`.

The gallery shows each in all its states.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import json_script
from django.utils.safestring import SafeString

from perilune.ui import drawing, filters, formats, grids, icons, tables
from perilune.ui.contracts import (
    Action,
    Board,
    Change,
    Chart,
    Confirm,
    Diff,
    Empty,
    Explanation,
    FieldView,
    FilterBar,
    Grid,
    Kpi,
    Map,
    PageHeader,
    ProblemReport,
    RangeBar,
    Sparkline,
    Status,
    Steps,
    Table,
    Timeline,
    Tone,
    TrackRecord,
)
from perilune.ui.maps import map_columns, map_words
from perilune.ui.toasts import toast_of

register = template.Library()
register.filters.update(filters.register.filters)
_FOLDER = "ui/components"

# -- helpers of the frame ----------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def is_past(context: Context) -> bool:
    """{% is_past as past %}: whether the page's as-of lies before the company's today."""
    as_of, today = context.get("as_of"), getattr(context.get("company"), "today", None)
    return bool(as_of and today and as_of.day < today.day)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """{% icon "download" %}; a label makes it speak."""
    return icons.icon(name, label)


# -- blocks ------------------------------------------------------------------------------------


@register.inclusion_tag(f"{_FOLDER}/page_header.html")
def page_header(header: PageHeader) -> dict[str, Any]:
    """Title, finding, actions, tabs."""
    return {"header": header}


@register.simple_block_tag(takes_context=True)
def panel(context: Context, content: str, title: str = "", **options: Any) -> SafeString:
    """{% panel "Title" width=6 %}…{% endpanel %}: a titled box of 1 to 12 columns.

    Options: note, width, why_url, link (Link), load (address of the content, asked for when
    shown), shape (of what is to come, so that
    nothing jumps: «range», «range-over»), name (id), is_flush (no
    padding: for tables).
    """
    facts = {"title": title, "content": content, "width": 12, **options}
    shown = render_to_string(f"{_FOLDER}/panel.html", facts)
    return SafeString(shown)


@register.inclusion_tag(f"{_FOLDER}/kpi.html")
def kpi(figure: Kpi) -> dict[str, Any]:
    """One number with its change, base, course and «why»."""
    return {
        "kpi": figure,
        "value": formats.write_short(figure.value, figure.format, figure.currency, figure.decimals),
        "exact": formats.write(figure.value, figure.format, figure.currency, figure.decimals),
        "changes": [
            (
                change,
                formats.write_change(change.value, change.format, figure.currency),
                _tone(change, figure.is_rise_good),
            )
            for change in figure.changes
        ],
    }


def _tone(change: Change, is_rise_good: bool | None) -> Tone:
    if not change.value or change.is_noise is not False or is_rise_good is None:
        return Tone.NEUTRAL
    return Tone.GOOD if (change.value > 0) == is_rise_good else Tone.ACT


@register.inclusion_tag(f"{_FOLDER}/range_bar.html")
def range_bar(figure: RangeBar) -> dict[str, Any]:
    """Show the range of a period beside won, target and call."""

    def short(value: float | None) -> str:
        return formats.write_short(value, figure.format, figure.currency)

    named = {
        "won": short(figure.won),
        "p10": short(figure.p10),
        "p50": short(figure.p50),
        "p90": short(figure.p90),
        "target": short(figure.target),
        "call": short(figure.call),
    }
    return {"bar": figure, "at": drawing.bar(figure), "text": named}


@register.inclusion_tag(f"{_FOLDER}/track_record.html")
def track_record(record: TrackRecord) -> dict[str, Any]:
    """Coverage and bias of past forecasts as a strip."""
    return {"record": record, "is_thin": record.points < 8, "is_too_thin": record.points < 4}


@register.inclusion_tag(f"{_FOLDER}/sparkline.html")
def sparkline(line: Sparkline) -> dict[str, Any]:
    """Show the course of a number, inline."""
    return {"line": line, "drawing": drawing.spark(line)}


@register.simple_tag
def status(state: Status) -> SafeString:
    """Show a word with a tone and a shape."""
    return tables.status_html(state)


@register.inclusion_tag(f"{_FOLDER}/action.html", takes_context=True)
def action(context: Context, verb: Action, size: str = "") -> dict[str, Any]:
    """Show a button or link that says what happens."""
    return {"action": verb, "size": size, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/confirm.html", takes_context=True)
def confirm(context: Context, question: Confirm) -> dict[str, Any]:
    """Show the question before what cannot be undone."""
    return {"confirm": question, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/table.html", takes_context=True)
def table(context: Context, listing: Table) -> dict[str, Any]:
    """Show a table with sort, totals, selection and export."""
    return {**tables.prepare(listing), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/grid.html", takes_context=True)
def grid(context: Context, figures: Grid) -> dict[str, Any]:
    """Show a tree of figures, walked and typed into like a spreadsheet."""
    return {**grids.prepare(figures), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/filter_bar.html")
def filter_bar(bar: FilterBar) -> dict[str, Any]:
    """Show filters as chips; their state is in the address."""
    return {"bar": bar}


@register.inclusion_tag(f"{_FOLDER}/field.html", takes_context=True)
def field(context: Context, view: FieldView) -> dict[str, Any]:
    """Show a field of a record, read or edited in place."""
    return {**tables.prepare_field(view), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/board.html")
def board(cards: Board) -> dict[str, Any]:
    """Cards by column, moved by drag or by keyboard."""
    return {"board": cards}


@register.inclusion_tag(f"{_FOLDER}/diff.html")
def diff(difference: Diff) -> dict[str, Any]:
    """Before and after, field by field."""
    return {"diff": difference, "rows": tables.prepare_changes(difference.rows)}


@register.inclusion_tag(f"{_FOLDER}/timeline.html")
def timeline(course: Timeline) -> dict[str, Any]:
    """Show what happened, newest first."""
    return {
        "timeline": course,
        "events": [(event, tables.prepare_changes(event.changes)) for event in course.events],
    }


@register.inclusion_tag(f"{_FOLDER}/steps.html", takes_context=True)
def steps(context: Context, job: Steps) -> dict[str, Any]:
    """Show a long job: progress, time left, cancel."""
    return {"steps": job, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/empty.html", takes_context=True)
def empty(context: Context, nothing: Empty) -> dict[str, Any]:
    """Why there is nothing, and the one next action."""
    return {"empty": nothing, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/problem.html", takes_context=True)
def problem(context: Context, report: ProblemReport) -> dict[str, Any]:
    """Show what happened, what to do, that nothing is lost."""
    return {"problem": report, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_FOLDER}/explain.html", takes_context=True)
def explain(context: Context, explanation: Explanation) -> dict[str, Any]:
    """Show the three depths behind a number."""
    return {
        **tables.prepare_explanation(explanation),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag(f"{_FOLDER}/chart.html")
def chart(figure: Chart) -> dict[str, Any]:
    """Show an ECharts chart with its figures as a table below."""
    options: Mapping[str, Any] = {
        "options": figure.options,
        "format": figure.format,
        "currency": figure.currency,
        "links": figure.links,
    }
    return {"chart": figure, "data": json_script(options, f"chart-data-{figure.name}")}


@register.inclusion_tag(f"{_FOLDER}/map.html", name="map")
def map_of(picture: Map) -> dict[str, Any]:
    """Show points and areas on the outlines of countries."""
    data = {"words": map_words(), "points": map_columns(picture)}
    return {"map": picture, "data": json_script(data, f"map-data-{picture.name}")}


@register.inclusion_tag(f"{_FOLDER}/toast.html")
def toast(message: Any) -> dict[str, Any]:
    """Show a notice of Django's messages or a Toast, with its undo."""
    return {"toast": toast_of(message)}


@register.simple_tag(takes_context=True)
def component(context: Context, name: str, value: Any) -> SafeString:
    """{% component "kpi" figure %}: a tag by its name, for pages whose parts are data."""
    if name not in register.tags or name in ("component", "panel"):
        raise template.TemplateSyntaxError(f"There is no component named {name}.")
    engine = context.template.engine if context.template else template.Engine.get_default()
    source = "{% load perilune %}{% " + name + " value %}"
    with context.push(value=value):
        return SafeString(engine.from_string(source).nodelist.render(context))
