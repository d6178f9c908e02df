// One map: its view, and what can be asked of it (the interface is described in ../maps.js).
import { scheme as schemeOf, token } from "./colours.js";
import { flatView } from "./flatview.js";
import { glView } from "./glview.js";
import { hint, sentences } from "./hint.js";
import { keyboard } from "./keyboard.js";
import { lasso } from "./lasso.js";
import { hueOf, legend } from "./legend.js";
import { names } from "./names.js";
import { bounds, nearest, points as pointsOf, update as renew } from "./points.js";
import { selection } from "./selection.js";

const WORLD = [0.03, 0.2, 0.97, 0.68]; // where people live, on the square
const SLIP = 4;
const NOWHERE = { features: [] };

function hasWebGL() {
  const asked = document.createElement("canvas").getContext("webgl2");
  asked?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(asked);
}

async function viewOf(stage, box, points, outlines) {
  if (hasWebGL()) {
    try {
      return await glView(stage, box, points, outlines, { isStudio: stage.classList.contains("map-large") });
    } catch (error) {
      console.warn(error);
      stage.replaceChildren();
    }
  }
  box.querySelector(".map-plain").hidden = false;
  return flatView(stage, points, outlines);
}

// a click, not the end of a pull
function onClick(stage, heard) {
  let start = null, isPull = false;
  stage.addEventListener("pointerdown", (event) => { start = [event.clientX, event.clientY]; isPull = false; }, true);
  stage.addEventListener("pointermove", (event) => { if (event.buttons && start && Math.hypot(event.clientX - start[0], event.clientY - start[1]) > SLIP) isPull = true; }, true);
  stage.addEventListener("click", (event) => {
    if (isPull || event.target.closest("button")) return;
    const { left, top } = stage.getBoundingClientRect();
    heard([event.clientX - left - stage.clientLeft, event.clientY - top - stage.clientTop], event);
  });
}

export async function createMap(box, given, words, outlines) {
  const stage = box.querySelector(".map"), canSelect = Boolean(box.querySelector("[data-map-lasso]"));
  const points = pointsOf(given);
  points.extent = bounds(points);
  const view = await viewOf(stage, box, points, outlines);
  const { write, parts, tellOf } = sentences(points, words);
  const said = box.querySelector("[data-map-said]");
  const say = (sentence) => { said.textContent = sentence; };
  let by = given.by ?? (points.names.length || !points.loads.length ? "territory" : 0), scheme = null, areas = NOWHERE;

  const chosen = selection(points.count, (touched) => {
    view.write({ scheme, chosen: chosen.chosen }, touched);
    const count = chosen.chosen.size.toLocaleString(document.documentElement.lang);
    box.querySelector("[data-map-count]").textContent = count;
    box.querySelector("[data-map-clear]").disabled = !chosen.chosen.size;
    if (document.activeElement === stage) say([touched.length === 1 ? tellOf(touched[0]) : "", words.chosen.replace("{n}", count)].filter(Boolean).join(" · "));
    box.dispatchEvent(new CustomEvent("perilune:selected", { bubbles: true, detail: { indexes: [...chosen.chosen] } }));
  });
  const show = (part) => view.show(part || points.extent || WORLD);
  const focusOn = (territory) => show(bounds(points, (index) => points.territory[index] === territory));
  const drawLegend = legend(box.querySelector(".map-legend"), points, { words, focusOn });
  const drawNames = names(stage, view, points);
  const paint = () => view.write({ scheme, chosen: chosen.chosen });
  const colour = () => { scheme = schemeOf(points, by, words, write); paint(); drawLegend(scheme); };
  const outline = () => {
    const features = areas.features.map((feature) => ({ ...feature, properties: { ...feature.properties, colour: feature.properties.territory >= 0 ? hueOf(points, feature.properties.territory) : token("ink-3") } }));
    view.areas({ type: "FeatureCollection", features });
  };

  hint(stage, view, points, parts);
  for (const button of box.querySelectorAll("[data-map-zoom]")) button.addEventListener("click", () => (button.dataset.mapZoom === "fit" ? show() : view.zoomBy(Number(button.dataset.mapZoom))));
  let rope = null;
  if (canSelect) {
    rope = lasso(stage, view, points, box.querySelector("[data-map-lasso]"), (indexes) => chosen.add(indexes));
    box.querySelector("[data-map-clear]").addEventListener("click", () => { chosen.clear(); stage.focus({ preventScroll: true }); });
    onClick(stage, (place, { shiftKey, ctrlKey, metaKey }) => {
      const index = nearest(points, ...view.unproject(...place), view.reach());
      if (index < 0) return;
      const isAlone = chosen.chosen.size === 1 && chosen.chosen.has(index);
      if (shiftKey || ctrlKey || metaKey || isAlone) chosen.toggle(index);
      else chosen.only([index]);
    });
  }
  // Escape lets go of the lasso first, then of what is chosen
  const escape = () => {
    if (rope?.close()) return true;
    if (!canSelect || !chosen.chosen.size) return false;
    chosen.clear();
    return true;
  };
  keyboard(stage, view, points, { canSelect, selection: chosen, say, tellOf, escape, words });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target !== stage && rope?.close()) event.stopPropagation(); });

  const map = {
    box, points, view: view.kind,
    colourBy: (wanted) => { by = wanted; colour(); },
    onSelect: chosen.onSelect,
    select: chosen.only,
    clear: chosen.clear,
    assign: (indexes, territory) => {
      for (const index of indexes) { points.territory[index] = territory; scheme.look(index); }
      view.write({ scheme, chosen: chosen.chosen }, indexes);
      drawLegend(scheme);
      drawNames();
    },
    update: (columns) => { renew(points, columns); if (columns.areas) areas = columns.areas; colour(); drawNames(); outline(); },
    setAreas: (collection) => { areas = collection || NOWHERE; outline(); },
    fit: () => show(),
    focusOn,
    zoomBy: view.zoomBy,
    panBy: view.panBy,
    repaint: () => { view.repaint(); colour(); outline(); },
    placeOf: (index) => view.project(points.x[index], points.y[index]),
    settled: view.settled,
    remove: view.remove,
  };
  Object.defineProperty(map, "selected", { get: () => [...chosen.chosen] });
  show();
  colour();
  drawNames();
  map.setAreas(given.areas);
  await view.settled();
  return map;
}
