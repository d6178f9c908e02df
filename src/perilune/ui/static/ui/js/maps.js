/* Maps. The tag {% map %} writes the box and this file; a page that works with its map asks for it:

     import { mapOf } from "/static/ui/js/maps.js";
     const map = await mapOf(document.querySelector("#map-NAME"));      // the box's stage, or the box itself

   or hears «perilune:map» (detail.map), which bubbles from the box once the map stands.
   The data come within the page or from the JSON address of the tag, as arrays by the number of a point:
     lon, lat        degrees, null where there is no place
     territory       number into names, -1 for none; present: the same before the plan (left out: as at first)
     locked          1 where a point must stay: it is marked, and may be chosen
     names, colours  by territory (without a name: not this reader's, in no legend); colours are small integers, neighbours with different ones (56 looks)
     attributes      [{label, unit}]; loads: [[a number for each point] for each attribute]; labels: names of points
     units, groups   the page's own numbers of each point, kept as they came (map.points.units)
     areas           GeoJSON, each feature with the property «territory»; by: what to colour by at first

   map.colourBy("territory" | number of an attribute | "moved")
   map.onSelect((indexes) => ...)     also «perilune:selected» (detail.indexes); map.selected, map.select(indexes), map.clear()
   map.assign(indexes, territory)     recolours at once; nothing is sent anywhere
   map.update({territory, names, colours, present, locked, loads, attributes, labels, areas})   after an undo, a rename, a merge
   map.setAreas(geojson), map.fit(), map.focusOn(territory), map.zoomBy(1), map.panBy(x, y)
   map.placeOf(index)                 [x, y] in pixels of the stage; await map.settled() when all is drawn
   map.view is "webgl", or "plain" where the browser has no WebGL: the same picture and the same ways to choose
   map.points holds the columns, to read */
import { createMap } from "./map/map.js";
import { features } from "./outlines.js";

const asked = new Map(); // a promise for each box
const NO_LAND = { type: "FeatureCollection", features: [] };
let outlines = null;

const json = async (address) => {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
};
const part = (address, name) => json(address).then((topology) => features(topology, name));
const land = ({ countries, states, departments }) => (outlines ||= Promise.all([part(countries, "countries"), part(states, "states"), part(departments, "fra")])
  // points without land are better than none
  .catch((error) => { console.warn(error); return [NO_LAND, NO_LAND, NO_LAND]; }));

async function draw(box) {
  const { words, points } = JSON.parse(document.getElementById(box.dataset.map).textContent);
  try {
    const map = await createMap(box, points || await json(box.dataset.address), words, land(box.dataset));
    box.dataset.ready = "true";
    box.dispatchEvent(new CustomEvent("perilune:map", { bubbles: true, detail: { map } }));
    return map;
  } catch (error) {
    console.warn(error);
    for (const part of box.querySelectorAll(".map-ground, .map-tools")) part.hidden = true;
    box.querySelector(".map-off").hidden = false;
    const table = box.querySelector("details");
    if (table) table.open = true;
    throw error;
  }
}

export function mapOf(place) {
  const box = place.closest("[data-map]");
  if (!asked.has(box)) asked.set(box, draw(box));
  return asked.get(box);
}

// what htmx has replaced lets go of its picture: a browser holds few
function sweep() {
  for (const [box, promise] of asked) {
    if (box.isConnected) continue;
    asked.delete(box);
    promise.then((map) => map.remove()).catch(() => {});
  }
}

function mount(root) {
  sweep();
  for (const box of root.querySelectorAll("[data-map]")) mapOf(box).catch(() => {});
}

// the colours of the theme anew; what is chosen stays
function repaint() {
  sweep();
  for (const promise of asked.values()) promise.then((map) => map.repaint()).catch(() => {});
}

mount(document);
document.addEventListener("htmx:load", (event) => mount(event.detail.elt));
document.addEventListener("perilune:theme", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
