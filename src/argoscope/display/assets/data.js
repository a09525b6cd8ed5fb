// The events: unpacked from the text of the page when they are first shown.

const facts = JSON.parse(document.getElementById("facts").textContent);
const MOST_KEPT = 6; // events held unpacked: some MB each
const kept = new Map();

async function inflate(text) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser cannot unpack the events: it needs DecompressionStream (Chromium 80, Firefox 113, Safari 16.4 or later)");
  }
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Undoes columns.py: bytes of equal rank stand together.
function gathered(bytes, at, count) {
  const out = new Uint8Array(4 * count);
  for (let part = 0; part < 4; part++) {
    const from = at + part * count;
    for (let row = 0; row < count; row++) out[4 * row + part] = bytes[from + row];
  }
  return out.buffer;
}

function summed(buffer) {
  const column = new Int32Array(buffer);
  for (let row = 1; row < column.length; row++) column[row] += column[row - 1];
  return column;
}

function unpack(bytes, event) {
  let at = 0;
  return event.panels.map((panel) => {
    const count = panel.pixels;
    const take = () => { const buffer = gathered(bytes, at, count); at += 4 * count; return buffer; };
    const coordinates = panel.axes.map(() => summed(take()));
    const charge = new Float32Array(take());
    const labels = {};
    for (const key of event.labels) labels[key] = summed(take());
    const byCharge = Uint32Array.from(charge.keys()).sort((a, b) => charge[a] - charge[b]);
    return { ...panel, coordinates, charge, labels, byCharge };
  });
}

async function loadEvent(number) {
  if (!kept.has(number)) {
    const event = facts.events[number];
    const bytes = await inflate(document.getElementById(`event-${number}`).textContent);
    kept.set(number, { ...event, number, panels: unpack(bytes, event) });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  }
  return kept.get(number);
}
