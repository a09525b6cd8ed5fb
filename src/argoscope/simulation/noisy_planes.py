"""Signal and noise together: which pixels of a plane end above the threshold, and with how much.

"everywhere": every wire carries noise; fields are drawn for each drift volume
apart, because a plane of the image is first induction in one and second in
the other. "regions": the image is zero outside regions of interest, which are
the rows around signals, made up to a least length, and fakes on empty wires.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.detectors import Detector
from argoscope.events.grid import rows_in
from argoscope.simulation.compile import allocating
from argoscope.simulation.noise import NoiseField, NoiseShape, dense_noise, peaks
from argoscope.simulation.response_settings import ResponseSettings

__all__ = ["Signal", "add_noise", "noise_shape", "role_of", "rows_around"]

PIXELS_OF_DENSITY = 512 * 512  # pixels: the area that `fake_roi_density` counts in


class Signal(NamedTuple):
    """Charge on the pixels of a plane."""

    ids: np.ndarray
    """Pixel numbers, int64, rising."""
    charge: np.ndarray
    """In image units, float64."""


class _Half(NamedTuple):
    """One plane of one drift volume, and where its pixels are."""

    wires: int
    rows: int
    low: int
    """First row in the image."""
    height: int
    """Rows of the image."""
    first_column: int
    role: int

    def ids_of(self, places: np.ndarray) -> np.ndarray:
        """Pixel numbers of places, wire * rows + row."""
        wire, row = np.divmod(places, self.rows)
        return np.asarray((self.first_column + wire) * self.height + self.low + row)

    def places_of(self, ids: np.ndarray) -> np.ndarray:
        """The inverse of `ids_of`."""
        column, row = np.divmod(ids, self.height)
        return np.asarray((column - self.first_column) * self.rows + row - self.low)


def role_of(detector: Detector, volume: int, plane: int) -> int:
    """What an image plane is in one drift volume: 0 first induction, 1 second induction, 2 collection.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> sbnd = detector_named("sbnd-2018")
    >>> [[role_of(sbnd, volume, plane) for plane in range(3)] for volume in range(2)]
    [[0, 1, 2], [1, 0, 2]]
    """
    return detector.volumes[volume].plane_order.index(plane)


def noise_shape(settings: ResponseSettings, role: int) -> NoiseShape:
    """The noise of one kind of plane, with its scale applied."""
    return NoiseShape(
        settings.noise_sigma[role] * settings.noise_scale,
        settings.noise_taps[role],
        settings.noise_slow_share[role],
        settings.noise_slow_rows,
    )


def add_noise(
    signal: Signal, detector: Detector, plane: int, settings: ResponseSettings, rng: np.random.Generator
) -> Signal:
    """Add noise to the signal of a plane and keep what reaches the threshold.

    Parameters
    ----------
    signal : Signal
    detector : Detector
    plane : int
    settings : ResponseSettings
    rng : numpy.random.Generator
        A noise stream for this plane alone; how much is drawn from it depends on the settings.

    Returns
    -------
    Signal

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> from argoscope.simulation.response_presets import settings_for
    >>> empty = Signal(np.zeros(0, np.int64), np.zeros(0))
    >>> found = add_noise(empty, detector_named("sbnd-2018"), 2, settings_for("sbnd-2018"), np.random.default_rng(1))
    >>> 300 < len(found.ids) < 600
    True
    """
    parts = []
    height = detector.image.height(len(detector.volumes))
    volume_of_pixel = signal.ids % height // detector.image.rows
    for volume in range(len(detector.volumes)):
        half = _half(detector, volume, plane)
        shape = noise_shape(settings, half.role)
        streams = rng.spawn(4)
        mine = volume_of_pixel == volume
        here = Signal(signal.ids[mine], signal.charge[mine])
        if settings.noise == "none" or shape.sigma == 0:
            parts.append(here)
        elif settings.noise == "everywhere":
            parts.append(_everywhere(here, half, shape, settings.threshold, streams))
        else:
            parts.append(_regions(here, half, shape, settings, streams))
    return _joined([_above(part, settings) for part in parts])


def _joined(parts: list[Signal]) -> Signal:
    """Parts with different pixels as one, in rising order."""
    ids, charge = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(ids, kind="stable")
    return Signal(ids[order], charge[order])


def _above(signal: Signal, settings: ResponseSettings) -> Signal:
    kept = (signal.charge >= settings.threshold) & (signal.charge <= settings.ceiling)
    return Signal(signal.ids[kept], signal.charge[kept])


def _half(detector: Detector, volume: int, plane: int) -> _Half:
    rows = detector.image.rows
    return _Half(
        wires=detector.planes[plane].wires,
        rows=rows,
        low=volume * rows,
        height=detector.image.height(len(detector.volumes)),
        first_column=detector.image.first_columns[plane],
        role=role_of(detector, volume, plane),
    )


def _everywhere(
    signal: Signal, half: _Half, shape: NoiseShape, threshold: float, streams: list[np.random.Generator]
) -> Signal:
    """Signal and noise where every wire has noise."""
    if shape.needs_dense(threshold):
        field = dense_noise(shape, half.wires, half.rows, streams[0]).ravel()
        field[half.places_of(signal.ids)] += signal.charge
        found = np.flatnonzero(field >= threshold)
        return Signal(half.ids_of(found), field[found].astype(np.float64))
    noise = NoiseField(_key(streams[1]), shape).at(signal.ids)
    alone = peaks(shape, half.wires * half.rows, half.rows, threshold, streams[2])
    return _with_peaks(signal, noise, Signal(half.ids_of(alone.places), alone.values))


def _with_peaks(signal: Signal, noise: np.ndarray, alone: Signal) -> Signal:
    """Pixels with signal have their own noise; peaks count on the others."""
    free = rows_in(signal.ids, alone.ids) < 0
    return Signal(
        np.concatenate([signal.ids, alone.ids[free]]),
        np.concatenate([signal.charge + noise, alone.charge[free]]),
    )


def _key(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 2**64, dtype=np.uint64))


def _regions(
    signal: Signal,
    half: _Half,
    shape: NoiseShape,
    settings: ResponseSettings,
    streams: list[np.random.Generator],
) -> Signal:
    """Signal and noise where the image is zero outside regions of interest."""
    around = rows_around(signal.ids, half.height, half.low, half.low + half.rows, settings.roi_rows)
    charge = np.zeros(len(around))
    charge[np.searchsorted(around, signal.ids)] = signal.charge
    noise = NoiseField(_key(streams[1]), shape).at(around)
    fakes = _fake_pixels(half, settings, streams[3])
    if shape.needs_dense(settings.threshold):  # much noise: look at every pixel of the fakes
        places = half.ids_of(np.unique(fakes))
        alone = Signal(places, NoiseField(_key(streams[2]), shape).at(places))
    else:
        found = peaks(shape, len(fakes), 0, settings.threshold, streams[2])
        places, first = np.unique(fakes[found.places], return_index=True)
        alone = Signal(half.ids_of(places), found.values[first])
    return _with_peaks(Signal(around, charge), noise, alone)


def _fake_pixels(half: _Half, settings: ResponseSettings, rng: np.random.Generator) -> np.ndarray:
    """Places of the regions of interest without signal, region after region."""
    pixels = half.wires * half.rows
    density = settings.fake_roi_density[half.role]
    for_count, for_first, for_length = rng.spawn(3)
    count = int(for_count.poisson(density * pixels / PIXELS_OF_DENSITY))
    length = for_length.integers(settings.roi_rows, settings.fake_roi_most + 1, count)
    first = for_first.integers(0, pixels, count)
    length = np.minimum(length, half.rows - first % half.rows)  # a region ends with its wire
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return np.asarray(np.repeat(first, length) + within)


@allocating
def rows_around(ids: np.ndarray, height: int, low: int, high: int, least: int) -> np.ndarray:
    """Pixels of the regions of interest around pixels with signal.

    A run of neighbouring rows shorter than `least` is made up to it, as much
    before as after.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixels with signal, rising.
    height : int
        Rows of the image.
    low, high : int
        Rows of the drift volume: regions stay in [low, high).
    least : int
        Shortest region, in rows.

    Returns
    -------
    ndarray, shape (m,), int64
        Rising, each once.

    Examples
    --------
    >>> rows_around(np.array([15, 16]), 10, 0, 10, 4).tolist()
    [14, 15, 16, 17]
    """
    out = np.empty(len(ids) * (least + 2) + 1, np.int64)
    count, k, last = 0, 0, np.int64(-1)
    while k < len(ids):
        end = k + 1
        while end < len(ids) and ids[end] == ids[end - 1] + 1 and ids[end] % height != low:
            end += 1
        column = ids[k] // height * height
        missing = max(0, least - (end - k))
        first = max(ids[k] - missing // 2, column + low)
        final = min(ids[end - 1] + (missing - missing // 2), column + high - 1)
        for pixel in range(max(first, last + 1), final + 1):
            out[count] = pixel
            count += 1
        last = max(last, final)
        k = end
    return out[:count]
