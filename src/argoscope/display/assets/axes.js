// Ticks and numbers.

function niceStep(span, most) {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough * 0.999);
  return factor * power;
}

function ticksOf(low, high, most) {
  const step = niceStep(high - low, Math.max(most, 2));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let k = first; k <= last; k++) ticks.push({ value: k * step, text: (k * step).toFixed(digits) });
  return ticks;
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

const axisHigh = (axis) => axis.low + axis.pitch * axis.count;
const axisLabel = (axis) => (axis.unit ? `${axis.name} [${axis.unit}]` : axis.name);
const axisValue = (axis, index) => axis.low + axis.pitch * (index + (axis.centred ? 0.5 : 0));

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// A canvas pair: pixels below, cross-hair above, both as fine as the screen.
function makeCanvases(parent, label) {
  const under = document.createElement("canvas");
  const over = document.createElement("canvas");
  over.className = "over";
  over.setAttribute("role", "img");
  over.setAttribute("aria-label", label);
  parent.append(under, over);
  return { under, over };
}

function fitCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const box = canvas.parentElement.getBoundingClientRect();
  const width = Math.max(1, Math.floor(box.width * ratio));
  const height = Math.max(1, Math.floor(box.height * ratio));
  // Dot on dot, or the browser would blur what it moves by a fraction.
  canvas.style.left = `${Math.ceil(box.left * ratio) / ratio - box.left}px`;
  canvas.style.top = `${Math.ceil(box.top * ratio) / ratio - box.top}px`;
  canvas.style.width = `${width / ratio}px`;
  canvas.style.height = `${height / ratio}px`;
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  return ratio;
}
