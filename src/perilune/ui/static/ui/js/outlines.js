// TopoJSON as GeoJSON: arcs are deltas on a grid, shared between neighbours.
export function features(topology, name) {
  const { scale: [sx, sy], translate: [tx, ty] } = topology.transform;
  const arcs = topology.arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]) => [(x += dx) * sx + tx, (y += dy) * sy + ty]);
  });
  const ring = (indexes) => indexes.flatMap((index, place) => {
    const arc = index < 0 ? [...arcs[~index]].reverse() : arcs[index];
    return place ? arc.slice(1) : arc;
  });
  const shape = { Polygon: (rings) => rings.map(ring), MultiPolygon: (parts) => parts.map((rings) => rings.map(ring)) };
  const known = topology.objects[name].geometries.filter(({ type }) => shape[type]);
  return { type: "FeatureCollection", features: known.map(({ type, arcs: own }) => ({ type: "Feature", properties: {}, geometry: { type, coordinates: shape[type](own) } })) };
}

// the indexes of the points inside a polygon of [x, y], both in the same plane (even-odd rule)
export function inside(polygon, xs, ys) {
  const found = [];
  const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
  for (const corner of polygon) for (const axis of [0, 1]) {
    low[axis] = Math.min(low[axis], corner[axis]);
    high[axis] = Math.max(high[axis], corner[axis]);
  }
  for (let index = 0; index < xs.length; index += 1) {
    const x = xs[index], y = ys[index];
    if (x < low[0] || x > high[0] || y < low[1] || y > high[1]) continue;
    let isIn = false;
    for (let at = 0, before = polygon.length - 1; at < polygon.length; before = at, at += 1) {
      const [ax, ay] = polygon[at], [bx, by] = polygon[before];
      if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isIn = !isIn;
    }
    if (isIn) found.push(index);
  }
  return found;
}
