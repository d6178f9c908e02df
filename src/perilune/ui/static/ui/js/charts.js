// Charts: options come as JSON in the page, colours as tokens, numbers in the reader's format.
const language = document.documentElement.lang || "en";
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const drawn = new Map();

function library() {
  return window.echarts ? Promise.resolve() : new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: document.body.dataset.echarts, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

// replaces «token:won» by the colour it stands for in this theme
function coloured(value) {
  if (typeof value === "string" && value.startsWith("token:")) {
    if (value === "token:hatch") return { symbol: "rect", rotation: -Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [2, 4], color: token("hatch") };
    return token(value.slice(6));
  }
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, coloured(part)]));
  return value;
}

function writer({ format, currency }, short) {
  const compact = short ? { notation: "compact", maximumFractionDigits: 1 } : {};
  const write = (options, scale) => {
    const formatter = new Intl.NumberFormat(language, { ...options, ...compact });
    return (value) => (value === null || value === undefined || Number.isNaN(value) ? "–" : formatter.format(value * scale).replace(/(k|M|Md)\s(\D)/, "$1$2"));
  };
  if (format === "money" && currency) {
    const style = { style: "currency", currency };
    const decimals = new Intl.NumberFormat("en", style).resolvedOptions().maximumFractionDigits;
    return write({ ...style, maximumFractionDigits: short ? 1 : decimals }, 10 ** -decimals);
  }
  if (format === "percent") return write({ style: "percent", maximumFractionDigits: 1 }, 1);
  return write({ maximumFractionDigits: 2 }, 1);
}

// a few long names are broken over lines rather than left out
function broken(each, width) {
  const names = each.data || [];
  const isFew = names.length > 0 && names.length <= 8 && names.some((name) => String(name).length > 4);
  return isFew ? { interval: 0, width: (width - 56) / names.length, overflow: "break", hideOverlap: false, lineHeight: 12, fontSize: width < 480 ? 10 : 11 } : {};
}

// width: room for the names of all categories beside each other; none where they stand below each other
function axis(given, spec, width) {
  const line = { lineStyle: { color: token("line-strong") } };
  const base = { axisLine: line, axisTick: { show: false }, axisLabel: { color: token("ink-3"), fontSize: 11, hideOverlap: true }, nameTextStyle: { color: token("ink-3") }, splitLine: { lineStyle: { color: token("line") } } };
  return (Array.isArray(given) ? given : [given]).map((each) => {
    const isValue = !each.type || each.type === "value";
    const label = isValue ? { ...base.axisLabel, formatter: writer(spec, true) } : { ...base.axisLabel, ...(width ? broken(each, width) : { interval: 0 }) };
    return { ...base, ...(isValue ? { axisLine: { show: false } } : { splitLine: { show: false } }), ...each, axisLabel: { ...label, ...each.axisLabel } };
  });
}

function themed(spec, width) {
  const given = coloured(spec.options);
  const base = {
    animation: false, color: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`cat-${n}`)),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11, color: token("ink-2") },
    grid: { left: 4, right: 12, top: given.legend ? 32 : 12, bottom: 4, containLabel: true },
    // rich text is drawn on the canvas: no inline styles, so the content policy may stay strict
    tooltip: { trigger: given.xAxis ? "axis" : "item", renderMode: "richText", confine: true, axisPointer: { type: "shadow", shadowStyle: { color: token("hover"), opacity: 0.5 } }, backgroundColor: token("surface"), borderColor: token("line-strong"), textStyle: { color: token("ink"), fontSize: 12 }, valueFormatter: writer(spec, false) },
  };
  const merged = { ...base, ...given, tooltip: { ...base.tooltip, ...given.tooltip }, grid: { ...base.grid, ...given.grid } };
  if (given.legend) merged.legend = { top: 0, left: 0, itemWidth: 12, itemHeight: 8, icon: "roundRect", textStyle: { color: token("ink-2"), fontSize: 11 }, ...given.legend };
  if (given.xAxis) merged.xAxis = axis(given.xAxis, spec, width);
  if (given.yAxis) merged.yAxis = axis(given.yAxis, spec, 0);
  return merged;
}

function draw(box) {
  const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const chart = drawn.get(box) || window.echarts.init(box, null, { renderer: "canvas" });
  chart.setOption(themed(spec, box.clientWidth), true);
  if (drawn.has(box)) return;
  drawn.set(box, chart);
  new ResizeObserver(() => { chart.resize(); draw(box); }).observe(box);
  chart.on("click", (event) => { if (spec.links?.[event.name]) location.href = spec.links[event.name]; });
}

async function mount(inside) {
  const boxes = [...inside.querySelectorAll("[data-chart]")].filter((box) => !drawn.has(box));
  if (!boxes.length) return;
  await library();
  boxes.forEach(draw);
}

function redraw() {
  for (const [box, chart] of drawn) {
    if (box.isConnected) draw(box);
    else { chart.dispose(); drawn.delete(box); }
  }
}

mount(document);
document.addEventListener("htmx:load", (event) => mount(event.detail.elt));
document.addEventListener("perilune:theme", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
