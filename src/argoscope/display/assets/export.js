// What is seen, as a picture or as a table.

function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const smallFont = (ratio) => `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;

// The lines of a legend with their places, from left to right and then down; `rows` of them.
function placedLegend(pen, layer, ratio, width) {
  const { lines, more } = layer.kind === "charge" ? { lines: [], more: [] } : legendLines(layer);
  const items = lines.map((entry) => ({ entry, text: `${entry.name} ${entry.pixels.toLocaleString("en")}` }));
  if (more.length) items.push({ entry: null, text: moreWords(more) });
  pen.font = smallFont(ratio);
  let x = 14 * ratio, row = 0;
  for (const item of items) {
    item.wide = pen.measureText(item.text).width;
    const needed = 40 * ratio + item.wide;
    if (x + needed > width && x > 14 * ratio) { x = 14 * ratio; row += 1; }
    Object.assign(item, { x: Math.round(x), row });
    x += needed;
  }
  return { items, rows: row + 1 };
}

// As on the page: what is hidden is pale and struck through.
function drawLegendItem(pen, item, theme, hidden, ratio, top) {
  const y = top + item.row * 20 * ratio, left = item.entry ? item.x + 22 * ratio : item.x;
  const struck = item.entry !== null && hidden.has(item.entry.value);
  pen.globalAlpha = struck ? 0.55 : 1;
  if (item.entry) { pen.fillStyle = entryColour(item.entry, theme); pen.fillRect(item.x, y + 2 * ratio, 16 * ratio, 11 * ratio); }
  pen.fillStyle = style("--ink"); pen.fillText(item.text, left, y);
  if (struck) pen.fillRect(left, y + 7 * ratio, item.wide, ratio);
  pen.globalAlpha = 1;
}

function drawLegendOf(pen, event, layer, theme, hidden, placed, ratio, top, width) {
  if (layer.kind === "charge") {
    const wide = Math.min(400 * ratio, width / 2);
    drawColourBar(pen, event, theme, ratio, 14 * ratio, top, wide);
    pen.textAlign = "left"; pen.textBaseline = "top";
    pen.fillText(event.scale.words, 34 * ratio + wide, top);
    return;
  }
  pen.textAlign = "left"; pen.textBaseline = "top";
  pen.font = smallFont(ratio);
  for (const item of placed.items) drawLegendItem(pen, item, theme, hidden, ratio, top);
}

// One canvas with title, panels and legend. The panels are as they were drawn last.
function composed(event, layer, theme, hidden, views) {
  const ratio = window.devicePixelRatio || 1;
  const boxes = views.map((view) => view.under.getBoundingClientRect());
  const origin = { left: Math.min(...boxes.map((b) => b.left)), top: Math.min(...boxes.map((b) => b.top)) };
  const right = Math.max(...boxes.map((b) => b.right)), bottom = Math.max(...boxes.map((b) => b.bottom));
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  const edge = 10 * ratio;
  canvas.width = Math.round((right - origin.left) * ratio + 2 * edge);
  const placed = placedLegend(pen, layer, ratio, canvas.width);
  const head = 52 * ratio, foot = Math.max(66, 20 + 20 * placed.rows) * ratio;
  canvas.height = Math.round((bottom - origin.top) * ratio + head + foot);
  pen.fillStyle = style("--paper"); pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style("--ink"); pen.textBaseline = "top";
  pen.font = `600 ${17 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  pen.fillText(event.title, 14 * ratio, 8 * ratio);
  pen.font = smallFont(ratio);
  pen.fillStyle = style("--soft");
  pen.fillText(`${event.subtitle}  ·  ${layer.title}`, 14 * ratio, 31 * ratio);
  views.forEach((view, number) => pen.drawImage(view.under,
    Math.round(edge + (boxes[number].left - origin.left) * ratio), Math.round(head + (boxes[number].top - origin.top) * ratio)));
  drawLegendOf(pen, event, layer, theme, hidden, placed, ratio, canvas.height - foot + 12 * ratio, canvas.width);
  return canvas;
}

const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;

// A row for each pixel that is in view and not hidden: position, charge, every label with its name.
function tableOf(event, views) {
  const axes = event.panels[0].axes.map((axis) => axisLabel(axis));
  const labels = event.layers.filter((layer) => layer.kind !== "charge");
  const heads = ["panel", ...axes, `charge [${event.scale.unit}]`, ...labels.flatMap((layer) => [layer.key, `${layer.key} name`])];
  const lines = [heads.map(quoted).join(",")];
  for (const view of views) {
    for (const row of view.rowsInView()) {
      const panel = view.panel;
      const position = panel.coordinates.map((column, axis) => Number(axisValue(panel.axes[axis], column[row]).toPrecision(9)));
      const named = labels.flatMap((layer) => [panel.labels[layer.key][row], quoted(nameOf(layer, panel.labels[layer.key][row]))]);
      lines.push([quoted(panel.name), ...position, shortNumber(panel.charge[row]), ...named].join(","));
    }
  }
  return lines.join("\n") + "\n";
}

const nameOf = (layer, value) => layer.entries.find((entry) => entry.value === value)?.name ?? String(value);
