// Maps: points and areas as JSON in the page over bundled outlines; the library comes when a map stands.
import { features, inside } from "./outlines.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const drawn = new Map();
const CROWD = 5000; // beyond, far views show clusters
let outlines = null;

async function library({ library: source, worker, style, countries, states }) {
  if (!document.querySelector(`link[href="${style}"]`)) document.head.prepend(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
  const read = async (address) => (await fetch(address)).json();
  outlines ||= Promise.all([read(countries), read(states)]).then(([world, union]) => [features(world, "countries"), features(union, "states")]);
  const maplibre = await import(source);
  maplibre.setWorkerUrl(new URL(worker, location.href).href);
  return maplibre;
}

// eight hues, then the same again with another outline: colour is never alone
const hue = (group) => (group < 0 ? token("ink-3") : token(`cat-${(group % 8) + 1}`));
const edge = (group) => token(["surface", "ink", "accent"][Math.floor(Math.max(group, 0) / 8) % 3]);

function byGroup(data, paint) {
  const cases = data.groups.flatMap((_, group) => [group, paint(group)]);
  return cases.length ? ["match", ["get", "group"], ...cases, paint(-1)] : paint(-1);
}

function byMeasure({ measure }) {
  const sorted = Float64Array.from(measure).sort();
  const steps = [1, 2, 3, 4].map((fifth) => sorted[Math.floor((fifth * sorted.length) / 5)]);
  const apart = steps.filter((step, place) => !place || step > steps[place - 1]);
  return ["step", ["get", "measure"], token("seq-1"), ...apart.flatMap((step, place) => [step, token(`seq-${place + 2}`)])];
}

function collection(data) {
  return { type: "FeatureCollection", features: data.lon.map((lon, index) => ({ type: "Feature", id: index, properties: { group: data.group[index], measure: data.measure[index] ?? 0 }, geometry: { type: "Point", coordinates: [lon, data.lat[index]] } })) };
}

function layers(data) {
  const isChosen = ["boolean", ["feature-state", "chosen"], false];
  const list = [
    { id: "ground", type: "background", paint: { "background-color": token("surface-2") } },
    { id: "land", type: "fill", source: "countries", paint: { "fill-color": token("surface") } },
    { id: "states", type: "line", source: "states", minzoom: 2.5, paint: { "line-color": token("line") } },
    { id: "borders", type: "line", source: "countries", paint: { "line-color": token("line-strong") } },
    { id: "areas", type: "fill", source: "areas", paint: { "fill-color": byGroup(data, hue), "fill-opacity": 0.14 } },
    { id: "area-edges", type: "line", source: "areas", paint: { "line-color": byGroup(data, hue), "line-width": 1.5 } },
    { id: "points", type: "circle", source: "points", filter: ["!", ["has", "point_count"]], paint: { "circle-radius": ["case", isChosen, 7, data.lon.length > CROWD ? 3 : 5], "circle-color": data.measure.length ? byMeasure(data) : byGroup(data, hue), "circle-stroke-width": ["case", isChosen, 3, 1], "circle-stroke-color": ["case", isChosen, token("ink"), byGroup(data, edge)] } },
  ];
  if (data.lon.length > CROWD) list.push({ id: "clusters", type: "circle", source: "points", filter: ["has", "point_count"], paint: { "circle-color": token("open"), "circle-opacity": 0.75, "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "point_count"]], 0, 4, 5, 24] } });
  return list;
}

function style(data, [countries, states]) {
  const source = (of, more) => ({ type: "geojson", data: of, ...more });
  const crowd = data.lon.length > CROWD ? { cluster: true, clusterMaxZoom: 5, clusterRadius: 30 } : {};
  const empty = { type: "FeatureCollection", features: [] };
  return { version: 8, sources: { countries: source(countries), states: source(states), areas: source(data.areas || empty), points: source(collection(data), crowd) }, layers: layers(data) };
}

function bounds({ lon, lat }) {
  const ends = (values, start) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], start);
  const [west, east] = ends(lon, [180, -180]), [south, north] = ends(lat, [90, -90]);
  return lon.length ? [[west, south], [east, north]] : [[-170, -55], [170, 75]];
}

function legend(box) {
  for (const item of box.querySelectorAll("[data-group]")) {
    const dot = item.querySelector("circle");
    dot.setAttribute("fill", hue(Number(item.dataset.group)));
    dot.setAttribute("stroke", edge(Number(item.dataset.group)));
  }
}

// what is chosen on a map: the page hears of every change
function choosing(box, map, data) {
  const chosen = new Set();
  const button = (name) => box.querySelector(`[data-map-${name}]`);
  const mark = (index, isOn) => {
    map.setFeatureState({ source: "points", id: index }, { chosen: isOn });
    if (isOn) chosen.add(index);
    else chosen.delete(index);
  };
  const tell = () => {
    button("count").textContent = chosen.size.toLocaleString(document.documentElement.lang);
    button("clear").disabled = !chosen.size;
    box.dispatchEvent(new CustomEvent("perilune:selected", { bubbles: true, detail: { indexes: [...chosen] } }));
  };
  map.on("click", "points", ({ features: [{ id }] }) => { mark(id, !chosen.has(id)); tell(); });
  button("clear").addEventListener("click", () => { [...chosen].forEach((index) => mark(index, false)); tell(); });
  button("lasso").addEventListener("click", ({ currentTarget: press }) => {
    const open = box.querySelector(".map-lasso");
    press.setAttribute("aria-pressed", String(!open));
    if (open) { open.remove(); return; }
    const close = () => { box.querySelector(".map-lasso")?.remove(); press.setAttribute("aria-pressed", "false"); };
    lasso(map, close, (path) => {
      const corners = path.map((corner) => map.unproject(corner)).map(({ lng, lat }) => [lng, lat]);
      inside(corners, data.lon, data.lat).forEach((index) => mark(index, true));
      tell();
    });
  });
  box.addEventListener("keydown", ({ key }) => { if (key === "Escape" && box.querySelector(".map-lasso")) button("lasso").click(); });
}

function lasso(map, close, done) {
  const sheet = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = sheet.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "polygon"));
  const path = [];
  sheet.setAttribute("class", "map-lasso");
  sheet.addEventListener("pointerdown", (event) => { sheet.setPointerCapture(event.pointerId); path.push([event.offsetX, event.offsetY]); });
  sheet.addEventListener("pointermove", (event) => {
    if (!path.length) return;
    path.push([event.offsetX, event.offsetY]);
    shape.setAttribute("points", path.join(" "));
  });
  sheet.addEventListener("pointerup", () => { if (path.length > 2) done(path); close(); });
  sheet.addEventListener("pointercancel", close);
  map.getContainer().append(sheet);
}

async function draw(box) {
  drawn.set(box, null);
  const data = JSON.parse(document.getElementById(box.dataset.map).textContent);
  const place = box.querySelector(".map");
  legend(box);
  try {
    const maplibre = await library(box.dataset);
    const locale = { "Map.Title": place.getAttribute("aria-label"), "NavigationControl.ZoomIn": box.dataset.zoomIn, "NavigationControl.ZoomOut": box.dataset.zoomOut };
    const map = new maplibre.Map({ container: place, style: style(data, await outlines), locale, bounds: bounds(data), fitBoundsOptions: { padding: 32, maxZoom: 9 }, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false, fadeDuration: 0 });
    map.addControl(new maplibre.NavigationControl({ showCompass: false }));
    map.addControl(new maplibre.ScaleControl());
    const hint = new maplibre.Popup({ closeButton: false, closeOnClick: false });
    map.on("mousemove", "points", ({ features: [{ id }] }) => {
      const name = data.groups[data.group[id]] ?? box.dataset.none;
      hint.setLngLat([data.lon[id], data.lat[id]]).setText([data.labels[id], name].filter(Boolean).join(" · ")).addTo(map);
    });
    map.on("mouseleave", "points", () => hint.remove());
    map.once("idle", () => { box.dataset.ready = "true"; });
    if (box.querySelector("[data-map-lasso]")) choosing(box, map, data);
    drawn.set(box, { map, data });
  } catch (error) {
    console.warn(error);
    place.hidden = true;
    box.querySelector(".map-off").hidden = false;
    const table = box.querySelector("details");
    if (table) table.open = true;
  }
}

function mount(root) {
  for (const box of root.querySelectorAll("[data-map]")) if (!drawn.has(box)) draw(box);
}

// the colours of the theme anew; what is chosen stays
function repaint() {
  for (const [box, one] of drawn) {
    if (!box.isConnected) { one?.map.remove(); drawn.delete(box); continue; }
    legend(box);
    if (one) for (const layer of layers(one.data)) for (const [name, value] of Object.entries(layer.paint)) one.map.setPaintProperty(layer.id, name, value);
  }
}

mount(document);
document.addEventListener("htmx:load", (event) => mount(event.detail.elt));
document.addEventListener("perilune:theme", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
