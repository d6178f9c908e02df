// The map by keyboard: a cross that the arrows move, points picked under it, rectangles stretched from it.
import { nearest } from "./points.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 16; // pixels; the reach of the cross is wider than half of it, so no point lies between two steps
const EDGE = 24;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function keyboard(stage, view, points, { canSelect, selection, say, tellOf, escape, words }) {
  const sheet = document.createElementNS(SVG, "svg");
  const frame = sheet.appendChild(document.createElementNS(SVG, "rect"));
  const lines = [0, 1].map(() => sheet.appendChild(document.createElementNS(SVG, "path"))); // a pale one below, seen over any dot
  sheet.setAttribute("class", "map-cross");
  sheet.setAttribute("aria-hidden", "true");
  for (const line of lines) line.setAttribute("d", "M-12 0H-4M4 0H12M0-12V-4M0 4V12");
  let at = null, corner = null; // on the square: they stay over their ground when the map moves

  const under = () => nearest(points, ...at, Math.max(view.reach(), (view.unproject(STEP * 0.75, 0)[0] - view.unproject(0, 0)[0])));
  function within() {
    const [west, east] = [at[0], corner[0]].sort((a, b) => a - b), [north, south] = [at[1], corner[1]].sort((a, b) => a - b);
    const found = [];
    for (let index = 0; index < points.count; index += 1) if (points.x[index] >= west && points.x[index] <= east && points.y[index] >= north && points.y[index] <= south) found.push(index);
    return found;
  }

  function draw() {
    if (!at) { sheet.remove(); return; }
    const [x, y] = view.project(...at), [cx, cy] = view.project(...(corner || at));
    for (const line of lines) line.setAttribute("transform", `translate(${x} ${y})`);
    for (const [name, value] of Object.entries({ x: Math.min(x, cx), y: Math.min(y, cy), width: Math.abs(x - cx), height: Math.abs(y - cy) })) frame.setAttribute(name, value);
    frame.toggleAttribute("hidden", !corner);
    if (!sheet.isConnected) stage.append(sheet);
  }

  function move([dx, dy], isStretching) {
    at ||= view.unproject(stage.clientWidth / 2, stage.clientHeight / 2);
    if (isStretching) corner ||= at;
    else corner = null;
    const [x, y] = view.project(...at), next = [x + dx * STEP, y + dy * STEP];
    at = view.unproject(...next);
    const over = (value, side) => (value < EDGE ? value - EDGE : Math.max(0, value - side + EDGE));
    const beyond = [over(next[0], stage.clientWidth), over(next[1], stage.clientHeight)];
    if (beyond[0] || beyond[1]) view.panBy(...beyond);
    draw();
    if (corner) say(words.rectangle.replace("{n}", within().length.toLocaleString(document.documentElement.lang)));
    else say(tellOf(under()));
  }

  function pick() {
    if (corner) {
      selection.add(within());
      corner = null;
      draw();
      return;
    }
    const index = at ? under() : -1;
    if (index >= 0) selection.toggle(index);
    else say(words.nothing);
  }

  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (ARROWS[key]) move(ARROWS[key], event.shiftKey && canSelect);
    else if (canSelect && (key === " " || key === "Enter")) pick();
    else if (key === "+" || key === "=") view.zoomBy(1);
    else if (key === "-") view.zoomBy(-1);
    else if (key === "Escape" && corner) { corner = null; draw(); }
    else if (key === "Escape" && escape()) draw();
    else return;
    stage.toggleAttribute("data-used", true); // who has begun needs no help over the picture
    event.preventDefault();
    event.stopPropagation();
  });
  stage.addEventListener("blur", () => { corner = null; sheet.remove(); stage.removeAttribute("data-used"); });
  stage.addEventListener("focus", () => { if (at && stage.matches(":focus-visible")) draw(); });
  view.onMove(() => { if (sheet.isConnected) draw(); });
}
