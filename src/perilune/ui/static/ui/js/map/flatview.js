// The view without WebGL: the same picture on a plain canvas, with the same way to choose.
import { rgb, token } from "./colours.js";
import { mercator } from "./points.js";
import { NEAR, radiusAt, reach } from "./view.js";

// circle, square, diamond, triangle
const SHAPES = [
  (pen, x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
  (pen, x, y, r) => pen.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76),
  (pen, x, y, r) => path(pen, [[x, y - r * 1.25], [x + r * 1.25, y], [x, y + r * 1.25], [x - r * 1.25, y]]),
  (pen, x, y, r) => path(pen, [[x, y - r * 1.24], [x + r * 1.07, y + r * 0.62], [x - r * 1.07, y + r * 0.62]]),
];
const SMALL = 2.6; // radius in pixels of dots without form and edge
const FINE = 0.5; // pixels: a corner nearer than that to the one before is not seen
const mixed = (colour, other, share) => `rgb(${rgb(colour).map((part, at) => part * (1 - share) + rgb(other)[at] * share).join(" ")})`;

function path(pen, corners) {
  corners.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

// the corners of a ring on the square, and the box around them
function ringOf(places) {
  const corners = places.map(([lon, lat]) => mercator(lon, lat)), box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of corners) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return { corners, box };
}

const rings = ({ features }) => features.map(({ properties, geometry }) => {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  return { colour: properties.colour, rings: parts.flat().map(ringOf) };
});

export async function flatView(stage, points, outlines) {
  const canvas = document.createElement("canvas");
  canvas.className = "map-flat";
  stage.prepend(canvas);
  const pen = canvas.getContext("2d");
  const [countries, states, departments] = (await outlines).map(rings);
  let middle = [0.5, 0.5], world = 512, own = [], look = null, asked = 0;
  const heard = [];
  const size = () => [stage.clientWidth, stage.clientHeight];
  const project = (x, y) => [(x - middle[0]) * world + stage.clientWidth / 2, (y - middle[1]) * world + stage.clientHeight / 2];

  // what lies outside the stage is left out, and so are corners that fall on the pixel before them
  function trace(shapes) {
    const [width, height] = size(), left = middle[0] - width / 2 / world, top = middle[1] - height / 2 / world;
    const right = left + width / world, bottom = top + height / world;
    for (const { rings: all } of shapes) for (const { corners, box } of all) {
      if (box[0] > right || box[2] < left || box[1] > bottom || box[3] < top) continue;
      let before = [Infinity, Infinity];
      for (const [x, y] of corners) {
        const corner = [(x - left) * world, (y - top) * world];
        if (Math.abs(corner[0] - before[0]) < FINE && Math.abs(corner[1] - before[1]) < FINE) continue;
        if (before[0] === Infinity) pen.moveTo(...corner);
        else pen.lineTo(...corner);
        before = corner;
      }
      pen.closePath();
    }
  }

  function land() {
    const fill = (shapes, colour) => { pen.beginPath(); trace(shapes); pen.fillStyle = colour; pen.fill("evenodd"); };
    const line = (shapes, colour, width) => { pen.beginPath(); trace(shapes); pen.strokeStyle = colour; pen.lineWidth = width; pen.stroke(); };
    fill(countries, token("surface"));
    line(states, token("line"), 1);
    if (world >= 512 * 2 ** NEAR) line(departments, token("line"), 1);
    line(countries, token("line-strong"), 1);
    for (const one of own) {
      pen.globalAlpha = 0.16;
      fill([one], one.colour);
      pen.globalAlpha = 1;
      line([one], one.colour, 1.5);
    }
  }

  function dot(index, radius, { hue, form, size: part, faint }, isChosen) {
    const [x, y] = project(points.x[index], points.y[index]), r = radius * part;
    if (!(x > -r && y > -r && x < stage.clientWidth + r && y < stage.clientHeight + r)) return;
    const colour = token(hue);
    if (radius < SMALL && !isChosen) { pen.fillStyle = mixed(colour, token(look.scheme.edge), faint); pen.fillRect(x - r, y - r, 2 * r, 2 * r); return; }
    pen.beginPath();
    SHAPES[form % 4](pen, x, y, isChosen ? r + 1.5 : r);
    pen.fillStyle = form > 3 ? token("surface") : colour;
    pen.fill();
    pen.strokeStyle = isChosen ? token("ink") : form > 3 ? colour : token(look.scheme.edge);
    pen.lineWidth = isChosen ? 3 : form > 3 ? 2 : 1;
    pen.stroke();
  }

  function draw() {
    asked = 0;
    const [width, height] = size(), ratio = devicePixelRatio;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    land();
    if (!look) return;
    const radius = radiusAt(points, world, size()), { entries, classes, raised } = look.scheme;
    for (const isAbove of [false, true]) for (let index = 0; index < points.count; index += 1) if (points.x[index] >= 0 && raised(classes[index]) === isAbove) dot(index, radius, entries[classes[index]], false);
    for (const index of look.chosen) dot(index, radius, entries[classes[index]], true);
  }
  const redraw = () => { asked ||= requestAnimationFrame(draw); };
  const moved = () => { redraw(); heard.forEach((each) => each()); };
  const watch = new ResizeObserver(moved);
  watch.observe(stage);

  return {
    kind: "plain",
    write: (given) => { look = given; redraw(); },
    project,
    unproject: (px, py) => [middle[0] + (px - stage.clientWidth / 2) / world, middle[1] + (py - stage.clientHeight / 2) / world],
    reach: () => reach(points, world, size()),
    show: ([west, north, east, south]) => {
      const [width, height] = size().map((side) => Math.max(side - 64, 64));
      middle = [(west + east) / 2, (north + south) / 2];
      world = Math.min(width / Math.max(east - west, 1e-9), height / Math.max(south - north, 1e-9), 512 * 2 ** 11);
      moved();
    },
    zoomBy: (step) => { world = Math.max(256, Math.min(world * 2 ** step, 512 * 2 ** 16)); moved(); },
    panBy: (dx, dy) => { middle = [middle[0] + dx / world, middle[1] + dy / world]; moved(); },
    areas: (collection) => { own = rings(collection); redraw(); },
    repaint: redraw,
    onMove: (each) => heard.push(each),
    settled: () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    remove: () => { watch.disconnect(); canvas.remove(); },
  };
}
