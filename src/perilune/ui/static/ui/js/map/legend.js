// The legend: what each look means and how many points have it; a territory's name leads to it.
import { lookOf, token } from "./colours.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = ["M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8Z", "M2.5 2.5h7v7h-7Z", "M6 1l5 5-5 5-5-5Z", "M6 1.5L10.5 9.5h-9Z"];

function sign({ hue, form }, edge) {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" })) drawing.setAttribute(name, value);
  const shape = drawing.appendChild(document.createElementNS(SVG, "path"));
  shape.setAttribute("d", SHAPES[form % 4]);
  shape.setAttribute("fill", form > 3 ? token("surface") : token(hue));
  shape.setAttribute("stroke", form > 3 ? token(hue) : token(edge));
  shape.setAttribute("stroke-width", form > 3 ? 2 : 1);
  return drawing;
}

const text = (tag, words, name = "") => Object.assign(document.createElement(tag), { textContent: words, className: name });

export function legend(place, points, { words, focusOn }) {
  const number = (value) => value.toLocaleString(document.documentElement.lang);
  return (scheme) => {
    const items = scheme.entries.filter(({ count, territory, label }) => count || (territory >= 0 && label)).map((entry) => {
      const item = document.createElement("li");
      const body = entry.territory >= 0 && entry.count ? item.appendChild(Object.assign(document.createElement("button"), { type: "button", className: "map-name" })) : item;
      body.append(sign(entry, scheme.edge), text("span", entry.label), text("span", number(entry.count), "muted num"));
      if (body !== item) {
        body.dataset.territory = entry.territory;
        body.addEventListener("click", () => focusOn(entry.territory));
      }
      return item;
    });
    if (scheme.title) items.unshift(text("li", scheme.title, "map-legend-title"));
    if (points.unplaced) items.push(text("li", words.unplaced.replace("{n}", number(points.unplaced)), "muted"));
    const had = place.contains(document.activeElement) ? document.activeElement.dataset.territory : null;
    place.replaceChildren(...items);
    if (had) place.querySelector(`[data-territory="${had}"]`)?.focus();
  };
}

export const hueOf = (points, number) => token(lookOf(points, number).hue);
