// Grids: arrows walk, Enter types or opens, left and right on a row's name close and open it,
// Shift and arrows pick a block, copy and paste take it from and to a spreadsheet.
const grids = (target) => target.closest?.("[data-grid]");
const rowsOf = (box) => [...box.querySelectorAll("tbody tr")];
const shownRows = (box) => rowsOf(box).filter((row) => !row.classList.contains("grid-hidden"));
const cellsOf = (row) => [...row.querySelectorAll("[data-cell]")];
const isTyping = (element) => element.matches?.("input, textarea, select");

function place(box, cell) {
  const row = cell.closest("tr");
  return [shownRows(box).indexOf(row), cellsOf(row).indexOf(cell)];
}

function at(box, r, c) {
  const rows = shownRows(box);
  const row = rows[Math.max(0, Math.min(rows.length - 1, r))];
  const cells = cellsOf(row);
  return cells[Math.max(0, Math.min(cells.length - 1, c))];
}

function focusOn(box, cell, pickFrom) {
  box.querySelectorAll("[data-cell][tabindex='0']").forEach((each) => { each.tabIndex = -1; });
  cell.tabIndex = 0;
  cell.focus();
  box.anchor = pickFrom ?? cell;
  const [r1, c1] = place(box, box.anchor);
  const [r2, c2] = place(box, cell);
  box.querySelectorAll(".grid-picked").forEach((each) => each.classList.remove("grid-picked"));
  if (box.anchor === cell) return;
  for (let r = Math.min(r1, r2); r <= Math.max(r1, r2); r += 1) {
    for (let c = Math.min(c1, c2); c <= Math.max(c1, c2); c += 1) at(box, r, c).classList.add("grid-picked");
  }
}

// where a block begins: where the last one did, else at the cell that has the focus
const from = (box, cell) => (box.querySelector(".grid-picked") ? box.anchor : cell);

// -- the tree ---------------------------------------------------------------------------------------

function show(box) {
  const closed = new Set();
  for (const row of rowsOf(box)) {
    const isHidden = closed.has(row.dataset.parent);
    row.classList.toggle("grid-hidden", isHidden);
    if (isHidden || row.getAttribute("aria-expanded") === "false") closed.add(row.dataset.key);
  }
}

const memory = (box) => `perilune-grid-${box.id}`;

function fold(box, row, isOpen) {
  row.setAttribute("aria-expanded", isOpen);
  show(box);
  const states = Object.fromEntries(rowsOf(box).filter((each) => each.hasAttribute("aria-expanded"))
    .map((each) => [each.dataset.key, each.getAttribute("aria-expanded") === "true"]));
  try { sessionStorage.setItem(memory(box), JSON.stringify(states)); } catch { /* the page does without */ }
}

function recall(box) {
  let states = {};
  try { states = JSON.parse(sessionStorage.getItem(memory(box))) ?? {}; } catch { /* as the server says */ }
  for (const row of rowsOf(box)) {
    if (row.hasAttribute("aria-expanded") && row.dataset.key in states) row.setAttribute("aria-expanded", states[row.dataset.key]);
  }
  show(box);
}

// -- typing -----------------------------------------------------------------------------------------

function count(box) {
  const form = box.querySelector("[data-grid-save]");
  if (!form) return;
  const changed = box.querySelectorAll(".grid-changed").length;
  form.hidden = !changed;
  form.querySelector("[data-grid-count]").textContent = changed.toLocaleString(document.documentElement.lang);
}

function put(box, cell, text) {
  const form = box.querySelector("[data-grid-save]");
  const name = cell.dataset.field;
  form.querySelector(`input[name="${CSS.escape(name)}"]`)?.remove();
  if (cell.dataset.before === undefined) cell.dataset.before = cell.innerHTML;
  const isBack = text.trim() === "" || text.trim() === cell.dataset.typed;
  cell.classList.toggle("grid-changed", !isBack);
  if (isBack) {
    cell.innerHTML = cell.dataset.before;
  } else {
    cell.textContent = text.trim();
    const input = Object.assign(document.createElement("input"), { type: "hidden", name, value: text.trim() });
    form.append(input);
  }
  count(box);
}

function type(box, cell, first) {
  const before = cell.innerHTML;
  const start = cell.classList.contains("grid-changed") ? cell.textContent : cell.dataset.typed;
  const input = Object.assign(document.createElement("input"), { className: "input grid-input", inputMode: "decimal", value: first ?? start });
  input.setAttribute("aria-label", cell.dataset.label);
  cell.replaceChildren(input);
  input.focus();
  if (first === undefined) input.select();
  let isDone = false;
  const end = (isKept, step) => {
    if (isDone) return;
    isDone = true;
    const text = input.value;
    cell.innerHTML = before;
    if (isKept) put(box, cell, text);
    if (step) {
      const [r, c] = place(box, cell);
      focusOn(box, at(box, r + step[0], c + step[1]));
    }
  };
  input.addEventListener("blur", () => end(true));
  input.addEventListener("keydown", (event) => {
    const step = { Enter: [1, 0], Escape: [0, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
    event.stopPropagation();
    if (!step) return;
    event.preventDefault();
    end(event.key !== "Escape", step);
  });
}

// -- keys -------------------------------------------------------------------------------------------

function open(box, cell, row) {
  if (cell.dataset.field) type(box, cell);
  else if (cell.matches("th")) row.hasAttribute("aria-expanded") && fold(box, row, row.getAttribute("aria-expanded") !== "true");
  else cell.querySelector("a")?.click();
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.matches?.("[data-grid] [data-cell]") && event.target;
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = grids(cell);
  const row = cell.closest("tr");
  const [r, c] = place(box, cell);
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99] };
  const isOpen = row.getAttribute("aria-expanded");
  if (cell.matches("th") && event.key === "ArrowLeft" && isOpen === "true") fold(box, row, false);
  else if (cell.matches("th") && event.key === "ArrowRight" && isOpen === "false") fold(box, row, true);
  else if (steps[event.key]) focusOn(box, at(box, r + steps[event.key][0], c + steps[event.key][1]), event.shiftKey ? from(box, cell) : undefined);
  else if (event.key === "Enter") open(box, cell, row);
  else if (event.key === "Delete" && cell.dataset.field) put(box, cell, "");
  else if (cell.dataset.field && /^[0-9]$/.test(event.key)) type(box, cell, event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("click", (event) => {
  const box = grids(event.target);
  if (!box) return;
  const knob = event.target.closest("[data-fold]");
  if (knob) {
    const row = knob.closest("tr");
    fold(box, row, row.getAttribute("aria-expanded") !== "true");
  } else if (event.target.closest("[data-grid-discard]")) {
    box.querySelectorAll(".grid-changed").forEach((cell) => put(box, cell, ""));
  } else if (!event.target.closest("a, input")) {
    const cell = event.target.closest("[data-cell]");
    if (cell) focusOn(box, cell, event.shiftKey ? box.anchor : undefined);
  }
});
document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("[data-grid] [data-field]");
  if (cell && !isTyping(event.target)) type(grids(cell), cell);
});

// -- copy and paste ---------------------------------------------------------------------------------

const plain = (cell) => (cell.matches("th") ? cell.querySelector(".grid-label").textContent : cell.classList.contains("grid-changed") ? cell.textContent : cell.dataset.typed) ?? "";

document.addEventListener("copy", (event) => {
  const cell = document.activeElement?.matches("[data-grid] [data-cell]") && document.activeElement;
  if (!cell) return;
  const box = grids(cell);
  const [r1, c1] = place(box, box.anchor ?? cell);
  const [r2, c2] = place(box, cell);
  const lines = [];
  for (let r = Math.min(r1, r2); r <= Math.max(r1, r2); r += 1) {
    const line = [];
    for (let c = Math.min(c1, c2); c <= Math.max(c1, c2); c += 1) line.push(plain(at(box, r, c)));
    lines.push(line.join("\t"));
  }
  event.clipboardData.setData("text/plain", lines.join("\n"));
  event.preventDefault();
});

document.addEventListener("paste", (event) => {
  const cell = document.activeElement?.matches("[data-grid] [data-cell]") && document.activeElement;
  if (!cell) return;
  event.preventDefault();
  const box = grids(cell);
  const [r, c] = place(box, cell);
  const rows = shownRows(box);
  event.clipboardData.getData("text/plain").replace(/\r?\n$/, "").split(/\r?\n/).forEach((line, down) => {
    line.split("\t").forEach((text, right) => {
      const target = rows[r + down] && cellsOf(rows[r + down])[c + right];
      if (target?.dataset.field) put(box, target, text);
    });
  });
});

// what is not saved is not lost without a word
let isSaving = false;
document.addEventListener("submit", (event) => { if (event.target.matches("[data-grid-save]")) isSaving = true; });
window.addEventListener("beforeunload", (event) => {
  if (!isSaving && document.querySelector(".grid-changed")) event.preventDefault();
});

document.querySelectorAll("[data-grid]").forEach(recall);
document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("[data-grid]").forEach(recall));
