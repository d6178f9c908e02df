// The view by WebGL: MapLibre draws land and areas, one layer of our own the dots.
import { dots } from "./dots.js";
import { token } from "./colours.js";
import { degrees, mercator } from "./points.js";
import { NEAR, radiusAt, reach } from "./view.js";

const NOWHERE = { type: "FeatureCollection", features: [] };

async function library({ library: source, worker, style }) {
  if (!document.querySelector(`link[href="${style}"]`)) document.head.prepend(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
  const maplibre = await import(source);
  maplibre.setWorkerUrl(new URL(worker, location.href).href);
  return maplibre;
}

function layers() {
  return [
    // the sea is the ground of the stage: one picture less to fill
    { id: "land", type: "fill", source: "countries", paint: { "fill-color": token("surface"), "fill-antialias": false } },
    { id: "states", type: "line", source: "states", minzoom: 2.5, paint: { "line-color": token("line") } },
    { id: "departments", type: "line", source: "departments", minzoom: NEAR, paint: { "line-color": token("line") } },
    { id: "borders", type: "line", source: "countries", paint: { "line-color": token("line-strong") } },
    { id: "areas", type: "fill", source: "areas", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.16 } },
    { id: "area-edges", type: "line", source: "areas", paint: { "line-color": ["get", "colour"], "line-width": 1.5 } },
  ];
}

function style([countries, states, departments]) {
  const source = (data) => ({ type: "geojson", data });
  return { version: 8, sources: { countries: source(countries), states: source(states), departments: source(departments), areas: source(NOWHERE) }, layers: layers() };
}

export async function glView(stage, box, points, outlines, { isStudio }) {
  const maplibre = await library(box.dataset);
  const map = new maplibre.Map({ container: stage, style: style(await outlines), bounds: [[-20, 30], [40, 65]], attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, boxZoom: false, keyboard: false, renderWorldCopies: false, fadeDuration: 0, maxZoom: 16, maxPitch: 0 });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.ScaleControl());
  // a page's reader scrolls past a small map; who works in it has put the focus there
  if (!isStudio) {
    map.scrollZoom.disable();
    stage.addEventListener("focusin", () => map.scrollZoom.enable());
    stage.addEventListener("focusout", () => map.scrollZoom.disable());
  }
  const canvas = map.getCanvas();
  for (const name of ["tabindex", "role", "aria-label"]) canvas.removeAttribute(name); // the stage is what has the focus and the name
  await new Promise((resolve, reject) => { map.once("load", resolve); map.once("webglcontextcreationerror", reject); });

  const worldSize = () => 512 * 2 ** map.getZoom();
  const centre = () => { const { lng, lat } = map.getCenter(); return mercator(lng, lat); };
  const size = () => [stage.clientWidth, stage.clientHeight];
  const frame = () => {
    const [x, y] = centre(), [width, height] = size(), world = worldSize();
    return { x, y, world, width, height, radius: radiusAt(points, world, size()), ratio: map.getPixelRatio() };
  };
  const drawn = dots(points, frame);
  map.addLayer(drawn.layer);
  // a card that slept has forgotten the dots; the library brings back its own layers only
  map.on("webglcontextrestored", () => map.once("idle", () => { if (!map.getLayer("points")) map.addLayer(drawn.layer); }));

  const lngLat = (x, y) => degrees(x, y);
  return {
    kind: "webgl",
    write: (look, indexes) => { drawn.write(look, indexes); map.triggerRepaint(); },
    project: (x, y) => { const [cx, cy] = centre(), [width, height] = size(), world = worldSize(); return [(x - cx) * world + width / 2, (y - cy) * world + height / 2]; },
    unproject: (px, py) => { const [cx, cy] = centre(), [width, height] = size(), world = worldSize(); return [cx + (px - width / 2) / world, cy + (py - height / 2) / world]; },
    reach: () => reach(points, worldSize(), size()),
    show: ([west, north, east, south]) => map.fitBounds([lngLat(west, south), lngLat(east, north)], { padding: 32, maxZoom: 11, animate: false }),
    zoomBy: (step) => map.zoomTo(map.getZoom() + step, { animate: false }),
    panBy: (dx, dy) => map.panBy([dx, dy], { animate: false }),
    areas: (collection) => map.getSource("areas").setData(collection),
    repaint: () => { for (const { id, paint } of layers()) for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value); },
    onMove: (heard) => { map.on("move", heard); map.on("resize", heard); },
    settled: () => new Promise((resolve) => { map.once("idle", resolve); map.triggerRepaint(); }),
    remove: () => map.remove(),
  };
}
