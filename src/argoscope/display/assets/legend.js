// The legend of the layer that is shown: colour bar, classes or particles.

const MOST_LINES = 14; // of particles; the rest is counted together

function drawBar(pen, event, theme, left, top, width, height) {
  const ramp = ramps[theme];
  const steps = ramp.length / 3;
  for (let dot = 0; dot < width; dot++) {
    const step = 3 * Math.min(steps - 1, Math.floor(dot / width * steps));
    pen.fillStyle = `rgb(${ramp[step]},${ramp[step + 1]},${ramp[step + 2]})`;
    pen.fillRect(left + dot, top, 1, height);
  }
}

function barTicks(scale) {
  if (scale.kind === "linear") return ticksOf(scale.low, scale.high, 5);
  const ticks = [];
  const decades = Math.log10(scale.high / scale.low);
  for (let power = Math.floor(Math.log10(scale.low)); power <= Math.log10(scale.high); power++) {
    for (const factor of decades > 3 ? [1] : [1, 2, 5]) {
      const value = factor * 10 ** power;
      if (value >= scale.low && value <= scale.high) ticks.push({ value, text: shortNumber(value) });
    }
  }
  return ticks;
}

function drawColourBar(pen, event, theme, ratio, left, top, width) {
  drawBar(pen, event, theme, left, top, Math.round(width), 13 * ratio);
  pen.fillStyle = style("--ink"); pen.textBaseline = "top"; pen.textAlign = "center";
  pen.font = `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  for (const tick of barTicks(event.scale)) {
    const x = left + fractionOf(event.scale, tick.value) * width;
    pen.fillRect(x - ratio / 2, top + 13 * ratio, ratio, 4 * ratio);
    pen.fillText(tick.text, x, top + 19 * ratio);
  }
}

function chargeLegend(parent, event, theme) {
  const words = document.createElement("span");
  words.className = "what";
  words.textContent = event.scale.words;
  const bar = document.createElement("canvas");
  const ratio = window.devicePixelRatio || 1;
  bar.width = 400 * ratio; bar.height = 38 * ratio;
  bar.style.cssText = "width:400px;height:38px";
  drawColourBar(bar.getContext("2d"), event, theme, ratio, 14 * ratio, 2 * ratio, 370 * ratio);
  parent.append(bar, words);
}

function legendLines(layer) {
  const things = layer.entries.filter((entry) => !entry.background);
  const rest = layer.entries.filter((entry) => entry.background);
  if (layer.kind === "classes") return { lines: layer.entries, more: [] };
  return { lines: things.slice(0, MOST_LINES).concat(rest), more: things.slice(MOST_LINES) };
}

function moreWords(more) {
  const pixels = more.reduce((sum, entry) => sum + entry.pixels, 0);
  return `and ${more.length} more, ${pixels.toLocaleString("en")} together`;
}

function labelLegend(parent, layer, theme, hidden, toggle) {
  const { lines, more } = legendLines(layer);
  const words = document.createElement("span");
  words.className = "what";
  words.textContent = layer.kind === "identifiers" ? `${layer.title}, most charge first:` : `${layer.title}:`;
  parent.append(words);
  for (const entry of lines) {
    const button = document.createElement("button");
    const patch = document.createElement("i");
    const count = document.createElement("small");
    patch.style.background = entryColour(entry, theme);
    count.textContent = ` ${entry.pixels.toLocaleString("en")}`;
    button.type = "button";
    button.title = "hide or show";
    button.setAttribute("aria-pressed", String(!hidden.has(entry.value)));
    button.append(patch, entry.name, count);
    button.addEventListener("click", () => toggle(entry.value));
    parent.append(button);
  }
  if (more.length) {
    const rest = document.createElement("small");
    rest.textContent = moreWords(more);
    parent.append(rest);
  }
}

function drawLegend(event, layer, theme, hidden, toggle) {
  const parent = document.getElementById("legend");
  parent.replaceChildren();
  if (layer.kind === "charge") chargeLegend(parent, event, theme);
  else labelLegend(parent, layer, theme, hidden, toggle);
}
