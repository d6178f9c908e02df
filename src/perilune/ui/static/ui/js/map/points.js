// Points: columns of one length, in degrees as given and on the Mercator square (0 to 1 each way).
const LIMIT = 85.0511; // degrees of latitude where the square ends
const clamp = (lat) => Math.max(-LIMIT, Math.min(LIMIT, lat));

export const mercator = (lon, lat) => [(lon + 180) / 360, (1 - Math.log(Math.tan(Math.PI / 4 + (clamp(lat) * Math.PI) / 360)) / Math.PI) / 2];
export const degrees = (x, y) => [x * 360 - 180, (Math.atan(Math.exp(Math.PI * (1 - 2 * y))) * 360) / Math.PI - 90];

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

// A point without a place keeps its number; it is drawn nowhere and never found.
export function points(given) {
  const count = given.lon.length;
  const x = new Float64Array(count).fill(NaN), y = new Float64Array(count).fill(NaN);
  let unplaced = 0;
  for (let index = 0; index < count; index += 1) {
    const lon = given.lon[index], lat = given.lat[index];
    if (isNumber(lon) && isNumber(lat)) [x[index], y[index]] = mercator(lon, lat);
    else unplaced += 1;
  }
  const all = { count, x, y, unplaced, names: [], colours: [], labels: [], attributes: [], loads: [], present: null, locked: null, territory: new Int32Array(count).fill(-1) };
  update(all, given);
  all.present ||= all.territory.slice(); // moved is then: since the page was opened
  return all;
}

// Takes over the columns that came, all but the places.
export function update(all, given) {
  for (const name of ["names", "colours", "labels", "attributes", "loads", "units", "groups"]) if (given[name]) all[name] = given[name];
  for (const name of ["territory", "present"]) if (given[name]?.length) all[name] = Int32Array.from(given[name]);
  if (given.locked?.length) all.locked = Uint8Array.from(given.locked);
}

// The index of the nearest point within reach of (x, y), or -1.
export function nearest({ x: xs, y: ys, count }, x, y, reach) {
  let found = -1, best = reach * reach;
  for (let index = 0; index < count; index += 1) {
    const dx = xs[index] - x, dy = ys[index] - y, apart = dx * dx + dy * dy;
    if (apart <= best) { best = apart; found = index; }
  }
  return found;
}

// [west, north, east, south] on the square of those that are wanted, or null when there are none.
export function bounds({ x, y, count }, isWanted = () => true) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let index = 0; index < count; index += 1) {
    if (!(x[index] >= 0) || !isWanted(index)) continue;
    if (x[index] < box[0]) box[0] = x[index];
    if (y[index] < box[1]) box[1] = y[index];
    if (x[index] > box[2]) box[2] = x[index];
    if (y[index] > box[3]) box[3] = y[index];
  }
  return box[0] <= box[2] ? box : null;
}

// For each territory how many points it has, and the member nearest to their middle: its name stands there.
export function middles({ x, y, count, territory, names }) {
  const found = names.map((_, number) => ({ number, count: 0, x: 0, y: 0, at: -1, apart: Infinity }));
  const each = (look) => {
    for (let index = 0; index < count; index += 1) {
      const one = found[territory[index]];
      if (one && x[index] >= 0) look(one, index);
    }
  };
  each((one, index) => { one.count += 1; one.x += x[index]; one.y += y[index]; });
  for (const one of found) { one.x /= one.count; one.y /= one.count; }
  each((one, index) => {
    const apart = (x[index] - one.x) ** 2 + (y[index] - one.y) ** 2;
    if (apart < one.apart) { one.apart = apart; one.at = index; }
  });
  return found.filter(({ at }) => at >= 0).map((one) => ({ ...one, x: x[one.at], y: y[one.at] }));
}
