"""Wire images of MicroBooNE's public data, from waveforms or from hits.

The files hold 6,400 ticks of 0.5 µs, from tick 2,400 of the 9,600 that the
detector reads out, so that the drift distance of tick t of the file is
(t - 800) · 0.0548965 cm. The papers' images have 1,008 rows of six ticks, the
file's ticks 0 to 6,047 (the detector's 2,400 to 8,447); the public notebook
has 1,067 rows, the last one partly empty, and clips at 100.

From waveforms: six samples are added, and what stays below the threshold is
dropped. From hits: each is a Gaussian in time of the hit's integral, centre
and width, integrated over the ticks of each row; then the same threshold.

References
----------
github.com/uboone/OpenSamples, `WireImage.ipynb`, `file-content-hdf5.md`;
arXiv:1912.10133 and arXiv:2012.08513 for the images of the papers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from argoscope.errors import InvalidArgument
from argoscope.events import Grid, Image

__all__ = [
    "FIRST_TICK",
    "TICKS",
    "WIRES",
    "Hits",
    "Spread",
    "WireImage",
    "image_of",
    "row_sums",
    "spread_hits",
]

TICKS = 6400
"""Samples of a wire in the file."""
FIRST_TICK = 2400
"""Tick of the detector's readout at which the file starts."""
WIRES = (2400, 2400, 3456)
"""Wires of planes 0, 1 (induction) and 2 (collection)."""
REACH = 6.0
"""Widths of a hit beyond which its charge (2 in a billion) is left out."""
MAX_PIECES = 50_000_000
"""More pixels under hits than this are no event."""


@dataclass(frozen=True, kw_only=True)
class WireImage:
    """How a wire image is made. The defaults make the images of the papers, unclipped."""

    wires: int = 3456
    """Columns of every plane; the induction planes' 2,400 wires come first, the rest stays empty."""
    rows: int = 1008
    """Pixels in drift time."""
    ticks_per_row: int = 6
    """Ticks (of 0.5 µs) added to one pixel."""
    first_tick: int = 0
    """Tick of the file at which row 0 starts."""
    threshold: float = 10.0
    """Pixels below this are dropped, in ADC summed over the ticks."""
    clip: float | None = None
    """Pixels above this are set to it; None keeps them as they are."""

    def __post_init__(self) -> None:
        for name in ("wires", "rows", "ticks_per_row"):
            if getattr(self, name) < 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be at least 1")
        if self.wires < max(WIRES):
            raise InvalidArgument(
                f"wires (={self.wires}) must be at least the {max(WIRES)} of the collection plane"
            )
        if not 0 <= self.first_tick < TICKS:
            raise InvalidArgument(f"first_tick (={self.first_tick}) must be one of the file's {TICKS}")
        if not self.threshold > 0 or (self.clip is not None and not self.clip >= self.threshold):
            raise InvalidArgument(
                f"threshold (={self.threshold}) must be positive and clip (={self.clip}) not below it"
            )

    @classmethod
    def notebook(cls) -> WireImage:
        """The public notebook's image: all 6,400 ticks in 1,067 rows, clipped at 100.

        Examples
        --------
        >>> WireImage.notebook().rows * WireImage.notebook().ticks_per_row
        6402
        """
        return cls(rows=1067, clip=100.0)

    def grid(self, plane: int) -> Grid:
        """Grid of one plane in wires and ticks of the detector's readout.

        Examples
        --------
        >>> WireImage().grid(2).origin, WireImage().grid(2).size
        ((0.0, 2400.0), (3456.0, 6048.0))
        """
        size = (float(self.wires), float(self.rows * self.ticks_per_row))
        return Grid(
            (self.wires, self.rows), size, (0.0, float(FIRST_TICK + self.first_tick)), plane, "wire-time"
        )


@dataclass(frozen=True)
class Hits:
    """Gaussian pulses on wires, shape (h,) each.

    Parameters
    ----------
    plane, wire : ndarray, integer
        Where.
    time, rms : ndarray
        Centre and width, in ticks of the file.
    integral : ndarray
        Area, in ADC.

    Raises
    ------
    InvalidArgument
        If there is no such plane or wire, or a width is negative.
    """

    plane: np.ndarray
    wire: np.ndarray
    time: np.ndarray
    rms: np.ndarray
    integral: np.ndarray

    def __post_init__(self) -> None:
        require_wires(self.plane, self.wire, "hit")
        if (self.rms < 0).any():
            row = int((self.rms < 0).argmax())
            raise InvalidArgument(f"hit {row} has the width {self.rms[row]} ticks: it must not be negative")

    def __len__(self) -> int:
        return len(self.plane)


@dataclass(frozen=True)
class Spread:
    """The charge of hits in pixels, shape (m,) each.

    Parameters
    ----------
    hit : ndarray, int64
        Row of the hit.
    row : ndarray, int64
        Row of the image, in drift time.
    charge : ndarray, float64
        The hit's charge in the pixel.
    core : ndarray, bool
        Whether the pixel lies within two widths of the hit's centre.
    """

    hit: np.ndarray
    row: np.ndarray
    charge: np.ndarray
    core: np.ndarray


def require_wires(plane: np.ndarray, wire: np.ndarray, what: str) -> None:
    """Refuse planes and wires that the detector has not; the message names the first row."""
    known = (plane >= 0) & (plane < len(WIRES))
    limit = np.asarray(WIRES)[np.where(known, plane, 0)]
    bad = ~known | (wire < 0) | (wire >= limit)
    if bad.any():
        row = int(bad.argmax())
        raise InvalidArgument(
            f"{what} {row} lies on plane {plane[row]}, wire {wire[row]}: MicroBooNE has planes 0, 1, 2 with {WIRES} wires"
        )


def row_sums(samples: np.ndarray, recipe: WireImage) -> np.ndarray:
    """Add the ticks of each row of waveforms.

    Parameters
    ----------
    samples : ndarray, shape (w, 6400), float32
        ADC of each tick.
    recipe : WireImage

    Returns
    -------
    ndarray, shape (w, recipe.rows), float64
        Rows that reach beyond the last tick hold what there is.
    """
    window = samples[:, recipe.first_tick : recipe.first_tick + recipe.rows * recipe.ticks_per_row]
    full = np.zeros((len(samples), recipe.rows * recipe.ticks_per_row))
    full[:, : window.shape[1]] = window
    sums: np.ndarray = full.reshape(len(samples), recipe.rows, recipe.ticks_per_row).sum(axis=2)
    return sums


def spread_hits(hits: Hits, recipe: WireImage) -> Spread:
    """Charge of each hit in each row of the image.

    A tick t covers the time from t - 1/2 to t + 1/2. Charge outside the image is left out.

    Examples
    --------
    >>> one = Hits(np.array([2]), np.array([7]), np.array([100.0]), np.array([1.0]), np.array([50.0]))
    >>> cut = spread_hits(one, WireImage())
    >>> cut.row.tolist(), round(float(cut.charge.sum()), 6)
    ([15, 16, 17], 50.0)
    """
    # A hit without width is a point: any width far below a tick does.
    width = np.maximum(hits.rms.astype(np.float64), 1e-9)
    centre = (hits.time.astype(np.float64) + 0.5 - recipe.first_tick) / recipe.ticks_per_row
    width = width / recipe.ticks_per_row
    low = np.clip(np.floor(centre - REACH * width), 0, recipe.rows).astype(np.int64)
    high = np.clip(np.floor(centre + REACH * width) + 1, 0, recipe.rows).astype(np.int64)
    count = np.maximum(high - low, 0)
    if count.sum() > MAX_PIECES:
        raise InvalidArgument(
            f"its hits cover {count.sum()} pixels, which no event does: the widths are damaged"
        )
    hit = np.repeat(np.arange(len(hits)), count)
    row = low[hit] + np.arange(len(hit)) - np.repeat(np.cumsum(count) - count, count)
    below, above = (row - centre[hit]) / width[hit], (row + 1 - centre[hit]) / width[hit]
    charge = hits.integral[hit].astype(np.float64) * (ndtr(above) - ndtr(below))
    return Spread(hit, row, charge, (above > -2) & (below < 2))


def image_of(grid: Grid, wire: np.ndarray, row: np.ndarray, charge: np.ndarray, recipe: WireImage) -> Image:
    """Image of one plane from charges in pixels: added, cut at the threshold, clipped."""
    image = Image.from_points(grid, np.stack([wire, row], axis=1).astype(np.int64), charge)
    image = image.take(image.charge >= recipe.threshold)
    if recipe.clip is None:
        return image
    return Image(grid, image.coordinates, np.minimum(image.charge, np.float32(recipe.clip)))
