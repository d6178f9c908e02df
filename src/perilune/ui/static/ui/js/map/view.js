// What both views share: how large a dot is, and how near a pointer must come.
const FULL = 6, FAINT = 1.2; // radius in pixels of dots that have room, and of those that have none
export const NEAR = 4; // zoom from which departments are drawn: farther off they are only grey
const COVER = 0.3; // share of the picture that dots may cover where the whole of the data is in view

// Many points in a small picture are fine dust; nearer, they grow: nothing is hidden and nothing counted twice.
export function radiusAt(points, world, [width, height]) {
  const [west, north, east, south] = points.extent || [0, 0, 1, 1];
  const covered = Math.max((east - west) * world, 1) * Math.max((south - north) * world, 1);
  const room = Math.max(covered, Math.min(width * height, 4e4));
  return Math.max(FAINT, Math.min(FULL, Math.sqrt((room * COVER) / (Math.PI * Math.max(points.count, 1)))));
}

// in units of the square
export const reach = (points, world, size) => Math.max(10, radiusAt(points, world, size) + 4) / world;
