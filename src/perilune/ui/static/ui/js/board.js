// The board: cards moved by drag, or by Alt with the left and right arrows.
import { follow } from "./follow.js";

const columnOf = (card) => card.closest("[data-column]");

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

async function move(card, column) {
  const board = card.closest("[data-board]");
  const before = { list: card.parentElement, next: card.nextElementSibling };
  if (!board.dataset.moveUrl || columnOf(card) === column) return;
  column.querySelector("ol").prepend(card);
  card.focus();
  const body = new URLSearchParams({ id: card.dataset.card, column: column.dataset.column });
  const answer = await fetch(board.dataset.moveUrl, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" } }).catch(() => null);
  const news = answer?.headers.get("HX-Trigger");
  if (answer?.ok) {
    const place = column.querySelector("h3").textContent;
    if (!news?.includes("deal-close")) await settled(card.dataset.card, place);
    if (news) for (const [name, detail] of Object.entries(JSON.parse(news))) document.dispatchEvent(new CustomEvent(name, { detail }));
  } else {
    before.list.insertBefore(card, before.next); // the server said no: nothing has moved
    const text = answer && answer.status < 500 ? await answer.text() : "";
    const message = text && text.length < 300 && !text.includes("<") ? text : document.getElementById("toasts").dataset.errorLabel;
    document.dispatchEvent(new CustomEvent("toast", { detail: { message, tone: "act" } }));
  }
}

// counts, sums and the card's days come anew with the card on top of its column, where it was dropped
async function settled(id, place) {
  const hadFocus = document.activeElement?.closest("[data-card]")?.dataset.card === id;
  await follow({ moved: id });
  const said = document.querySelector("[data-board-said]");
  said.textContent = `${said.dataset.moved} ${place}`;
  if (hadFocus) document.querySelector(`[data-card="${CSS.escape(id)}"]`)?.focus();
}

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-card]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("dragged");
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  document.querySelectorAll(".over").forEach((column) => column.classList.remove("over"));
});
document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest("[data-column]");
  document.querySelectorAll(".over").forEach((each) => each !== column && each.classList.remove("over"));
  if (!column) return;
  event.preventDefault();
  column.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest("[data-column]");
  if (!column) return;
  event.preventDefault();
  move(dragged, column);
});

document.addEventListener("keydown", (event) => {
  const card = event.target.matches("[data-card]") && event.target;
  const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const height = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!card) return;
  if (event.key === "Enter") card.querySelector("a")?.click();
  if (!side && !height) return;
  event.preventDefault();
  if (height) return void card[height]?.focus();
  const columns = [...card.closest("[data-board]").querySelectorAll("[data-column]")];
  const column = columns[columns.indexOf(columnOf(card)) + side];
  if (column && event.altKey) move(card, column);
  else column?.querySelector("[data-card]")?.focus();
});
