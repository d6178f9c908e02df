// The drawer beside the page: filled by htmx, closed by its button or Escape, focus goes back.
const drawer = document.getElementById("drawer");
let opener = null;

function close() {
  drawer.replaceChildren();
  opener?.focus();
  opener = null;
}

if (drawer) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === drawer && !drawer.contains(document.activeElement)) opener = document.activeElement;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === drawer) drawer.focus({ preventScroll: true });
  });
  drawer.addEventListener("click", (event) => { if (event.target.closest("[data-drawer-close]")) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drawer.hasChildNodes() && !event.target.closest("form")) close();
  });
  // white space from the template would keep an empty drawer open
  if (!drawer.textContent.trim() && !drawer.children.length) drawer.replaceChildren();
}
