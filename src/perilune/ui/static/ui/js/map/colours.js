// Colours: what a point looks like by territory, by an attribute, or by whether it moves.
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export function rgb(colour) {
  const hex = colour.slice(1);
  const pairs = hex.length === 3 ? [...hex].map((digit) => digit + digit) : hex.match(/../g);
  return pairs.slice(0, 3).map((pair) => parseInt(pair, 16));
}

// Seven hues that colour-blind readers tell apart, in eight forms: 56 looks, the first seven by hue alone.
// The eighth hue of the charts is grey, which on a map says «no territory».
const HUES = 7;
export const FORMS = ["circle", "square", "diamond", "triangle", "ring", "frame", "lozenge", "delta"];
export const look = (colour) => (colour < 0 ? { hue: "ink-3", form: 0 } : { hue: `cat-${(colour % HUES) + 1}`, form: Math.floor(colour / HUES) % FORMS.length });
export const lookOf = ({ colours }, number) => look(number < 0 ? -1 : (colours[number] ?? number));

const CLASSES = 5;
const CLASS_SIZES = [0.8, 0.9, 1, 1.1, 1.2]; // more is also larger, for those who do not see the shades
const CLASS_EDGES = [0.6, 0.35, 0.15, 0, 0]; // share of the edge's colour in dots too small to have one

// The values where the next class begins: fifths of the points, fewer where values are equal.
export function breaks(values) {
  const sorted = Float64Array.from(values).filter((value) => !Number.isNaN(value)).sort();
  const fifths = [1, 2, 3, 4].map((fifth) => sorted[Math.floor((fifth * sorted.length) / CLASSES)]);
  return { low: sorted[0], high: sorted[sorted.length - 1], steps: fifths.filter((step, at) => step > (at ? fifths[at - 1] : sorted[0])) };
}

// A scheme: entries (label, hue, form, size, faint, count) and the number of the entry of each point.
function filled(points, entries, classOf, more) {
  const classes = new Uint16Array(points.count);
  const scheme = { entries, classes, edge: "surface", raised: () => false, ...more };
  scheme.look = (index) => {
    entries[classes[index]].count -= 1;
    classes[index] = classOf(index);
    entries[classes[index]].count += 1;
  };
  for (let index = 0; index < points.count; index += 1) {
    classes[index] = classOf(index);
    entries[classes[index]].count += 1;
  }
  return scheme;
}

const entry = (label, hue, form, more) => ({ label, hue, form, size: 1, faint: 0, count: 0, ...more });

function byTerritory(points, words) {
  const entries = points.names.map((name, number) => entry(name, ...Object.values(lookOf(points, number)), { territory: number }));
  const none = entries.push(entry(words.none, "ink-3", 0, { territory: -1 })) - 1;
  return filled(points, entries, (index) => (points.names[points.territory[index]] === undefined ? none : points.territory[index]));
}

function byAttribute(points, words, number, write) {
  const values = points.loads[number], { low, high, steps } = breaks(values.map((value) => value ?? NaN));
  const ends = [low, ...steps, high];
  const entries = steps.concat(high).map((_, at) => {
    const label = words.range.replace("{low}", write(ends[at], number)).replace("{high}", write(ends[at + 1], number));
    const place = at + CLASSES - 1 - steps.length; // fewer classes are the darker ones
    return entry(label, `seq-${place + 1}`, 0, { size: CLASS_SIZES[place], faint: CLASS_EDGES[place] });
  });
  const unknown = entries.push(entry(words.unknown, "surface", 0, { faint: 0.6 })) - 1;
  const classOf = (index) => {
    const value = values[index];
    if (value === null || value === undefined || Number.isNaN(value)) return unknown;
    let at = 0;
    while (at < steps.length && value >= steps[at]) at += 1;
    return at;
  };
  // the palest shade nears the ground: an edge of ink keeps it seen
  return filled(points, entries, classOf, { edge: "ink-3", title: points.attributes[number]?.label });
}

function byMoved(points, words) {
  const entries = [entry(words.stays, "line-field", 4), entry(words.moves, "cat-2", 2, { size: 1.2 }), entry(words.fresh, "cat-3", 3, { size: 1.2 })];
  const classOf = (index) => (points.present[index] === points.territory[index] ? 0 : points.present[index] < 0 ? 2 : 1);
  return filled(points, entries, classOf, { raised: (number) => number > 0 });
}

// by: "territory", "moved", or the number of an attribute; write(value, number) gives its text.
export function scheme(points, by, words, write) {
  if (by === "moved") return byMoved(points, words);
  if (by !== "territory" && points.loads[by]) return byAttribute(points, words, Number(by), write);
  return byTerritory(points, words);
}
