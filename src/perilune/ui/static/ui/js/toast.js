// Notices with undo: rendered by the server on full pages, or sent by htmx as the event «toast».
const area = document.getElementById("toasts");

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-small";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

async function undo(url) {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => null);
  if (answer?.ok) location.reload();
  else show({ message: area.dataset.errorLabel, tone: "act" });
}

export function show({ message, undo: url, tone = "neutral" }) {
  const toast = document.createElement("div");
  toast.className = `toast tone-${tone}`;
  toast.dataset.toast = "";
  toast.append(Object.assign(document.createElement("span"), { textContent: message }));
  if (url) toast.append(button(area.dataset.undoLabel, () => undo(url)));
  toast.append(button(area.dataset.closeLabel, () => toast.remove()));
  area.append(toast);
  fade(toast);
}

// problems stay until they are closed; the rest leaves, but not while one points at it
function fade(toast) {
  if (toast.matches(".tone-act")) return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove()), 8000);
}

area.querySelectorAll("[data-toast]").forEach(fade);
area.addEventListener("click", (event) => { if (event.target.closest("[data-toast-close]")) event.target.closest("[data-toast]").remove(); });
area.addEventListener("submit", (event) => {
  event.preventDefault();
  undo(event.target.action);
});
document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("htmx:responseError", (event) => {
  const { responseText, status } = event.detail.xhr;
  const isSentence = status < 500 && responseText && responseText.length < 300 && !responseText.includes("<");
  show({ message: isSentence ? responseText : area.dataset.errorLabel, tone: "act" });
});
document.addEventListener("htmx:sendError", () => show({ message: area.dataset.errorLabel, tone: "act" }));
