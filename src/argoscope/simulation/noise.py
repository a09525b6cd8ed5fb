"""Noise of the images: white with a short filter, slow, everywhere or in regions of interest.

Noise on a wire is a Gaussian process along time, independent between wires,

    n = sigma (sqrt(1 - s) filtered white + sqrt(s) AR(1)),     AR(1) with correlation exp(-lag / slow rows)

added to the signal before the threshold. Only pixels that end above the
threshold matter, so three ways of drawing the same process stand side by side:

`NoiseField.at`  exact noise on given pixels (those with signal). The white number of a pixel is a hash
                 of (event, pixel), so it is the same whatever other pixels are asked for.
`peaks`          pixels that noise alone lifts over the threshold: a Poisson process of run starts, each
                 with its tail value, followed row by row with the lag-1 correlation (a Markov chain;
                 right where correlations end after one row).
`dense_noise`    the whole field, for slow noise and low thresholds.

A variation of the detector changes draws as little as possible: hashes and
dense fields do not depend on the signal at all, and peaks are drawn in the
order of their tail probability, so that another threshold or scale adds or
takes away peaks at the end of the same sequence.

References
----------
Shapes and sizes: `argoscope.simulation.response_presets`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from argoscope.simulation.compile import allocating

__all__ = ["NoiseField", "NoiseShape", "dense_noise", "next_above", "peaks", "shaping_filter", "unit_filter"]

CEPSTRUM = 4096  # points of the Fourier transforms: aliasing below 1e-12 for correlations of tens of rows
RUN_IN = 6.0  # correlation lengths before the first row: exp(-12) of the variance is missing there
LANES = 16  # wires that are filtered side by side
LEVELS = 65536  # equally likely values of a white number; the first and the last stand for the tails
LAST_EDGE = float(-ndtri(1.0 / LEVELS))  # none: where the tails begin
DENSE_BELOW = 2.5  # none: thresholds below so many sigma are drawn dense, where the chain would be rough


class NoiseShape(NamedTuple):
    """The process on the wires of one plane."""

    sigma: float
    """Standard deviation, in image units."""
    taps: tuple[float, ...]
    """Symmetric filter of the white part; any scale."""
    slow_share: float = 0.0
    """Share of the variance that is slow."""
    slow_rows: float = 1.0
    """Correlation length of the slow part, in rows."""

    def needs_dense(self, threshold: float) -> bool:
        """Whether pixels above a threshold must be found on the whole field."""
        return self.slow_share > 0 or len(self.taps) > 3 or threshold < DENSE_BELOW * self.sigma

    @property
    def lag1(self) -> float:
        """Correlation between neighbouring rows of the white part."""
        taps = unit_filter(self.taps)
        return float((taps[1:] * taps[:-1]).sum())


def unit_filter(taps: tuple[float, ...]) -> np.ndarray:
    """Filter scaled so that filtered white noise has unit variance.

    Examples
    --------
    >>> unit_filter((3.0, 4.0)).tolist()
    [0.6, 0.8]
    """
    values = np.asarray(taps, dtype=np.float64)
    scaled: np.ndarray = values / np.sqrt(np.square(values).sum())
    return scaled


@allocating
def _mixed(key: np.uint64, number: int) -> np.uint64:
    """64 bits that look random for every number: SplitMix64."""
    z = key + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@allocating
def _hash_normal(key: np.uint64, pixel: int) -> float:
    """A standard normal number for a pixel, after Box and Muller."""
    z = _mixed(key, pixel)
    high, low = z >> np.uint64(32), z & np.uint64(0xFFFFFFFF)
    radius = math.sqrt(-2.0 * math.log((float(high) + 0.5) / 4294967296.0))
    return radius * math.cos(2.0 * math.pi * (float(low) / 4294967296.0))


@allocating
def _hashed(ids: np.ndarray, taps: np.ndarray, key: np.uint64) -> np.ndarray:
    """Filtered white noise on pixels; white numbers are made once in a run of neighbouring ids."""
    reach = len(taps) // 2
    white = np.zeros(len(taps))
    out = np.empty(len(ids))
    for k in range(len(ids)):
        if k > 0 and ids[k] == ids[k - 1] + 1:
            for j in range(len(taps) - 1):
                white[j] = white[j + 1]
            white[-1] = _hash_normal(key, ids[k] + reach)
        else:
            for j in range(len(taps)):
                white[j] = _hash_normal(key, ids[k] - reach + j)
        total = 0.0
        for j in range(len(taps)):
            total += taps[j] * white[j]
        out[k] = total
    return out


class NoiseField(NamedTuple):
    """White noise of one plane of one event, known pixel by pixel."""

    key: int
    """64 random bits of the noise stream."""
    shape: NoiseShape

    def at(self, ids: np.ndarray) -> np.ndarray:
        """Noise on pixels, in image units, shape (n,); `ids` are int64 pixel numbers, time fastest.

        The slow part is not in it: `dense_noise` has that.

        Examples
        --------
        >>> field = NoiseField(7, NoiseShape(2.0, (0.1, 1.0, 0.1)))
        >>> field.at(np.array([4, 5, 9]))[1] == field.at(np.array([5]))[0]
        np.True_
        """
        return _hashed(ids, unit_filter(self.shape.taps), np.uint64(self.key)) * self.shape.sigma


def shaping_filter(shape: NoiseShape) -> tuple[np.ndarray, float]:
    """Filter that turns one white sequence w into the whole process.

    The sum of the white and the slow part has a spectrum of the form
    |B|² / |1 - a exp(-i omega)|², so a single white sequence suffices,
    ``n[t] = a n[t-1] + sum_j B[j] w[t-j]``, with B the minimum-phase factor,
    found through the cepstrum [Oppenheim and Schafer, chapter 13].

    Returns
    -------
    B : ndarray, shape (k,)
    a : float

    Examples
    --------
    >>> taps, memory = shaping_filter(NoiseShape(2.0, (1.0,), 0.5, 10.0))
    >>> len(taps), round(memory, 4)
    (2, 0.9048)
    """
    white = unit_filter(shape.taps) * math.sqrt(1.0 - shape.slow_share) * shape.sigma
    if shape.slow_share == 0:
        return white, 0.0
    memory = math.exp(-1.0 / shape.slow_rows)
    turned = np.fft.fft(np.convolve(white, [1.0, -memory]), CEPSTRUM)
    power = np.square(np.abs(turned)) + shape.sigma**2 * shape.slow_share * (1.0 - memory**2)
    cepstrum = np.fft.ifft(np.log(power)).real / 2.0
    cepstrum[1 : CEPSTRUM // 2] *= 2.0
    cepstrum[CEPSTRUM // 2 + 1 :] = 0.0
    taps: np.ndarray = np.fft.ifft(np.exp(np.fft.fft(cepstrum))).real[: len(white) + 1]
    return taps, memory


def dense_noise(shape: NoiseShape, wires: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Noise on every pixel.

    Parameters
    ----------
    shape : NoiseShape
    wires, rows : int
        Size of the field.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (wires, rows), float32
        In image units.

    Examples
    --------
    >>> field = dense_noise(NoiseShape(2.0, (1.0,), 0.5, 10.0), 200, 300, np.random.default_rng(1))
    >>> field.shape, round(float(field.std()), 1)
    ((200, 300), 2.0)
    """
    taps, memory = shaping_filter(shape)
    start = math.ceil(RUN_IN * shape.slow_rows) if memory else 0
    length = start + rows + len(taps) - 1
    # SFC64 makes bits in a fraction of Philox's time; the stream gives its seed.
    fast = np.random.SFC64(rng.integers(0, 2**64, 2, dtype=np.uint64))
    blocks = -(-wires // LANES)
    bits = fast.random_raw(blocks * length * LANES // 4).view(np.uint16).reshape(blocks, -1)
    key = np.uint64(rng.integers(0, 2**64, dtype=np.uint64))
    return _dense(bits, wires, normal_levels(), taps.astype(np.float32), np.float32(memory), start, key)


@lru_cache(maxsize=1)
def normal_levels() -> np.ndarray:
    """Means of the normal law in `LEVELS` equally likely intervals, shape (LEVELS,), float32.

    A number drawn from them differs from a normal one by less than the width of
    an interval: 4e-5 in the middle, 0.15 before the tails, 1e-7 of the variance.

    Examples
    --------
    >>> levels = normal_levels()
    >>> len(levels), round(float(levels[-1]), 2), round(float(np.square(levels).mean()), 5)
    (65536, 4.39, 1.0)
    """
    edges = ndtri(np.arange(LEVELS + 1) / LEVELS)
    density = np.exp(-0.5 * np.square(edges)) / math.sqrt(2.0 * math.pi)
    levels: np.ndarray = ((density[:-1] - density[1:]) * LEVELS).astype(np.float32)
    levels.flags.writeable = False
    return levels


@allocating
def _tail(key: np.uint64, place: int) -> float:
    """A normal number beyond the last of the equal intervals [Marsaglia, Technometrics 6 (1964) 101]."""
    number = place * 64
    while True:
        z = _mixed(key, number)
        high, low = z >> np.uint64(32), z & np.uint64(0xFFFFFFFF)
        x = math.sqrt(LAST_EDGE**2 - 2.0 * math.log((float(high) + 0.5) / 4294967296.0))
        if float(low) / 4294967296.0 * x < LAST_EDGE:
            return x
        number += 1


@allocating
def _dense(  # noqa: PLR0917  # Numba compiles functions of positional arguments only
    bits: np.ndarray,
    wires: int,
    levels: np.ndarray,
    taps: np.ndarray,
    memory: np.float32,
    start: int,
    key: np.uint64,
) -> np.ndarray:
    """Filter white numbers along time, `LANES` wires side by side; `start` rows are for the memory to fill."""
    numbers, reach = bits.shape[1], len(taps) - 1
    length = numbers // LANES - reach
    out = np.empty((wires, length - start), np.float32)
    white, line = np.empty(numbers, np.float32), np.empty(length * LANES, np.float32)
    last = np.empty(LANES, np.float32)
    for block in range(len(bits)):
        for k in range(numbers):
            value = levels[bits[block, k]]
            if abs(value) >= levels[-1]:
                value = math.copysign(_tail(key, block * numbers + k), value)
            white[k] = value
        line[:] = 0.0
        for j in range(len(taps)):
            # Slices, for loops over indices from 0 are those that use vector instructions.
            tap, moved = taps[j], white[(reach - j) * LANES :]
            for k in range(len(line)):
                line[k] += tap * moved[k]
        last[:] = 0.0
        for t in range(length):
            row = line[t * LANES : (t + 1) * LANES]
            for i in range(LANES):
                last[i] = memory * last[i] + row[i]
                row[i] = last[i]
        for i in range(min(LANES, wires - block * LANES)):
            for r in range(length - start):
                out[block * LANES + i, r] = line[(start + r) * LANES + i]
    return out


@lru_cache(maxsize=64)
def next_above(level: float, correlation: float) -> float:
    """Chance that the next of two correlated normal numbers is above a level too, given that this one is.

    Parameters
    ----------
    level : float
        In standard deviations.
    correlation : float
        Between -1 and 1.

    Examples
    --------
    >>> round(next_above(2.0, 0.0), 4) == round(float(ndtr(-2.0)), 4)
    True
    """
    nodes, weights = np.polynomial.laguerre.laggauss(40)
    x = level + nodes / max(level, 1.0)  # the normal tail falls about as exp(-level x)
    density = np.exp(-0.5 * x**2 + nodes) / math.sqrt(2.0 * math.pi) / max(level, 1.0)
    rest = ndtr((correlation * x - level) / math.sqrt(1.0 - correlation**2))
    return float((weights * density * rest).sum() / ndtr(-level))


class Peaks(NamedTuple):
    """Pixels that noise alone lifts over a threshold, numbered within the region they were drawn in."""

    places: np.ndarray
    """Place in the region, int64, rising, each once."""
    values: np.ndarray
    """Noise there, in image units."""


def peaks(shape: NoiseShape, pixels: int, run: int, threshold: float, rng: np.random.Generator) -> Peaks:
    """Draw the pixels of a region where noise alone exceeds a threshold.

    Parameters
    ----------
    shape : NoiseShape
        Without a slow part.
    pixels : int
        Pixels of the region, time fastest.
    run : int
        Rows after which another wire begins; 0: never (the caller cuts).
    threshold : float
        In image units; at least `DENSE_BELOW` sigma.
    rng : numpy.random.Generator

    Returns
    -------
    Peaks

    Examples
    --------
    >>> found = peaks(NoiseShape(1.5, (0.14, 1.0, 0.14)), 10**6, 640, 5.0, np.random.default_rng(1))
    >>> bool((found.values >= 5.0).all()), 350 < len(found.places) < 500
    (True, True)
    """
    level = threshold / shape.sigma
    if pixels == 0 or level > 30.0:
        return Peaks(np.zeros(0, np.int64), np.zeros(0))
    for_order, for_place, for_chain = rng.spawn(3)
    single = 1.0 - next_above(level, shape.lag1)
    tail = float(ndtr(-level))
    expected = pixels * tail * single
    block = int(expected + 8.0 * math.sqrt(expected) + 20.0)
    order = np.cumsum(for_order.standard_exponential(block)) / pixels / single
    order = order[order < tail]
    place, value = for_place.integers(0, pixels, len(order)), -ndtri(order)
    places, values = [place], [value]
    spread = math.sqrt(1.0 - shape.lag1**2)
    while len(place):
        place = place + 1
        value = shape.lag1 * value + spread * for_chain.standard_normal(len(value))
        going = (value >= level) & (place < pixels) & ((place % run != 0) if run else True)
        place, value = place[going], value[going]
        places.append(place)
        values.append(value)
    every, first = np.unique(np.concatenate(places), return_index=True)
    return Peaks(every, np.concatenate(values)[first] * shape.sigma)
