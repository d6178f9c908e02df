// The board asks for what a close needs: the server names the form, it opens in the drawer.
document.addEventListener("deal-close", (event) => {
  window.htmx.ajax("GET", event.detail.url, { target: "#drawer", swap: "innerHTML" });
  // without an answer nothing was moved: closing the drawer shows the board as it is
  document.getElementById("drawer").addEventListener("click", (click) => {
    if (click.target.closest("[data-drawer-close]")) location.reload();
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector("#drawer form[action$='/move/']")) location.reload();
});
