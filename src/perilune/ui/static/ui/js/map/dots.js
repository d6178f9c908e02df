// Dots: all points in two buffers of the graphics card, one draw; an assignment rewrites eight bytes a point.
import { rgb, token } from "./colours.js";

const STRIDE = 8; // red, green, blue, form, is chosen, is locked, size in 1/100, share of edge where small in 1/100
const FAR = 9; // off the map, for points without a place

const VERTEX = `#version 300 es
in vec2 a_place; in vec4 a_colour; in vec4 a_state;
uniform vec2 u_scale, u_shift; uniform float u_radius, u_ratio;
flat out vec3 v_colour; flat out float v_form, v_chosen, v_locked, v_radius, v_half, v_faint;
void main() {
  v_colour = a_colour.rgb / 255.0; v_form = a_colour.a; v_chosen = a_state.x; v_locked = a_state.y; v_faint = a_state.w / 100.0;
  v_radius = u_radius * a_state.z / 100.0 + v_chosen * 1.5;
  v_half = v_radius * 1.25 + v_chosen * 3.0 + 1.0;
  gl_Position = vec4(a_place * u_scale + u_shift, 0.0, 1.0);
  gl_PointSize = 2.0 * v_half * u_ratio;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 v_colour; flat in float v_form, v_chosen, v_locked, v_radius, v_half, v_faint;
uniform vec3 u_edge, u_ink, u_surface; uniform float u_ratio;
out vec4 colour;
float apart(vec2 p, float form, float r) {
  if (form < 0.5) return length(p) - r;
  if (form < 1.5) return max(abs(p.x), abs(p.y)) - r * 0.88;
  if (form < 2.5) return (abs(p.x) + abs(p.y) - r * 1.25) * 0.707;
  return max(abs(p.x) * 0.866 - p.y * 0.5, p.y) - r * 0.62;
}
void main() {
  vec2 p = (gl_PointCoord * 2.0 - 1.0) * v_half;
  float soft = 0.5 / u_ratio;
  float form = v_form > 3.5 ? v_form - 4.0 : v_form;
  bool is_small = v_radius < 2.6;
  float d = is_small ? length(p) - v_radius : apart(p, form, v_radius);
  float cover = 1.0 - smoothstep(-soft, soft, d);
  vec3 paint = is_small ? mix(v_colour, u_edge, v_faint) : v_colour;
  if (!is_small) {
    if (v_form > 3.5) paint = mix(u_surface, paint, smoothstep(-soft, soft, d + v_radius * 0.45));
    else paint = mix(paint, u_edge, smoothstep(-soft, soft, d + 0.8));
    if (v_locked > 0.5) paint = mix(u_ink, paint, smoothstep(-soft, soft, length(p) - v_radius * 0.3));
  }
  if (v_chosen > 0.5) {
    float ring = clamp(v_radius * 0.4, 1.0, 3.0);
    paint = mix(paint, u_ink, smoothstep(-soft, soft, d - 0.2));
    cover = 1.0 - smoothstep(-soft, soft, d - ring);
  }
  if (cover <= 0.0) discard;
  colour = vec4(paint * cover, cover);
}`;

// so small that form and edge cannot be seen: little squares, four times faster where a processor draws
const DUST = 1.6; // radius in pixels of the screen
const DUST_VERTEX = `#version 300 es
in vec2 a_place; in vec4 a_colour; in vec4 a_state;
uniform vec2 u_scale, u_shift; uniform float u_radius, u_ratio; uniform vec3 u_edge;
flat out vec3 v_colour;
void main() {
  v_colour = mix(a_colour.rgb / 255.0, u_edge, a_state.w / 100.0);
  gl_Position = vec4(a_place * u_scale + u_shift, 0.0, 1.0);
  gl_PointSize = max(2.0, 1.8 * u_radius * a_state.z / 100.0 * u_ratio);
}`;
const DUST_FRAGMENT = `#version 300 es
precision mediump float;
flat in vec3 v_colour;
out vec4 colour;
void main() { colour = vec4(v_colour, 1.0); }`;

function program(gl, vertex, fragment) {
  const made = gl.createProgram();
  ["a_place", "a_colour", "a_state"].forEach((name, at) => gl.bindAttribLocation(made, at, name));
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made) || "the dots cannot be drawn");
  const places = new Map();
  const uniform = (name) => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(made, name));
    return places.get(name);
  };
  return { use: () => gl.useProgram(made), uniform };
}

// frame(): {x, y} of the middle on the square, world (pixels of the whole square), width, height, radius
export function dots(points, frame) {
  const bytes = new Uint8Array(points.count * STRIDE);
  const middle = [0.5, 0.5];
  let gl = null, full = null, dust = null, vao = null, state = null, above = null, look = null, over = new Uint32Array(0), isStale = true;

  function places() {
    const seen = points.x.findIndex((value) => value >= 0);
    // offsets from a point of the data: single floats then hold a street
    if (seen >= 0) { middle[0] = points.x[seen]; middle[1] = points.y[seen]; }
    const pairs = new Float32Array(points.count * 2);
    for (let index = 0; index < points.count; index += 1) {
      pairs[2 * index] = points.x[index] >= 0 ? points.x[index] - middle[0] : FAR;
      pairs[2 * index + 1] = points.x[index] >= 0 ? points.y[index] - middle[1] : FAR;
    }
    return pairs;
  }

  function onAdd(_, context) {
    gl = context;
    full = program(gl, VERTEX, FRAGMENT);
    dust = program(gl, DUST_VERTEX, DUST_FRAGMENT);
    vao = gl.createVertexArray();
    gl.bindVertexArray(vao);
    const attribute = (at, size, kind, stride, offset) => {
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, kind, false, stride, offset);
    };
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, places(), gl.STATIC_DRAW);
    attribute(0, 2, gl.FLOAT, 0, 0);
    state = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, state);
    gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.DYNAMIC_DRAW);
    attribute(1, 4, gl.UNSIGNED_BYTE, STRIDE, 0);
    attribute(2, 4, gl.UNSIGNED_BYTE, STRIDE, 4);
    above = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, above);
    gl.bindVertexArray(null);
    isStale = true;
  }

  function prepare({ use, uniform }, { x, y, world, width, height, radius, ratio }) {
    const sx = (2 * world) / width, sy = (-2 * world) / height;
    use();
    gl.uniform2f(uniform("u_scale"), sx, sy);
    gl.uniform2f(uniform("u_shift"), (middle[0] - x) * sx, (middle[1] - y) * sy);
    gl.uniform1f(uniform("u_radius"), radius);
    gl.uniform1f(uniform("u_ratio"), ratio);
    for (const name of ["edge", "ink", "surface"]) gl.uniform3f(uniform(`u_${name}`), ...look[name].map((part) => part / 255));
  }

  function render() {
    if (!look) return;
    const now = frame(), isDust = now.radius * now.ratio < DUST;
    gl.bindVertexArray(vao);
    if (isStale) {
      gl.bindBuffer(gl.ARRAY_BUFFER, state);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, bytes);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, over, gl.DYNAMIC_DRAW);
      isStale = false;
    }
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.disable(gl.BLEND);
    if (isDust) {
      prepare(dust, now);
      gl.drawArrays(gl.POINTS, 0, points.count);
    }
    if (!isDust || over.length) {
      prepare(full, now);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      if (!isDust) gl.drawArrays(gl.POINTS, 0, points.count);
      if (over.length) gl.drawElements(gl.POINTS, over.length, gl.UNSIGNED_INT, 0);
    }
    gl.bindVertexArray(null);
  }

  // Rewrites the bytes of some points, or of all; raised ones are drawn once more, above the rest.
  function write({ scheme, chosen }, indexes) {
    const paints = scheme.entries.map(({ hue, form, size, faint }) => [...rgb(token(hue)), form, Math.round(size * 100), Math.round(faint * 100)]);
    const one = (index) => {
      const [red, green, blue, form, size, faint] = paints[scheme.classes[index]], at = index * STRIDE;
      bytes[at] = red; bytes[at + 1] = green; bytes[at + 2] = blue; bytes[at + 3] = form;
      bytes[at + 4] = chosen.has(index) ? 1 : 0; bytes[at + 5] = points.locked?.[index] || 0; bytes[at + 6] = size; bytes[at + 7] = faint;
    };
    if (indexes) indexes.forEach(one);
    else for (let index = 0; index < points.count; index += 1) one(index);
    const raised = [];
    if (scheme.entries.some((_, number) => scheme.raised(number))) for (let index = 0; index < points.count; index += 1) if (scheme.raised(scheme.classes[index])) raised.push(index);
    over = Uint32Array.from([...raised, ...chosen]);
    look = { edge: rgb(token(scheme.edge)), ink: rgb(token("ink")), surface: rgb(token("surface")) };
    isStale = true;
  }

  return { layer: { id: "points", type: "custom", renderingMode: "2d", onAdd, render }, write };
}
