"""The map in a real browser: by pointer, by keyboard, recoloured at once, without WebGL."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

NO_WEBGL = """
const known = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : known.call(this, kind, ...more);
};"""
LILLE, PARIS, STRASBOURG, LYON = 0, 1, 3, 4


def of_map(box, body):
    """Run the body of a function in the page, with the map of a box at hand."""
    return box.evaluate(
        """async (box) => {
          const source = document.querySelector('script[src*="js/maps.js"]').src;
          const map = await (await import(source)).mapOf(box);
          """
        + body
        + "}"
    )


def pixel(box, index):
    """Return where on the page a point of the map is drawn."""
    x, y = of_map(box, f"return map.placeOf({index});")
    stage = box.locator(".map").bounding_box()
    return stage["x"] + 1 + x, stage["y"] + 1 + y


both = pytest.mark.parametrize("towns", ["webgl", "plain"], indirect=True)


# what a test did to the map is taken back: to open it anew costs seconds without a graphics card
AS_AT_FIRST = """
map.first ??= { territory: [...map.points.territory], names: map.points.names };
map.clear();
map.update(map.first);
map.colourBy("territory");
map.fit();
await map.settled();
document.activeElement.blur();"""


def opened(browser, live_server, view):
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    if view == "plain":
        context.add_init_script(NO_WEBGL)
    page = context.new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.goto(f"{live_server.url}/ui/gallery/")
    box = page.locator(".map-box:has(#map-towns)")
    expect(box).to_have_attribute("data-ready", "true")
    assert of_map(box, "return map.view;") == view
    box.scroll_into_view_if_needed()
    return box


@pytest.fixture(scope="module")
def boxes():
    kept: dict[str, Any] = {}
    yield kept
    for box in kept.values():
        box.page.context.close()


@pytest.fixture
def towns(request, boxes, browser, live_server):
    view = getattr(request, "param", "webgl")
    if view not in boxes:
        boxes[view] = opened(browser, live_server, view)
    box = boxes[view]
    box.page.mouse.move(0, 0)
    box.page.emulate_media(color_scheme="light")
    of_map(box, AS_AT_FIRST)
    yield box
    assert box.page.troubles == []


@pytest.fixture
def own_towns(browser, live_server):
    """A map that is not used again."""
    box = opened(browser, live_server, "webgl")
    yield box
    assert box.page.troubles == []
    box.page.context.close()


def chosen(box):
    return sorted(of_map(box, "return map.selected;"))


def count_is(box, number):
    expect(box.locator("[data-map-count]")).to_have_text(str(number))


def pull(page, corners):
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=4)
    page.mouse.up()


def around(box, index, size=14):
    x, y = pixel(box, index)
    return [(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)]


@both
def test_a_lasso_takes_what_is_inside_and_nothing_beside(towns):
    lasso = towns.get_by_role("button", name="Lasso")
    lasso.click()
    expect(lasso).to_have_attribute("aria-pressed", "true")
    pull(towns.page, around(towns, PARIS))
    count_is(towns, 1)
    expect(lasso).to_have_attribute("aria-pressed", "false")
    assert chosen(towns) == [PARIS]
    towns.page.keyboard.down("Shift")  # Shift is the lasso without the button, and adds
    pull(towns.page, around(towns, LYON))
    towns.page.keyboard.up("Shift")
    count_is(towns, 2)
    assert chosen(towns) == [PARIS, LYON]
    towns.get_by_role("button", name="Clear selection").click()
    count_is(towns, 0)


def test_a_click_chooses_one_and_with_shift_one_more(towns):
    mouse = towns.page.mouse
    mouse.click(*pixel(towns, PARIS))
    count_is(towns, 1)
    mouse.click(*pixel(towns, STRASBOURG))
    count_is(towns, 1)
    assert chosen(towns) == [STRASBOURG]
    towns.page.keyboard.down("Shift")
    mouse.click(*pixel(towns, PARIS))
    towns.page.keyboard.up("Shift")
    count_is(towns, 2)
    assert chosen(towns) == [PARIS, STRASBOURG]


def test_the_pointer_over_a_point_says_its_name_territory_and_loads(towns):
    towns.page.mouse.move(*pixel(towns, LILLE))
    hint = towns.locator(".map-hint")
    expect(hint).to_be_visible()
    for word in ("Lille", "Nord et Île-de-France", "Potential: 4.1\u00a0M€", "Locked"):
        expect(hint).to_contain_text(word)


def walk(box, index):
    """Move the cross over a point by arrows alone; the map is where «show all» leaves it."""
    stage = box.locator(".map")
    x, y = of_map(box, f"return map.placeOf({index});")
    width, height = box.locator(".map").evaluate("(e) => [e.clientWidth, e.clientHeight]")
    for away, keys in (
        (x - width / 2, "ArrowLeft ArrowRight"),
        (y - height / 2, "ArrowUp ArrowDown"),
    ):
        for _ in range(round(abs(away) / 16)):
            stage.press(keys.split()[away > 0])


@both
def test_points_and_rectangles_are_chosen_by_keyboard_alone(towns):
    stage, said = towns.locator(".map"), towns.locator("[data-map-said]")
    stage.focus()
    walk(towns, LYON)
    expect(said).to_contain_text("Lyon · Est · Potential: 5.2")
    stage.press(" ")
    count_is(towns, 1)
    assert chosen(towns) == [LYON]
    stage.press("Escape")
    count_is(towns, 0)
    assert stage.evaluate("(stage) => stage === document.activeElement")
    # and a rectangle is stretched from where the cross stands
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp"):
        stage.press(key)
    for key in ["Shift+ArrowRight"] * 4 + ["Shift+ArrowDown"] * 4:
        stage.press(key)
    expect(said).to_contain_text("Enter takes them")
    count_is(towns, 0)
    stage.press("Enter")
    assert LYON in chosen(towns) and PARIS not in chosen(towns)
    assert len(chosen(towns)) < 4


def colour_at(box, index):
    """Return the colour on the screen at a point of the map: what is seen, not what is meant."""
    x, y = pixel(box, index)
    shot = box.page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    return box.page.evaluate(
        """async (bytes) => {
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const pen = new OffscreenCanvas(1, 1).getContext("2d");
          pen.drawImage(bitmap, 0, 0);
          return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        }""",
        list(shot),
    )


@both
def test_an_assignment_recolours_at_once_and_the_legend_counts_anew(towns):
    assert colour_at(towns, PARIS) == [0x00, 0x72, 0xB2]
    of_map(towns, f"map.assign([{PARIS}], 2); await map.settled();")
    assert colour_at(towns, PARIS) == [0x00, 0x9E, 0x73]
    expect(towns.locator(".map-legend [data-territory='0']")).to_contain_text("2")
    expect(towns.locator(".map-legend [data-territory='2']")).to_contain_text("4")


def test_every_colouring_has_a_legend_with_counts(towns):
    legend = towns.locator(".map-legend li")
    expect(legend).to_have_count(4)
    of_map(towns, "map.colourBy(0);")
    expect(legend).to_have_count(6)  # what it is, and five classes
    expect(legend.nth(0)).to_have_text("Potential")
    expect(legend.nth(1)).to_have_text("1.9\u00a0M€ to 2.5\u00a0M€2")
    of_map(towns, f"map.colourBy('moved'); map.assign([{PARIS}, {LYON}, 9], 2);")
    expect(legend).to_have_text(["Stays7", "Moves2", "Had no territory1"])
    of_map(towns, "map.update({ names: ['North', 'East', 'South'] }); map.colourBy('territory');")
    expect(legend).to_have_text(["North2", "East2", "South6"])


def test_the_lowest_class_of_an_attribute_is_seen_on_its_ground(towns):
    of_map(towns, "map.colourBy(0); await map.settled();")
    x, y = pixel(towns, 5)  # Genève has the least
    shot = towns.page.screenshot(clip={"x": x - 6, "y": y - 6, "width": 12, "height": 12})
    darkest = towns.page.evaluate(
        """async (bytes) => {
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const pen = new OffscreenCanvas(12, 12).getContext("2d");
          pen.drawImage(bitmap, 0, 0);
          const all = [...pen.getImageData(0, 0, 12, 12).data];
          return Math.min(...all.filter((_, at) => at % 4 === 1));
        }""",
        list(shot),
    )
    assert darkest < 150  # grey 5 of 3:1 on white is 0x97; a border of a country is 0xce


@both
def test_a_dark_page_has_a_dark_map_and_what_is_chosen_stays(towns):
    of_map(towns, f"map.select([{LYON}]);")
    light = colour_at(towns, PARIS)
    towns.page.emulate_media(color_scheme="dark")
    of_map(towns, "await map.settled();")
    assert light == [0x00, 0x72, 0xB2] and colour_at(towns, PARIS) == [0x4A, 0xA8, 0xDD]
    assert chosen(towns) == [LYON]
    button = towns.get_by_role("button", name="Zoom in")
    assert button.evaluate("(b) => getComputedStyle(b).backgroundColor") == "rgb(23, 27, 34)"


def test_dots_come_back_when_the_graphics_card_has_lost_them(own_towns):
    of_map(
        own_towns,
        """const card = box.querySelector("canvas").getContext("webgl2");
        const switched = card.getExtension("WEBGL_lose_context");
        const back = new Promise((resolve) => {
          box.querySelector("canvas").addEventListener("webglcontextrestored", resolve);
        });
        switched.loseContext();
        setTimeout(() => switched.restoreContext(), 300);
        await back;
        await map.settled();
        await map.settled();""",
    )
    assert colour_at(own_towns, PARIS) == [0x00, 0x72, 0xB2]


@both
def test_a_name_in_the_legend_leads_to_its_territory(towns):
    before = pixel(towns, LILLE)
    towns.locator(".map-legend").get_by_role("button", name="Sud").click()
    of_map(towns, "await map.settled();")
    assert pixel(towns, LILLE) != before
    of_map(towns, "map.fit(); await map.settled();")
    assert pixel(towns, LILLE) == pytest.approx(before, abs=1)


# the box of the sample once more, its points left to an address
ADDRESSED = """async (box) => {
  const { mapOf } = await import(document.querySelector('script[src*="js/maps.js"]').src);
  const { words } = JSON.parse(document.getElementById(box.dataset.map).textContent);
  const copy = box.cloneNode(true);
  for (const part of copy.querySelectorAll(".map > *")) part.remove();
  copy.querySelector("script").textContent = JSON.stringify({ words, points: null });
  copy.querySelector("script").id = copy.dataset.map = "map-data-addressed";
  copy.dataset.address = "/made/points.json";
  box.replaceWith(copy);
  return mapOf(copy).then(() => "drawn", () => "lost");
}"""


def test_a_map_without_its_data_says_so_and_shows_the_table(own_towns):
    assert own_towns.evaluate(ADDRESSED) == "lost"
    expect(own_towns.get_by_text("The map could not be drawn.")).to_be_visible()
    expect(own_towns.get_by_role("table")).to_be_visible()
    expect(own_towns.get_by_role("button", name="Lasso")).to_be_hidden()


def test_a_map_reads_its_points_from_an_address_and_counts_those_without_a_place(own_towns):
    points = {
        "lon": [2.35, 4.84, None],
        "lat": [48.86, 45.76, None],
        "territory": [0, 1, 1],
        "names": ["North", "South"],
        "colours": [1, 0],
        "labels": ["Acme", "Zed", "Lost"],
    }
    own_towns.page.route("**/made/points.json", lambda route: route.fulfill(json=points))
    assert own_towns.evaluate(ADDRESSED) == "drawn"
    expect(own_towns.locator(".map-legend li")).to_have_text(
        ["North1", "South2", "Without a place: 1"]
    )
    assert colour_at(own_towns, 0) == [0xD5, 0x5E, 0x00]  # the second hue, as the caller wants


def test_a_lasso_takes_only_what_lies_inside_its_outline(towns):
    found = towns.page.evaluate(
        """async () => {
          const source = document.querySelector('script[src*="js/maps.js"]').src;
          const { inside } = await import(source.replace("maps.js", "outlines.js"));
          const outline = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]];
          return inside(outline, [1, 2, 3, 5, 2], [1, 3, 2, 1, 0.5]);
        }"""
    )
    assert found == [0, 2, 4]  # the second point stands in the notch, the fourth beside it
