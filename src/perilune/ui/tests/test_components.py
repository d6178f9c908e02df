"""Every tag renders in every state of the gallery, in both languages, and says what it must."""

import json
import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from perilune.ui import contracts as ui
from perilune.ui.toasts import toast_of, with_toast
from perilune.ui.web import samples

SAMPLES = [
    pytest.param(group.name, sample.value, id=f"{group.name}-{sample.state}")
    for group in samples.groups()
    for sample in group.samples
]


def shown(name, value):
    return Template("{% load perilune %}{% component name value %}").render(
        Context({"name": name, "value": value})
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("name", "value"), SAMPLES)
def test_a_component_renders_without_inline_style_or_script(name, value, language):
    with override(language):
        html = shown(name, value)
    assert html.strip()
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", html)


def test_a_kpi_shows_the_short_value_and_keeps_the_exact_one():
    with override("en"):
        html = shown("kpi", ui.Kpi("Won", 298_225_500, ui.Format.MONEY, "USD", why_url="/why"))
    assert "$3.0M" in html and 'title="$2,982,255.00"' in html
    assert 'hx-target="#drawer"' in html


@pytest.mark.parametrize(
    ("change", "good", "noise", "tone"),
    [
        (1, True, False, "good"),
        (-1, True, False, "act"),
        (1, False, False, "act"),
        (1, None, False, "neutral"),
        (1, True, True, "neutral"),
        (0, True, False, "neutral"),
    ],
)
def test_a_change_is_coloured_only_by_its_meaning(change, good, noise, tone):
    figure = ui.Kpi("x", 1, changes=[ui.Change(change, is_noise=noise)], is_rise_good=good)
    assert f"change tone-{tone}" in shown("kpi", figure)


@pytest.mark.parametrize(
    ("noise", "is_light", "said"),
    [(False, False, ""), (True, True, "within noise"), (None, True, "noise unknown")],
)
def test_only_a_change_beyond_noise_is_bold(noise, is_light, said):
    html = shown("kpi", ui.Kpi("x", 1, changes=[ui.Change(1, is_noise=noise)]))
    assert ("kpi-noise" in html) == is_light
    assert said in html and html.count("noise") == (3 if is_light else 0)


def test_a_map_hands_its_columns_to_the_page_with_the_words_of_the_reader():
    points = ui.MapPoints([2.35, None], [48.86, None], [0, -1], ["Acme", "Zed"], [[4.5, None]])
    amounts = [ui.MapAttribute("Potentiel", "k€")]
    with override("fr"):
        html = shown("map", ui.Map("m", "Carte", ["Nord"], points, attributes=amounts))
    found = re.search(r'<script id="map-data-m"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["points"]["lon"] == [2.35, None] and data["points"]["territory"] == [0, -1]
    assert data["points"]["loads"] == [[4.5, None]] and data["points"]["names"] == ["Nord"]
    assert data["points"]["attributes"] == [{"label": "Potentiel", "unit": "k€"}]
    assert data["words"]["none"] == "Aucun territoire"
    assert "data-map-lasso" not in html and 'aria-label="Carte"' in html


def test_a_map_with_an_address_leaves_its_points_to_it():
    html = shown("map", ui.Map("m", "Map", address="/points.json", can_select=True))
    assert 'data-address="/points.json"' in html and '"points": null' in html
    assert "data-map-lasso" in html


@pytest.mark.parametrize(
    "made",
    [
        lambda: ui.MapPoints([1, 2], [1], [0, 0]),
        lambda: ui.MapPoints([1], [1], [0], loads=[[1, 2]]),
        lambda: ui.MapPoints([1], [1], [0], locked=[0, 1]),
        lambda: ui.Map("m", "Map"),
        lambda: ui.Map("m", "Map", points=ui.MapPoints([1], [1], [0]), address="/p"),
        lambda: ui.Map("m", "Map", points=ui.MapPoints([1], [1], [0], loads=[[1]])),
    ],
)
def test_a_map_whose_columns_do_not_fit_is_refused(made):
    with pytest.raises(ValueError, match="map"):
        made()


def test_text_of_users_is_escaped_everywhere():
    evil = "<img src=x onerror=alert(1)>"
    listing = ui.Table(
        [ui.Column("a", evil, is_title=True), ui.Column("b", evil)],
        [ui.Row(1, [evil, ui.Cell(evil, hint=evil, url="/x")], url="/r")],
        evil,
    )
    for name, value in (
        ("table", listing),
        ("status", ui.Status(evil, hint=evil)),
        ("toast", ui.Toast(evil)),
        ("field", ui.FieldView("f", evil, evil)),
        ("chart", ui.Chart("c", evil, {"title": {"text": evil + "</script>"}})),
        ("explain", ui.Explanation(evil, evil, sql=evil)),
    ):
        html = shown(name, value)
        assert "<img" not in html
        assert html.count("</script>") == (1 if name == "chart" else 0)


@pytest.mark.parametrize(
    ("second", "unit", "written"),
    [("EUR", "€", (">1.00<", ">2.00<")), ("USD", "", (">€1.00<", ">$2.00<"))],
)
def test_a_money_column_names_its_currency_once_or_each_amount_its_own(second, unit, written):
    listing = ui.Table(
        [
            ui.Column("n", "Deal", is_title=True),
            ui.Column("a", "Amount", ui.Format.MONEY, currency="EUR"),
        ],
        [ui.Row(1, ["A", 100]), ui.Row(2, ["B", 200], currency=second)],
        "Deals",
        totals=(None, 300),
    )
    with override("en"):
        html = shown("table", listing)
    assert (f'class="unit">{unit}<' in html) == bool(unit)
    assert all(amount in html for amount in written)
    assert (">3.00<" if unit else ">€3.00<") in html


def test_unknown_cells_are_dashes_and_not_zero():
    listing = ui.Table(
        [ui.Column("a", "A", ui.Format.NUMBER)], [ui.Row(1, [None]), ui.Row(2, [0])], "x"
    )
    cells = re.findall(r"<td class=\"([^\"]*)\">([^<]*)</td>", shown("table", listing))
    assert cells == [("num unknown", "–"), ("num", "0")]


def test_a_row_with_too_few_cells_is_refused():
    with pytest.raises(ValueError, match="zip"):
        shown(
            "table", ui.Table([ui.Column("a", "A"), ui.Column("b", "B")], [ui.Row(1, ["x"])], "x")
        )


def test_polling_ends_with_the_job():
    job = ui.Steps("Import", ui.StepState.RUNNING, 1, 2, poll_url="/poll")
    done = ui.Steps("Import", ui.StepState.DONE, 2, 2, poll_url="/poll")
    assert 'hx-trigger="every 1s"' in shown("steps", job)
    assert "hx-trigger" not in shown("steps", done)


def test_withheld_rows_are_never_offered():
    rows = ui.Table([ui.Column("a", "A")], [ui.Row(1, ["secret"])], "x")
    told = ui.Explanation(
        "t", "s", rows=rows, rows_url="/rows", stopped="You may see the total only."
    )
    html = shown("explain", told)
    assert "secret" not in html and "/rows" not in html and "total only" in html


def test_the_range_bar_says_its_figures_in_words():
    bar = ui.RangeBar("Q4", 2e8, 2.5e8, 3e8, won=1e8, target=2.9e8, call=2.6e8, currency="EUR")
    with override("en"):
        html = shown("range_bar", bar)
    assert "Pessimistic €2.0M, realistic €2.5M, optimistic €3.0M; won €1.0M; target €2.9M" in html
    assert re.search(r'range-won"[^>]* width="32.05%"', html)  # 1.0 of 3.0 x 1.04


def test_decimal_places_of_drawings_have_points_in_french():
    with override("fr"):
        html = shown("range_bar", ui.RangeBar("Q4", 2e8, 2.5e8, 3e8, currency="EUR"))
    assert re.findall(r'(?:x|width|x1)="(\d+,\d+)', html) == []


@pytest.mark.parametrize(
    ("points", "words"), [(1, "Only 1 past forecast "), (6, "thin history"), (8, "8 forecasts")]
)
def test_the_track_record_says_when_history_is_thin(points, words):
    with override("en"):
        html = shown("track_record", ui.TrackRecord(points, 2, 0.1, 0.0, 0.8))
    assert words in html
    assert ("thin history" in html) == (4 <= points < 8)


def test_a_toast_carries_its_undo_through_the_messages():
    toast = toast_of(Message(25, "Moved.", "undo:/crm/undo/7/"))
    assert (toast.message, toast.undo_url, toast.tone) == ("Moved.", "/crm/undo/7/", ui.Tone.GOOD)


def test_a_toast_of_an_htmx_answer_survives_every_letter():
    from django.http import HttpResponse

    answer = with_toast(HttpResponse(), "«Réglé» — 1\u202f234,56 €")
    assert answer["HX-Trigger"].isascii()


# -- the frame ---------------------------------------------------------------------------------


def framed(**context):
    return render_to_string("ui/base.html", context)


def company(**facts):
    today = SimpleNamespace(day=date(2026, 11, 23))
    return SimpleNamespace(
        **{"name": "Acme", "is_demo": False, "currency": "EUR", "today": today, **facts}
    )


def test_the_frame_renders_with_nothing_known():
    assert 'id="content"' in framed()


def test_demo_data_is_labelled():
    with override("en"):
        assert "Synthetic demo data" in framed(company=company(is_demo=True))
        assert "Synthetic demo data" not in framed(company=company())


def test_a_past_day_tints_the_bar_and_says_so():
    past = SimpleNamespace(day=date(2026, 9, 30))
    with override("fr"):
        html = framed(company=company(), as_of=past)
        now = framed(company=company(), as_of=SimpleNamespace(day=date(2026, 11, 23)))
    assert (
        "bar-past" in html and 'Tel que connu le <span class="asof-day">30/09/2026</span>' in html
    )
    assert 'value="2026-09-30"' in html and 'max="2026-11-23"' in html
    assert "bar-past" not in now


def test_the_as_of_picker_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/deals/?stage=2&stage=3&page=4&as_of=2026-01-01")
    html = framed(company=company(), as_of=SimpleNamespace(day=date(2026, 1, 1)), request=request)
    assert html.count('type="hidden" name="stage"') == 2
    assert 'type="hidden" name="page"' not in html
    assert "?stage=2&amp;stage=3&amp;page=4&amp;as_of=" in html


@pytest.mark.parametrize(
    ("label", "english", "french"),
    [
        ("company", "Company", "Entreprise"),
        ("team:Nord", "Team Nord", "Équipe Nord"),
        ("mine", "My deals", "Mes affaires"),
    ],
)  # fmt: skip
def test_the_scope_is_named_in_the_readers_language(label, english, french):
    for language, words in (("en", english), ("fr", french)):
        with override(language):
            assert words in framed(scope=SimpleNamespace(label=label))


def test_htmx_is_version_2_and_may_not_eval():
    html = framed()
    assert "htmx-2.min.js" in html and '"allowEval":false' in html


def test_only_a_current_room_is_marked():
    rooms = [ui.NavItem("a", "A", "/a/"), ui.NavItem("b", "B", "/b/", is_current=True)]
    html = framed(navigation=rooms)
    assert html.count('aria-current="page"') == 2  # in the rail and in the phone's bottom bar
