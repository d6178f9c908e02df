// Names of territories over their middle, in the page's own letters; the larger go first where two would meet.
import { middles } from "./points.js";

const HEIGHT = 18;
const ABOVE = 16; // the name stands over its point, not on it

export function names(stage, view, points) {
  const sheet = stage.appendChild(Object.assign(document.createElement("div"), { className: "map-names" }));
  sheet.setAttribute("aria-hidden", "true"); // the legend says them
  let placed = [];

  function draw() {
    const taken = [];
    for (const { x, y, label, width } of placed) {
      const [px, py] = view.project(x, y), left = px - width / 2, top = py - HEIGHT / 2 - ABOVE;
      const isFree = px > 0 && py > 0 && px < stage.clientWidth && py < stage.clientHeight && taken.every((other) => left > other.left + other.width || left + width < other.left || Math.abs(top - other.top) > HEIGHT);
      label.hidden = !isFree;
      if (!isFree) continue;
      taken.push({ left, top, width });
      label.style.transform = `translate(${left}px, ${top}px)`;
    }
  }

  function renew() {
    const found = points.names.length > 1 ? middles(points).sort((a, b) => b.count - a.count || a.number - b.number) : [];
    const labels = found.map(({ number }) => Object.assign(document.createElement("span"), { textContent: points.names[number] }));
    sheet.replaceChildren(...labels);
    const widths = labels.map((label) => label.offsetWidth); // one reading of the layout for all
    placed = found.map((one, at) => ({ ...one, label: labels[at], width: widths[at] }));
    draw();
  }

  view.onMove(draw);
  return renew;
}
