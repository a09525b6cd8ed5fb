// The page: what is shown, and what keys, mouse and buttons do to it.

const find = (id) => document.getElementById(id);
const state = { number: 0, layer: null, theme: "light", hidden: {}, drift: [0, 1], camera: null };
let event = null, views = [], painted = [], waiting = false, asked = 0;

const layerNow = () => event.layers.find((layer) => layer.key === state.layer) ?? event.layers[0];
const hiddenNow = () => (state.hidden[state.layer] ??= new Set());
const flat = () => event.dimensions === 2;

// All planes share one drift range: from the earliest to the latest of them.
function driftLimits() {
  const axes = event.panels.map((panel) => panel.axes[1]);
  return [Math.min(...axes.map((axis) => axis.low)), Math.max(...axes.map(axisHigh))];
}
const wireLimits = (view) => [view.panel.axes[0].low, axisHigh(view.panel.axes[0])];

function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; drawNow(); });
}

function drawNow() {
  const start = performance.now();
  views.forEach((view, number) => view.draw(painted[number], flat() ? state.drift : state.camera));
  state.milliseconds = performance.now() - start;
}

function repaint() {
  painted = event.panels.map((panel) => paint(event, panel, layerNow(), state.theme, hiddenNow()));
  drawLegend(event, layerNow(), state.theme, hiddenNow(), toggleEntry);
  for (const button of find("layers").children) button.setAttribute("aria-pressed", String(button.dataset.key === state.layer));
  redraw();
}

function toggleEntry(value) {
  const hidden = hiddenNow();
  if (!hidden.delete(value)) hidden.add(value);
  repaint();
}

function reset() {
  if (flat()) { state.drift = driftLimits(); views.forEach((view) => view.reset()); }
  else state.camera = { turn: -0.6, tilt: 0.35, zoom: 1, shift: [0, 0] };
  redraw();
}

function zoom(factor, view = null, at = null, axes = "both") {
  if (!flat()) state.camera.zoom = Math.min(60, Math.max(0.3, state.camera.zoom * factor));
  else {
    const up = event.panels[0].axes[1];
    const about = at ? at.time : (state.drift[0] + state.drift[1]) / 2;
    if (axes !== "wire") state.drift = zoomedRange(state.drift, driftLimits(), factor, about, up.pitch);
    for (const each of view ? [view] : views) {
      const middle = at ? at.wire : (each.range[0] + each.range[1]) / 2;
      if (axes !== "drift") each.range = zoomedRange(each.range, wireLimits(each), factor, middle, each.panel.axes[0].pitch);
    }
  }
  redraw();
}

function chooseLayer(key) {
  if (!event.layers.some((layer) => layer.key === key)) throw new Error(`there is no layer ${key}: ${event.layers.map((l) => l.key)}`);
  state.layer = key;
  repaint();
}

function makeLayers() {
  find("layers").replaceChildren(...event.layers.map((layer, number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.key = layer.key;
    button.textContent = layer.name;
    button.title = number < 9 ? `${layer.title} (${number + 1})` : layer.title;
    button.addEventListener("click", () => chooseLayer(layer.key));
    return button;
  }));
  if (!event.layers.some((layer) => layer.key === state.layer)) state.layer = event.layers[0].key;
}

function makeViews() {
  find("panels").replaceChildren();
  views = event.panels.map((panel, number) => {
    const parent = document.createElement("div");
    parent.className = "panel";
    // The first plane is wider by its drift axis, so that all pictures are equally wide.
    if (event.dimensions === 2 && number === 0) parent.style.flex = "1 1 48px";
    find("panels").append(parent);
    const view = flat() ? new PlaneView(parent, panel, number === 0) : new VolumeView(parent, panel);
    (flat() ? listenPlane : listenVolume)(view);
    return view;
  });
}

async function showEvent(number) {
  if (number < 0 || number >= facts.events.length) return;
  const mine = ++asked;
  state.number = number; // at once: the next key counts from here
  const loaded = await loadEvent(number);
  if (mine !== asked) return; // another event was asked for meanwhile
  event = loaded;
  state.hidden = {};
  find("title").textContent = event.title;
  find("subtitle").textContent = event.subtitle;
  document.title = event.title;
  find("choose").value = String(number);
  find("previous").disabled = number === 0;
  find("next").disabled = number === facts.events.length - 1;
  find("events").hidden = facts.events.length < 2;
  find("readout").textContent = flat() ? "move the mouse over a plane to read its pixels" : "drag to turn, wheel to zoom";
  makeLayers();
  makeViews();
  reset();
  repaint();
  drawNow(); // at once: the mouse may ask before the next frame
}

function positionWords(panel, values) {
  return panel.axes.map((axis, k) => {
    const name = axis.name.replace(" number", "");
    return `${name} ${Number(values[k].toPrecision(7))}${axis.unit ? ` ${axis.unit}` : ""}`;
  });
}

// What is known of one pixel.
function wordsOf(panel, row) {
  const position = panel.coordinates.map((column, k) => axisValue(panel.axes[k], column[row]));
  const labels = event.layers.filter((layer) => layer.kind !== "charge")
    .map((layer) => `${layer.title.replace(" (truth)", "")}: ${nameOf(layer, panel.labels[layer.key][row])}`);
  return [panel.name, ...positionWords(panel, position), `charge ${shortNumber(panel.charge[row])} ${event.scale.unit}`, ...labels].join("   ·   ");
}

function readPlane(view, point) {
  const at = view.valuesAt(point);
  if (!at.inside) return clearReadout();
  const row = view.rowAt(at);
  const empty = view.indicesAt(at).map((index, k) => axisValue(view.panel.axes[k], index));
  find("readout").textContent = row >= 0 ? wordsOf(view.panel, row)
    : [view.panel.name, ...positionWords(view.panel, empty), "no charge"].join("   ·   ");
  views.forEach((each) => each.cross(at.time, each === view ? at.wire : null));
}

function clearReadout() {
  find("readout").textContent = "";
  if (flat()) views.forEach((view) => view.cross(null));
}

function dragging(canvas, move, hover) {
  let last = null;
  canvas.addEventListener("pointerdown", (e) => { last = e; canvas.setPointerCapture(e.pointerId); });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });
  canvas.addEventListener("pointerleave", clearReadout);
  canvas.addEventListener("pointermove", (e) => {
    if (last) { move(e.clientX - last.clientX, e.clientY - last.clientY, e); last = e; } else hover(e);
  });
  canvas.addEventListener("dblclick", reset);
}

const wheelFactor = (e) => Math.exp(-(e.deltaY || e.deltaX) * (e.deltaMode === 1 ? 0.05 : 0.0015));

function listenPlane(view) {
  dragging(view.over, (dx, dy) => {
    const { ratio, width, height } = view.box;
    const wires = view.range[1] - view.range[0], times = state.drift[1] - state.drift[0];
    view.range = shiftedRange(view.range, wireLimits(view), -dx * ratio / width * wires);
    state.drift = shiftedRange(state.drift, driftLimits(), dy * ratio / height * times);
    redraw();
  }, (e) => readPlane(view, e));
  view.over.addEventListener("wheel", (e) => {
    e.preventDefault();
    zoom(wheelFactor(e), view, view.valuesAt(e), e.shiftKey ? "wire" : e.altKey ? "drift" : "both");
  }, { passive: false });
}

function listenVolume(view) {
  dragging(view.over, (dx, dy, e) => {
    const area = view.over.getBoundingClientRect();
    if (e.shiftKey) { state.camera.shift[0] += dx / area.width; state.camera.shift[1] += dy / area.height; }
    else {
      state.camera.turn += dx * 0.008;
      state.camera.tilt = Math.min(1.57, Math.max(-1.57, state.camera.tilt + dy * 0.008));
    }
    redraw();
  }, (e) => {
    const row = view.rowAt(e);
    find("readout").textContent = row >= 0 ? wordsOf(view.panel, row) : "";
  });
  view.over.addEventListener("wheel", (e) => { e.preventDefault(); zoom(wheelFactor(e)); }, { passive: false });
}

function setTheme(theme) {
  state.theme = theme;
  document.documentElement.dataset.theme = theme;
  find("theme").textContent = theme === "dark" ? "light" : "dark";
  if (event) repaint();
}

const fileName = (suffix) => `${event.title.replace(/[^\w.-]+/g, "_")}_${state.layer}.${suffix}`;
// The next frame may not have come since the last key: what is taken along is drawn first.
function pictureNow() {
  drawNow();
  return composed(event, layerNow(), state.theme, hiddenNow(), views);
}
function tableNow() {
  drawNow();
  return tableOf(event, views);
}
const savePicture = () => pictureNow().toBlob((blob) => save(fileName("png"), blob));
const saveTable = () => save(fileName("csv"), new Blob([tableNow()], { type: "text/csv" }));

// Paper is light, and its sides are not the window's: a picture made for it is printed, not the page.
function layPrint() {
  if (!event) return;
  const theme = state.theme, panels = find("panels");
  endPrint();
  panels.classList.add("sheet");
  setTheme("light");
  const sheet = pictureNow();
  sheet.id = "sheet";
  document.body.append(sheet);
  panels.classList.remove("sheet");
  setTheme(theme);
}
const endPrint = () => find("sheet")?.remove();

const actions = {
  ArrowLeft: () => guarded(showEvent(state.number - 1)), ArrowRight: () => guarded(showEvent(state.number + 1)),
  "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": reset,
  d: () => setTheme(state.theme === "dark" ? "light" : "dark"), s: savePicture, t: saveTable, "?": () => find("keys").showModal(),
};

function onKey(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === "SELECT" || find("keys").open || !event) return;
  if (/^[1-9]$/.test(e.key)) { const layer = event.layers[Number(e.key) - 1]; if (layer) chooseLayer(layer.key); return; }
  if (!actions[e.key]) return;
  e.preventDefault();
  actions[e.key]();
}

function complain(error) {
  find("problem").hidden = false;
  find("problem").textContent = `The display cannot go on: ${error.message ?? error}`;
}
const guarded = (promise) => promise.catch(complain);

function listen() {
  const press = { previous: "ArrowLeft", next: "ArrowRight", closer: "+", farther: "-", reset: "0", theme: "d", picture: "s", table: "t", help: "?" };
  for (const [id, key] of Object.entries(press)) find(id).addEventListener("click", () => actions[key]());
  facts.events.forEach((each, number) => find("choose").add(new Option(each.title.replace(/^.*, /, ""), String(number))));
  find("choose").addEventListener("change", () => guarded(showEvent(Number(find("choose").value))));
  for (const [name, value] of Object.entries(facts.provenance)) {
    const term = document.createElement("dt"), words = document.createElement("dd");
    term.textContent = name;
    words.textContent = Array.isArray(value) ? value.join(", ") : String(value);
    find("provenance").append(term, words);
  }
  window.addEventListener("keydown", onKey);
  window.addEventListener("resize", () => event && redraw());
  window.addEventListener("beforeprint", layPrint);
  window.addEventListener("afterprint", endPrint);
  window.addEventListener("error", (e) => complain(e.error ?? e.message));
}

listen();
setTheme(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

// For scripts and tests: the page without a hand.
window.argoscope = {
  ready: guarded(showEvent(0)),
  events: facts.events.length,
  event: (number) => showEvent(number),
  layer: chooseLayer,
  zoom, reset, theme: setTheme,
  hide: toggleEntry,
  turn: (turn, tilt) => { Object.assign(state.camera, { turn, tilt }); redraw(); },
  state: () => ({ ...state, hidden: [...hiddenNow()], ranges: views.map((view) => view.range ?? null), layers: event.layers.map((l) => l.key) }),
  pixel: (panel, row) => wordsOf(event.panels[panel], row),
  panels: () => event.panels,
  draw: () => { drawNow(); return state.milliseconds; },
  readout: (panel, clientX, clientY) => {
    const point = { clientX, clientY };
    if (flat()) readPlane(views[panel], point);
    return flat() ? find("readout").textContent : views[panel].rowAt(point);
  },
  picture: () => pictureNow().toDataURL("image/png"),
  table: tableNow,
};
