/* The studio of a territory plan: what is chosen on the map is moved, locked and taken back, and figures
   follow at once. The server has the last word: its sheet replaces what was reckoned here, and a plan
   that somebody else changed meanwhile is loaded again before anything is moved. */
import { mapOf } from "../ui/js/maps.js";
import { show } from "../ui/js/toast.js";
import { scored } from "./scoring.js";

const studio = document.getElementById("studio");
const words = JSON.parse(document.getElementById("studio-words").textContent);
const language = document.documentElement.lang;
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
const part = (name) => studio.querySelector(`[data-studio="${name}"]`);

const map = await mapOf(studio.querySelector("[data-map]"));
let edition = Number(studio.dataset.edition);
let waiting = Promise.resolve();
let last = null; // what a conflict held up, to be done again

// -- what is chosen --------------------------------------------------------------------------------

function tell(indexes) {
  const list = part("chosen");
  const amounts = map.points.attributes.map(({ label, unit }, at) => {
    const sum = indexes.reduce((whole, index) => whole + (map.points.loads[at][index] || 0), 0);
    return [label, `${Math.round(sum).toLocaleString(language)}${unit ? ` ${unit}` : ""}`];
  });
  const facts = indexes.length ? [[words.accounts, indexes.length.toLocaleString(language)], ...amounts] : [];
  list.replaceChildren(...facts.map(([label, value]) => {
    const item = document.createElement("li");
    item.append(`${label} `, Object.assign(document.createElement("b"), { textContent: value }));
    return item;
  }));
  for (const button of studio.querySelectorAll("[data-needs-chosen]")) button.disabled = !indexes.length;
}

// what is chosen is made whole, container by container, unless these may be torn
let before = new Set();
function whole(indexes) {
  const { groups, count } = map.points;
  if (!groups || part("alone")?.checked) return indexes;
  const now = new Set(indexes);
  const gone = indexes.length === 1 ? [] : [...before].filter((index) => !now.has(index));
  const out = new Set(gone.map((index) => groups[index]));
  const wanted = new Set(indexes.map((index) => groups[index]).filter((group) => group >= 0 && !out.has(group)));
  const all = indexes.filter((index) => groups[index] < 0);
  for (let index = 0; index < count; index += 1) if (wanted.has(groups[index])) all.push(index);
  return all;
}
map.onSelect((indexes) => {
  const all = whole(indexes);
  before = new Set(all);
  if (all.length === indexes.length) tell(all);
  else map.select(all);
});
tell([]);

// -- figures ---------------------------------------------------------------------------------------

const number = (value, decimals = 0) => value.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const columns = JSON.parse(document.getElementById("studio-columns").textContent);

// the cells that a move changes, at once; the server's sheet replaces them when it comes
function rescore() {
  const started = performance.now();
  const { accounts, sums, deviation } = scored(map.points, map.points.names.length);
  for (const row of studio.querySelectorAll("#territories tbody tr[data-id]")) {
    const at = Number(row.dataset.id);
    if (!Number.isInteger(at)) continue; // a region: its sums come with the server's sheet
    if (columns.accounts !== null) row.cells[columns.accounts].textContent = number(accounts[at]);
    columns.values.forEach((cell, of) => {
      row.cells[cell].textContent = number(sums[of][at]);
      row.cells[cell + 1].textContent = number(100 * deviation[of][at], 1);
    });
  }
  studio.dataset.rescored = (performance.now() - started).toFixed(1);
}

function replaced(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const old of studio.querySelectorAll("[data-studio-part]")) {
    const came = fresh.getElementById(old.id);
    if (!came) continue;
    const taken = document.adoptNode(came);
    if (taken.matches("select") && [...taken.options].some((one) => one.value === old.value)) taken.value = old.value;
    old.replaceWith(taken);
    window.htmx.process(taken);
  }
  const finding = document.querySelector(".page-header .finding");
  if (finding) finding.textContent = fresh.getElementById("studio-sentence").textContent;
}

// -- verbs -----------------------------------------------------------------------------------------

async function send(url, fields) {
  const body = new URLSearchParams({ edition, ...fields });
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body }).catch(() => null);
  if (!answer) return { status: 0, said: words.unreachable };
  const said = await answer.json().catch(() => ({ said: words.unreachable }));
  return { status: answer.status, ...said };
}

async function reload() {
  const answer = await fetch(studio.dataset.points, { headers: { Accept: "application/json" } });
  const points = await answer.json();
  edition = points.edition;
  map.update(points);
  map.setAreas(points.areas);
}

async function refresh() {
  const answer = await fetch(studio.dataset.parts);
  if (answer.ok) replaced(await answer.text());
  // the forms of the page go on from what was just done
  for (const field of document.querySelectorAll('[name="edition"]')) field.value = edition;
}

// one verb at a time: each knows the edition that the one before it made
function act(url, fields, again) {
  waiting = waiting.then(async () => {
    studio.setAttribute("aria-busy", "true");
    const answer = await send(url, fields);
    if (answer.status === 409) {
      last = again;
      part("conflict-said").textContent = answer.said;
      part("conflict").hidden = false;
      await reload();
      await refresh();
    } else if (answer.status !== 200) {
      show({ message: answer.said || words.unreachable, tone: "act" });
      await reload();
      await refresh();
    } else {
      edition = answer.edition;
      // polygons take the colour of their territory, and a container may reach beyond what was chosen
      if (answer.reload || map.points.groups) await reload();
      else if (answer.areas) map.setAreas(answer.areas);
      await refresh();
    }
    studio.removeAttribute("aria-busy");
  }).catch(() => show({ message: words.unreachable, tone: "act" }));
  return waiting;
}

// the map numbers what one sees, the plan all that it holds
const unitsOf = (indexes) => indexes.map((index) => map.points.units[index]).join(",");

function move(indexes, to) {
  map.assign(indexes, to);
  rescore();
  map.clear();
  const alone = part("alone")?.checked ? 1 : 0;
  return act(studio.dataset.move, { units: unitsOf(indexes), to, alone }, () => move(indexes, to));
}

function lock(indexes, isLocked) {
  const locked = [...map.points.locked];
  for (const index of indexes) locked[index] = isLocked ? 1 : 0;
  map.update({ locked });
  map.clear();
  return act(studio.dataset.lock, { units: unitsOf(indexes), locked: isLocked ? 1 : 0 }, () => lock(indexes, isLocked));
}

part("move")?.addEventListener("click", () => {
  const to = part("to").value;
  if (to === "") part("to").focus();
  else if (map.selected.length) move(map.selected, Number(to));
});
for (const kind of ["together", "apart"]) {
  part(kind)?.addEventListener("click", () => {
    const units = unitsOf(map.selected);
    const bind = () => act(studio.dataset.bind, { units, kind }, bind);
    bind();
  });
}
part("pin")?.addEventListener("click", () => {
  const to = part("to").value, units = unitsOf(map.selected);
  const pin = () => act(studio.dataset.pin, { units, to }, pin);
  if (Number(to) < 0 || to === "") part("to").focus();
  else pin();
});
part("lock")?.addEventListener("click", () => lock(map.selected, true));
part("add")?.addEventListener("htmx:configRequest", (event) => { event.detail.parameters.units = unitsOf(map.selected); });
part("unlock")?.addEventListener("click", () => lock(map.selected, false));
studio.addEventListener("click", (event) => {
  const button = event.target.closest("[data-studio-verb]");
  if (button) act(button.dataset.url, {}, () => button.click());
  const row = event.target.closest("#territories [data-focus]");
  if (row) {
    event.preventDefault();
    map.focusOn(Number(row.dataset.focus));
  }
});
part("again")?.addEventListener("click", () => {
  part("conflict").hidden = true;
  last?.();
});
part("leave")?.addEventListener("click", () => { part("conflict").hidden = true; });
part("colour").addEventListener("change", (event) => {
  const by = event.target.value;
  map.colourBy(/^\d+$/.test(by) ? Number(by) : by);
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select")) return;
  const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  if (!isUndo) return;
  event.preventDefault();
  studio.querySelector(`[data-studio-verb="${event.shiftKey ? "redo" : "undo"}"]:not(:disabled)`)?.click();
});
studio.dataset.ready = "true";
