// Tables by keyboard: up and down walk, Enter opens, Space selects, Shift-Space selects up to here.
const rowsOf = (box) => [...box.querySelectorAll("tbody tr[data-id]")];
const pickOf = (row) => row.querySelector(".pick input");

function count(box) {
  const bulk = box.querySelector("[data-bulk]");
  if (!bulk) return;
  const rows = rowsOf(box);
  const picked = rows.filter((row) => pickOf(row).checked);
  for (const row of rows) row.classList.toggle("picked", pickOf(row).checked);
  bulk.hidden = !picked.length;
  bulk.querySelector("[data-bulk-count]").textContent = picked.length.toLocaleString(document.documentElement.lang);
  const all = box.querySelector("[data-pick-all]");
  all.checked = picked.length > 0 && picked.length === rows.length;
  all.indeterminate = picked.length > 0 && picked.length < rows.length;
}

function pick(box, row, upTo) {
  const rows = rowsOf(box);
  const from = upTo && box.lastPicked ? rows.indexOf(box.lastPicked) : rows.indexOf(row);
  const [first, last] = [from, rows.indexOf(row)].sort((a, b) => a - b);
  const wanted = upTo || !pickOf(row).checked;
  for (const each of rows.slice(first, last + 1)) pickOf(each).checked = wanted;
  box.lastPicked = row;
  count(box);
}

const keys = {
  ArrowDown: (box, row) => rowsOf(box)[rowsOf(box).indexOf(row) + 1]?.focus(),
  ArrowUp: (box, row) => rowsOf(box)[rowsOf(box).indexOf(row) - 1]?.focus(),
  Enter: (box, row) => row.dataset.url && row.querySelector("a").click(),
  " ": (box, row, event) => pickOf(row) && pick(box, row, event.shiftKey),
};

// the letter of a bulk verb on a row where nothing is selected means that row
function verb(row, event) {
  const box = row.closest("[data-table]");
  const button = box.querySelector(`[data-bulk][hidden] [data-shortcut="${CSS.escape(event.key)}"]`);
  if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  pick(box, row);
  button.click();
}

function prepare(box) {
  rowsOf(box).forEach((row, i) => { row.tabIndex = i ? -1 : 0; });
  count(box);
}

document.addEventListener("keydown", (event) => {
  const row = event.target.matches("[data-table] tbody tr[data-id]") && event.target;
  if (!row) return;
  if (event.key.length === 1 && event.key !== " ") verb(row, event);
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key](row.closest("[data-table]"), row, event);
});
document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-table]");
  if (!box || !event.target.closest(".pick")) return;
  if (event.target.matches("[data-pick-all]")) rowsOf(box).forEach((row) => { pickOf(row).checked = event.target.checked; });
  count(box);
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-bulk-clear]")) return;
  const box = event.target.closest("[data-table]");
  rowsOf(box).forEach((row) => { pickOf(row).checked = false; });
  count(box);
});
document.addEventListener("htmx:load", (event) => {
  const inside = event.detail.elt;
  if (inside.matches?.("[data-table]")) prepare(inside);
  inside.querySelectorAll?.("[data-table]").forEach(prepare);
});
document.querySelectorAll("[data-table]").forEach(prepare);
