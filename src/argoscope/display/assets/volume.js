// A volume: voxels in space. Beam (z) to the right, y up, drift (x) into the depth.

const FILL = 0.92; // of the canvas, by the volume seen from any side
const DEPTH = 3.2; // distance of the eye, in half diagonals of the volume

class VolumeView {
  constructor(parent, panel) {
    this.panel = panel;
    Object.assign(this, makeCanvases(parent, `${panel.name}: voxels in space`));
    this.over.classList.add("volume");
    this.middle = panel.axes.map((axis) => (axis.low + axisHigh(axis)) / 2);
    this.reach = Math.hypot(...panel.axes.map((axis) => axis.pitch * axis.count)) / 2;
    this.cloud = document.createElement("canvas");
  }

  // From a position to dots of the canvas and depth (larger is nearer).
  projector(camera) {
    const [sinA, cosA, sinE, cosE] = [Math.sin(camera.turn), Math.cos(camera.turn), Math.sin(camera.tilt), Math.cos(camera.tilt)];
    const { width, height } = this.under;
    const size = Math.min(width, height) * 0.5 * camera.zoom;
    return (x, y, z, out) => {
      const [dx, dy, dz] = [(x - this.middle[0]) / this.reach, (y - this.middle[1]) / this.reach, (z - this.middle[2]) / this.reach];
      const right = dz * cosA + dx * sinA, away = dx * cosA - dz * sinA;
      const up = dy * cosE + away * sinE, depth = dy * sinE - away * cosE;
      const nearness = DEPTH / (DEPTH - depth);
      out[0] = width / 2 + (right * nearness * FILL) * size + camera.shift[0] * width;
      out[1] = height / 2 - (up * nearness * FILL) * size + camera.shift[1] * height;
      out[2] = depth; out[3] = nearness * size;
      return out;
    };
  }

  // The same, from the row of a voxel and for its centre.
  centres(camera) {
    const project = this.projector(camera);
    const [xs, ys, zs] = this.panel.coordinates;
    const [ax, ay, az] = this.panel.axes;
    return (row, out) => project(ax.low + (xs[row] + 0.5) * ax.pitch, ay.low + (ys[row] + 0.5) * ay.pitch, az.low + (zs[row] + 0.5) * az.pitch, out);
  }

  draw(painted, camera) {
    Object.assign(this, { order: painted.order, camera });
    this.ratio = fitCanvas(this.under);
    fitCanvas(this.over);
    const pen = this.under.getContext("2d");
    pen.clearRect(0, 0, this.under.width, this.under.height);
    this.drawBox(pen, this.projector(camera));
    this.drawVoxels(pen, painted, this.centres(camera));
    this.drawName(pen);
  }

  drawVoxels(pen, painted, place) {
    const { width, height } = this.under;
    const picture = new ImageData(width, height);
    const dots = new Uint32Array(picture.data.buffer);
    const nearest = new Float32Array(width * height).fill(-Infinity);
    this.shown = new Int32Array(width * height).fill(-1);
    const side = Math.max(...this.panel.axes.map((axis) => axis.pitch)) / this.reach;
    const at = [0, 0, 0, 0];
    for (const row of painted.order) {
      place(row, at);
      if (at[3] <= 0) continue;
      // Small voxels are shown two dots wide, or they would be hard to see.
      const half = Math.min(Math.max(side * at[3], 2.4 * this.ratio) / 2, 60);
      const x0 = Math.max(0, Math.round(at[0] - half)), x1 = Math.min(width, Math.round(at[0] + half));
      const y0 = Math.max(0, Math.round(at[1] - half)), y1 = Math.min(height, Math.round(at[1] + half));
      for (let y = y0; y < y1; y++) {
        for (let spot = y * width + x0; spot < y * width + x1; spot++) {
          if (at[2] < nearest[spot]) continue;
          nearest[spot] = at[2]; dots[spot] = painted.colours[row]; this.shown[spot] = row;
        }
      }
    }
    this.cloud.width = width; this.cloud.height = height;
    this.cloud.getContext("2d").putImageData(picture, 0, 0);
    pen.drawImage(this.cloud, 0, 0);
  }

  drawBox(pen, project) {
    const ends = this.panel.axes.map((axis) => [axis.low, axisHigh(axis)]);
    const corner = (bits) => project(...ends.map((end, axis) => end[(bits >> axis) & 1]), [0, 0, 0, 0]);
    pen.strokeStyle = style("--line"); pen.lineWidth = this.ratio; pen.globalAlpha = 0.7;
    pen.beginPath();
    for (let bits = 0; bits < 8; bits++) {
      for (let axis = 0; axis < 3; axis++) {
        if ((bits >> axis) & 1) continue;
        const from = corner(bits), to = corner(bits | (1 << axis));
        pen.moveTo(from[0], from[1]); pen.lineTo(to[0], to[1]);
      }
    }
    pen.stroke();
    pen.globalAlpha = 1;
    this.panel.axes.forEach((axis, number) => this.drawAxis(pen, project, axis, number, ends));
  }

  // Of the four parallel edges the one farthest from the middle of the picture carries the numbers.
  drawAxis(pen, project, axis, number, ends) {
    const others = [0, 1, 2].filter((other) => other !== number);
    const centre = project(...this.middle, [0, 0, 0, 0]);
    const along = (value, bits) => {
      const position = [0, 0, 0];
      position[number] = value;
      others.forEach((other, k) => { position[other] = ends[other][(bits >> k) & 1]; });
      return project(...position, [0, 0, 0, 0]);
    };
    const middleOf = (bits) => along((ends[number][0] + ends[number][1]) / 2, bits);
    const worth = (bits) => { const p = middleOf(bits); return (p[1] - centre[1]) + 0.6 * Math.abs(p[0] - centre[0]); };
    const best = [0, 1, 2, 3].reduce((a, b) => (worth(b) > worth(a) + 1e-6 ? b : a));
    const outward = (p) => {
      const length = Math.hypot(p[0] - centre[0], p[1] - centre[1]) || 1;
      return [(p[0] - centre[0]) / length, (p[1] - centre[1]) / length];
    };
    const out = outward(middleOf(best));
    pen.fillStyle = style("--ink"); pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.font = `${13 * this.ratio}px system-ui, "DejaVu Sans", sans-serif`;
    for (const tick of ticksOf(...ends[number], 4)) {
      const p = along(tick.value, best);
      pen.fillText(tick.text, p[0] + out[0] * 18 * this.ratio, p[1] + out[1] * 14 * this.ratio);
    }
    const p = middleOf(best);
    pen.fillText(axisLabel(axis), p[0] + out[0] * 92 * this.ratio, p[1] + out[1] * 46 * this.ratio);
  }

  drawName(pen) {
    pen.fillStyle = style("--ink"); pen.textAlign = "left"; pen.textBaseline = "top";
    pen.font = `600 ${14 * this.ratio}px system-ui, "DejaVu Sans", sans-serif`;
    pen.fillText(`${this.panel.name}`, 8 * this.ratio, 6 * this.ratio);
    pen.font = `${13 * this.ratio}px system-ui, "DejaVu Sans", sans-serif`;
    pen.fillStyle = style("--soft");
    pen.fillText(`${this.panel.pixels.toLocaleString("en")} voxels`, 8 * this.ratio, 24 * this.ratio);
    if (this.panel.pixels) return;
    pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.fillText("no charge", this.under.width / 2, this.under.height / 2);
  }

  // Voxel seen under a point of the window, or the nearest one within a few dots.
  rowAt(point) {
    const area = this.over.getBoundingClientRect();
    const x = Math.floor((point.clientX - area.left) * this.ratio), y = Math.floor((point.clientY - area.top) * this.ratio);
    const { width, height } = this.under;
    let best = -1, distance = Infinity;
    for (let dy = -4; dy <= 4; dy++) {
      for (let dx = -4; dx <= 4; dx++) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const row = this.shown[(y + dy) * width + x + dx];
        if (row >= 0 && dx * dx + dy * dy < distance) { best = row; distance = dx * dx + dy * dy; }
      }
    }
    return best;
  }

  // Voxels that are not hidden and whose centre is on the canvas, also behind others.
  rowsInView() {
    const { width, height } = this.under;
    const place = this.centres(this.camera), at = [0, 0, 0, 0];
    return this.order.filter((row) => {
      place(row, at);
      return at[3] > 0 && at[0] >= 0 && at[0] < width && at[1] >= 0 && at[1] < height;
    }).sort();
  }
}
