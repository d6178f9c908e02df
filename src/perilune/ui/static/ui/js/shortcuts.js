// Keys: / or Ctrl-K for search, and the one-letter keys of the verbs on the page.
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search] input");
  const isCommand = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  if (search && (isCommand || (event.key === "/" && !typing(event.target)))) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && event.key.length === 1) {
    const verb = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (verb && !verb.closest("[hidden]") && !event.defaultPrevented) {
      event.preventDefault();
      verb.click();
    }
  }
});

// in the search: down and up walk through the results, Escape leaves
document.addEventListener("keydown", (event) => {
  const box = event.target.closest("[data-search]");
  if (!box) return;
  const stops = [box.querySelector("input"), ...box.querySelectorAll("#search-results a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    stops[Math.max(0, Math.min(stops.length - 1, stops.indexOf(document.activeElement) + step))].focus();
  } else if (event.key === "Escape") {
    box.querySelector("#search-results").replaceChildren();
    document.activeElement.blur();
  }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-search]")) document.getElementById("search-results")?.replaceChildren();
});
