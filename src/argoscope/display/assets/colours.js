// Colour of every pixel, and the order in which pixels are painted: the one that matters most comes last.

const ramps = Object.fromEntries(Object.entries(facts.ramps).map(([theme, text]) =>
  [theme, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]));

const packed = (red, green, blue) => (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;

function packedHex(colour) {
  const number = parseInt(colour.slice(1), 16);
  return packed(number >> 16, (number >> 8) & 255, number & 255);
}

function fractionOf(scale, charge) {
  const inside = Math.min(Math.max(charge, scale.low), scale.high);
  return scale.kind === "log"
    ? Math.log(inside / scale.low) / Math.log(scale.high / scale.low)
    : (inside - scale.low) / (scale.high - scale.low);
}

function paintCharge(event, panel, theme) {
  const ramp = ramps[theme];
  const last = ramp.length / 3 - 1;
  const colours = new Uint32Array(panel.pixels);
  for (let row = 0; row < colours.length; row++) {
    const step = 3 * Math.round(last * fractionOf(event.scale, panel.charge[row]));
    colours[row] = packed(ramp[step], ramp[step + 1], ramp[step + 2]);
  }
  return { colours, order: panel.byCharge };
}

// On a dark screen a light grey background would outshine the labels.
const entryColour = (entry, theme) => (entry.background && theme === "dark" ? facts.darkGrey : entry.colour);

function paintLabels(layer, panel, theme, hidden) {
  const values = panel.labels[layer.key];
  const byValue = new Map(layer.entries.map((entry) =>
    [entry.value, { colour: packedHex(entryColour(entry, theme)), background: entry.background, hidden: hidden.has(entry.value) }]));
  const colours = new Uint32Array(panel.pixels);
  const behind = [], before = [];
  for (const row of panel.byCharge) {
    const entry = byValue.get(values[row]);
    colours[row] = entry.colour;
    if (!entry.hidden) (entry.background ? behind : before).push(row);
  }
  return { colours, order: Uint32Array.from(behind.concat(before)) };
}

function paint(event, panel, layer, theme, hidden) {
  return layer.kind === "charge" ? paintCharge(event, panel, theme) : paintLabels(layer, panel, theme, hidden);
}
