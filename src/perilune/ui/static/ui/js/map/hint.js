// What a point says: its name, its territory, its loads; under the pointer and to those who listen.
import { nearest } from "./points.js";

const GAP = 12;

export function sentences(points, words) {
  const language = document.documentElement.lang;
  const write = (value, number) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const unit = points.attributes[number]?.unit;
    return value.toLocaleString(language, { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 }) + (unit ? `\u00a0${unit}` : "");
  };
  const parts = (index) => {
    const name = (number) => points.names[number] ?? words.none;
    const place = points.names.length ? [name(points.territory[index])] : [];
    const before = points.present[index] !== points.territory[index] ? [words.before.replace("{name}", name(points.present[index]))] : [];
    const loads = points.loads.map((values, number) => words.load.replace("{label}", points.attributes[number]?.label ?? "").replace("{value}", write(values[index], number)));
    return [points.labels[index], ...place, ...before, ...loads, points.locked?.[index] ? words.locked : ""].filter(Boolean);
  };
  return { write, parts, tellOf: (index) => (index < 0 ? words.nothing : parts(index).join(" · ")) };
}

export function hint(stage, view, points, parts) {
  const box = stage.appendChild(Object.assign(document.createElement("div"), { className: "map-hint", hidden: true }));
  box.setAttribute("aria-hidden", "true");
  let asked = 0;
  function show({ clientX, clientY, buttons }) {
    asked = 0;
    const { left, top } = stage.getBoundingClientRect(), px = clientX - left - stage.clientLeft, py = clientY - top - stage.clientTop;
    const index = buttons ? -1 : nearest(points, ...view.unproject(px, py), view.reach());
    stage.toggleAttribute("data-over", index >= 0);
    box.hidden = index < 0;
    if (index < 0) return;
    const [name, ...rest] = parts(index);
    box.replaceChildren(Object.assign(document.createElement("strong"), { textContent: name }), ...rest.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    const [x, y] = view.project(points.x[index], points.y[index]);
    const isRight = x + GAP + box.offsetWidth > stage.clientWidth, isLow = y + GAP + box.offsetHeight > stage.clientHeight;
    box.style.transform = `translate(${Math.max(0, isRight ? x - GAP - box.offsetWidth : x + GAP)}px, ${Math.max(0, isLow ? y - GAP - box.offsetHeight : y + GAP)}px)`;
  }
  stage.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") asked ||= requestAnimationFrame(() => show(event)); });
  stage.addEventListener("pointerleave", () => { box.hidden = true; });
  view.onMove(() => { box.hidden = true; });
}
