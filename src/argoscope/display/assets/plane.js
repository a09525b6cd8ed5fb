// A plane: wires across, drift time up. All planes share the drift range.

class PlaneView {
  constructor(parent, panel, first) {
    this.panel = panel;
    this.first = first; // the leftmost plane carries the drift axis
    Object.assign(this, makeCanvases(parent, `${panel.name}: ${axisLabel(panel.axes[0])} and ${axisLabel(panel.axes[1])}`));
    this.reset();
  }

  reset() {
    const [across] = this.panel.axes;
    this.range = [across.low, axisHigh(across)];
  }

  // The rectangle of the picture on the canvas, in its dots.
  frame() {
    const ratio = fitCanvas(this.under);
    fitCanvas(this.over);
    const left = Math.round((this.first ? 62 : 14) * ratio);
    const top = Math.round(26 * ratio);
    return {
      ratio, left, top,
      width: Math.max(1, this.under.width - left - Math.round(10 * ratio)),
      height: Math.max(1, this.under.height - top - Math.round(42 * ratio)),
    };
  }

  draw(painted, drift) {
    this.box = this.frame();
    Object.assign(this, { order: painted.order, drift });
    const pen = this.under.getContext("2d");
    pen.clearRect(0, 0, this.under.width, this.under.height);
    this.drawPixels(pen, painted);
    this.drawAxes(pen);
    this.cross(null);
  }

  // Paints every pixel at least one dot wide, the most important last: none vanishes, the strongest shows.
  drawPixels(pen, painted) {
    const { left, top, width, height } = this.box;
    const [across, up] = this.panel.axes;
    const [wires, times] = this.panel.coordinates;
    const picture = new ImageData(width, height);
    const dots = new Uint32Array(picture.data.buffer);
    this.shown = new Int32Array(width * height).fill(-1);
    const perWire = width / (this.range[1] - this.range[0]);
    const perTime = height / (this.drift[1] - this.drift[0]);
    for (const row of painted.order) {
      const x = (across.low + wires[row] * across.pitch - this.range[0]) * perWire;
      const y = (this.drift[1] - up.low - (times[row] + 1) * up.pitch) * perTime;
      const x0 = Math.floor(x), x1 = Math.max(x0 + 1, Math.floor(x + across.pitch * perWire));
      const y0 = Math.floor(y), y1 = Math.max(y0 + 1, Math.floor(y + up.pitch * perTime));
      if (x1 <= 0 || x0 >= width || y1 <= 0 || y0 >= height) continue;
      const from = Math.max(x0, 0), to = Math.min(x1, width);
      for (let line = Math.max(y0, 0); line < Math.min(y1, height); line++) {
        dots.fill(painted.colours[row], line * width + from, line * width + to);
        this.shown.fill(row, line * width + from, line * width + to);
      }
    }
    pen.putImageData(picture, left, top);
  }

  drawAxes(pen) {
    const { ratio, left, top, width, height } = this.box;
    const [across, up] = this.panel.axes;
    pen.lineWidth = ratio;
    pen.strokeStyle = style("--line");
    pen.strokeRect(left - ratio / 2, top - ratio / 2, width + ratio, height + ratio);
    pen.fillStyle = style("--ink");
    pen.font = `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.beginPath();
    for (const tick of ticksOf(this.range[0], this.range[1], width / (80 * ratio))) {
      const x = left + (tick.value - this.range[0]) / (this.range[1] - this.range[0]) * width;
      pen.moveTo(x, top + height); pen.lineTo(x, top + height + 4 * ratio);
      pen.fillText(tick.text, Math.min(x, this.under.width - pen.measureText(tick.text).width / 2), top + height + 6 * ratio);
    }
    for (const tick of ticksOf(this.drift[0], this.drift[1], height / (60 * ratio))) {
      const y = top + (this.drift[1] - tick.value) / (this.drift[1] - this.drift[0]) * height;
      pen.moveTo(left, y); pen.lineTo(left - 4 * ratio, y);
      if (this.first) { pen.textAlign = "right"; pen.textBaseline = "middle"; pen.fillText(tick.text, left - 6 * ratio, y); }
    }
    pen.stroke();
    pen.textAlign = "center"; pen.textBaseline = "bottom";
    pen.fillText(axisLabel(across), left + width / 2, this.under.height - ratio);
    if (this.first) {
      pen.save(); pen.translate(2 * ratio, top + height / 2); pen.rotate(-Math.PI / 2);
      pen.textBaseline = "top"; pen.fillText(axisLabel(up), 0, 0); pen.restore();
    }
    this.drawName(pen);
  }

  drawName(pen) {
    const { ratio, left, top, width, height } = this.box;
    pen.textAlign = "left"; pen.textBaseline = "bottom";
    pen.font = `600 ${14 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
    pen.fillText(this.panel.name, left, top - 5 * ratio);
    const name = pen.measureText(this.panel.name).width;
    pen.font = `${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
    pen.fillStyle = style("--soft");
    const count = `${this.panel.pixels.toLocaleString("en")} pixels`;
    if (name + pen.measureText(count).width + 16 * ratio < width) pen.fillText(count, left + name + 12 * ratio, top - 5 * ratio);
    if (this.panel.pixels) return;
    pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.fillText("no charge", left + width / 2, top + height / 2);
  }

  // Values of wire and drift time under a point of the window.
  valuesAt(point) {
    const area = this.over.getBoundingClientRect();
    const { ratio, left, top, width, height } = this.box;
    const x = ((point.clientX - area.left) * ratio - left) / width;
    const y = ((point.clientY - area.top) * ratio - top) / height;
    return {
      inside: x >= 0 && x < 1 && y >= 0 && y < 1, x, y,
      wire: this.range[0] + x * (this.range[1] - this.range[0]),
      time: this.drift[1] - y * (this.drift[1] - this.drift[0]),
    };
  }

  // Pixel that is seen under a point, -1 where there is none.
  rowAt(at) {
    const { width, height } = this.box;
    return at.inside ? this.shown[Math.floor(at.y * height) * width + Math.floor(at.x * width)] : -1;
  }

  // Indices of the pixel under a point, charged or not.
  indicesAt(at) {
    const [across, up] = this.panel.axes;
    return [Math.floor((at.wire - across.low) / across.pitch), Math.floor((at.time - up.low) / up.pitch)];
  }

  // Drift time of the cursor on every plane; the wire on the plane where it is.
  cross(time, wire = null) {
    const pen = this.over.getContext("2d");
    pen.clearRect(0, 0, this.over.width, this.over.height);
    if (time === null || !this.box) return;
    const { ratio, left, top, width, height } = this.box;
    const y = top + (this.drift[1] - time) / (this.drift[1] - this.drift[0]) * height;
    pen.strokeStyle = style("--soft");
    pen.lineWidth = ratio;
    pen.setLineDash([4 * ratio, 4 * ratio]);
    pen.beginPath();
    pen.moveTo(left, y); pen.lineTo(left + width, y);
    if (wire !== null) {
      const x = left + (wire - this.range[0]) / (this.range[1] - this.range[0]) * width;
      pen.moveTo(x, top); pen.lineTo(x, top + height);
    }
    pen.stroke();
  }

  // Pixels that are not hidden and whose centre is in the frame, also under others.
  rowsInView() {
    const [across, up] = this.panel.axes;
    const [wires, times] = this.panel.coordinates;
    return this.order.filter((row) => {
      const wire = across.low + (wires[row] + 0.5) * across.pitch, time = up.low + (times[row] + 0.5) * up.pitch;
      return wire >= this.range[0] && wire < this.range[1] && time >= this.drift[0] && time < this.drift[1];
    }).sort();
  }
}

// A range scaled about a point of it, kept inside its limits and no finer than four pixels.
function zoomedRange(range, limits, factor, about, pitch) {
  const full = limits[1] - limits[0];
  const span = Math.min(full, Math.max((range[1] - range[0]) / factor, Math.min(full, 4 * pitch)));
  const share = (about - range[0]) / (range[1] - range[0]);
  return shiftedRange([about - share * span, about + (1 - share) * span], limits, 0);
}

function shiftedRange(range, limits, by) {
  const span = range[1] - range[0];
  const low = Math.min(Math.max(range[0] + by, limits[0]), limits[1] - span);
  return [low, low + span];
}
