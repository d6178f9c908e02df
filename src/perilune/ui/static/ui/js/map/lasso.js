// The lasso: a shape drawn by hand, with the button or while Shift is held.
import { inside } from "../outlines.js";

const SVG = "http://www.w3.org/2000/svg";
const SLIP = 4; // pixels that a hand moves in a click

export function lasso(stage, view, points, button, done) {
  const sheet = document.createElementNS(SVG, "svg");
  const shape = sheet.appendChild(document.createElementNS(SVG, "polygon"));
  sheet.setAttribute("class", "map-lasso");
  let path = null, pointer = null;
  const place = ({ clientX, clientY }) => { const { left, top } = stage.getBoundingClientRect(); return [clientX - left - stage.clientLeft, clientY - top - stage.clientTop]; };
  const isOpen = () => button.getAttribute("aria-pressed") === "true";

  function open(isWanted) {
    button.setAttribute("aria-pressed", String(isWanted));
    stage.toggleAttribute("data-lasso", isWanted);
    path = null;
    shape.removeAttribute("points");
    if (isWanted) stage.append(sheet);
    else sheet.remove();
  }

  function finish() {
    const corners = path || [];
    open(false);
    if (corners.length > 2) done(inside(corners.map(([x, y]) => view.unproject(x, y)), points.x, points.y));
  }

  function draw(event) {
    if (pointer !== event.pointerId || !path) return;
    path.push(place(event));
    if (!sheet.isConnected && Math.hypot(path[0][0] - path.at(-1)[0], path[0][1] - path.at(-1)[1]) > SLIP) stage.append(sheet);
    shape.setAttribute("points", path.join(" "));
  }

  // before the map hears of it: the ground stays where it is
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || !(isOpen() || event.shiftKey) || event.target.closest("button")) return;
    path = [place(event)];
    pointer = event.pointerId;
    stage.setPointerCapture(pointer);
  }, true);
  for (const name of ["mousedown", "touchstart"]) stage.addEventListener(name, (event) => { if (path) event.stopPropagation(); }, true);
  stage.addEventListener("pointermove", draw);
  stage.addEventListener("pointerup", (event) => {
    if (pointer !== event.pointerId || !path) return;
    pointer = null;
    if (sheet.isConnected) finish();
    else path = null;
  });
  stage.addEventListener("pointercancel", () => { pointer = null; open(false); });
  button.addEventListener("click", () => open(!isOpen()));
  return { close: () => { const was = isOpen() || sheet.isConnected; if (was) open(false); return was; } };
}
