// Narrow or widen the rail, light or dark, menus that close when one looks elsewhere.
const root = document.documentElement;

function keep(name, value) {
  root.dataset[name] = value;
  try { localStorage.setItem(`perilune-${name}`, value); } catch { /* forbidden: for this page only */ }
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-rail-toggle]")) keep("rail", root.dataset.rail === "narrow" ? "wide" : "narrow");
  if (event.target.closest("[data-theme-toggle]")) {
    keep("theme", isDark() ? "light" : "dark");
    document.dispatchEvent(new CustomEvent("perilune:theme"));
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const fold = event.target.closest("[data-filters-fold]");
  if (fold) fold.setAttribute("aria-expanded", String(fold.form.classList.toggle("filters-open")));
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.nextElementSibling.textContent);
});

// a strip of tabs wider than the screen begins at the one that is open, with the page left where it is
for (const tab of document.querySelectorAll(".tabs > [aria-current], .parts > [aria-current]")) {
  const strip = tab.parentElement;
  const beyond = tab.getBoundingClientRect().right - strip.getBoundingClientRect().right;
  if (beyond > 0) strip.scrollLeft += beyond + (strip.clientWidth - tab.offsetWidth) / 2;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopImmediatePropagation();
  }
});

// filters apply at once; the button serves those without scripts and the fields that are typed
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-filters] input[type=radio], [data-filters] input[type=date]")) event.target.form.requestSubmit();
});
