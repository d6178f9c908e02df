// Edit in place: a click or Enter on a cell asks the server for its editor; Escape gives the old text back.
const htmx = window.htmx;

function open(cell) {
  if (cell.querySelector("form")) return;
  htmx.ajax("GET", cell.dataset.edit, { target: cell, swap: "innerHTML" });
}

document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-edit]");
  if (cell && !event.target.closest("a, form")) open(cell);
  const cancel = event.target.closest("[data-editor-cancel]");
  if (cancel) leave(cancel.closest("[data-editor]"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-edit]")) open(event.target);
  const editor = event.target.closest("[data-editor]");
  if (editor && event.key === "Escape") {
    event.stopPropagation();
    leave(editor);
  }
});

function leave(editor) {
  const field = editor.closest(".field");
  const joint = editor.dataset.cancel.includes("?") ? "&" : "?";
  htmx.ajax("GET", `${editor.dataset.cancel}${joint}read=1`, { target: field, swap: "outerHTML" });
}

// an editor that has just come gets the cursor; one that stood in the page does not
document.addEventListener("htmx:load", (event) => {
  const fresh = event.detail.elt;
  const input = fresh !== document.body && fresh.querySelector?.("[data-editor] .input");
  input?.focus?.();
  input?.select?.();
});
