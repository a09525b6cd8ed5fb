// What is seen, as a picture or as a table.

function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function drawLegendLine(pen, event, layer, theme, ratio, top, width) {
  const left = 14 * ratio;
  if (layer.kind === "charge") {
    drawColourBar(pen, event, theme, ratio, left, top, Math.min(400 * ratio, width / 2));
    pen.textAlign = "left"; pen.textBaseline = "top";
    pen.fillText(event.scale.words, left + Math.min(400 * ratio, width / 2) + 20 * ratio, top);
    return;
  }
  pen.textAlign = "left"; pen.textBaseline = "top";
  pen.font = `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  let x = left, y = top;
  for (const entry of legendLines(layer).lines) {
    const text = `${entry.name} ${entry.pixels.toLocaleString("en")}`;
    const needed = 40 * ratio + pen.measureText(text).width;
    if (x + needed > width) { x = left; y += 20 * ratio; }
    pen.fillStyle = entryColour(entry, theme); pen.fillRect(x, y + 2 * ratio, 16 * ratio, 11 * ratio);
    pen.fillStyle = style("--ink"); pen.fillText(text, x + 22 * ratio, y);
    x += needed;
  }
}

// One canvas with title, panels and legend.
function composed(event, layer, theme, views) {
  const ratio = window.devicePixelRatio || 1;
  const boxes = views.map((view) => view.under.getBoundingClientRect());
  const origin = { left: Math.min(...boxes.map((b) => b.left)), top: Math.min(...boxes.map((b) => b.top)) };
  const right = Math.max(...boxes.map((b) => b.right)), bottom = Math.max(...boxes.map((b) => b.bottom));
  const canvas = document.createElement("canvas");
  const edge = 10 * ratio;
  const head = 52 * ratio, foot = 66 * ratio;
  canvas.width = Math.round((right - origin.left) * ratio + 2 * edge);
  canvas.height = Math.round((bottom - origin.top) * ratio + head + foot);
  const pen = canvas.getContext("2d");
  pen.fillStyle = style("--paper"); pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style("--ink"); pen.textBaseline = "top";
  pen.font = `600 ${17 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  pen.fillText(event.title, 14 * ratio, 8 * ratio);
  pen.font = `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
  pen.fillStyle = style("--soft");
  pen.fillText(`${event.subtitle}  ·  ${layer.title}`, 14 * ratio, 31 * ratio);
  views.forEach((view, number) => pen.drawImage(view.under,
    Math.round(edge + (boxes[number].left - origin.left) * ratio), Math.round(head + (boxes[number].top - origin.top) * ratio)));
  drawLegendLine(pen, event, layer, theme, ratio, canvas.height - foot + 12 * ratio, canvas.width);
  return canvas;
}

const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;

// A row for each pixel in view: position, charge, every label with its name.
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
