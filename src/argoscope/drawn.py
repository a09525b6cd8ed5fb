"""An event drawn from straight lines: something to look at where there is no data at hand.

Minimum-ionizing tracks cross MicroBooNE and are seen by its three wire planes
through the real wire map; one of them stops and a shorter line leaves its end.
There is no physics in it beyond the geometry and a constant energy loss: no
scattering, no showers, no noise.
"""

from __future__ import annotations

import numpy as np

from argoscope.detectors import Detector, detector_named, pixels_of
from argoscope.events import FIVE_CLASS, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn

__all__ = ["drawn_event"]

STEP_CM = 0.03
"""Distance between points of a line: a tenth of the wire pitch."""

MIP_PER_WIRE = 40.0
"""Charge that a minimum-ionizing track leaves on a wire, in PIU (papers 1 and 3)."""

TRACKS = 6
"""Crossing tracks in an event."""


def drawn_event(seed: int = 0) -> Event:
    """Draw an event.

    Parameters
    ----------
    seed : int
        The same seed draws the same event.

    Returns
    -------
    Event
        Three planes of MicroBooNE with semantic and instance labels.

    Examples
    --------
    >>> event = drawn_event(seed=1)
    >>> [image.grid.projection for image in event.images], event.detector
    ([0, 1, 2], 'microboone')
    """
    detector = detector_named("microboone")
    rng = np.random.default_rng(seed)
    lines = [_crossing(detector, rng) for _ in range(TRACKS)]
    start, end = lines[-1]
    stop = start + 0.5 * (end - start)
    # A Michel electron of some 40 MeV leaves about 15 cm of track (its energy over 2.1 MeV/cm).
    lines[-1] = (start, stop)
    lines.append((stop, stop + 15.0 * _direction(rng)))
    classes = [FIVE_CLASS.index("MIP")] * TRACKS + [FIVE_CLASS.index("Michel")]
    images = tuple(_seen(detector, plane, lines, classes) for plane in range(len(detector.planes)))
    return Event(EventId(1, 0, seed), images, detector=detector.name, charge_unit="PIU")


def _direction(rng: np.random.Generator) -> np.ndarray:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def _crossing(detector: Detector, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a line from the top of the detector to its bottom."""
    box = detector.volumes[0]
    low, high = np.asarray(box.low_cm), np.asarray(box.high_cm)
    top, bottom = rng.uniform(low, high), rng.uniform(low, high)
    top[1], bottom[1] = high[1], low[1]
    return top, bottom


def _seen(
    detector: Detector, plane: int, lines: list[tuple[np.ndarray, np.ndarray]], classes: list[int]
) -> Image:
    """Image of the lines on one plane; a pixel belongs to the last line through it."""
    grid = detector.grid(plane)
    ids, charge, line = [], [], []
    for number, (start, end) in enumerate(lines):
        steps = max(int(np.linalg.norm(end - start) / STEP_CM), 1)
        points = start + np.linspace(0.0, 1.0, steps)[:, None] * (end - start)
        seen = grid.ids(pixels_of(detector, points, plane).coordinates)
        ids.append(seen)
        charge.append(np.full(len(seen), MIP_PER_WIRE * STEP_CM / detector.planes[plane].pitch_cm))
        line.append(np.full(len(seen), number, dtype=np.int32))
    return _labelled(grid, np.concatenate(ids), np.concatenate(charge), np.concatenate(line), classes)


def _labelled(grid: Grid, ids: np.ndarray, charge: np.ndarray, line: np.ndarray, classes: list[int]) -> Image:
    image = Image.from_points(grid, grid.coordinates(ids), charge)
    owner = np.zeros(len(image), dtype=np.int32)
    owner[np.searchsorted(image.ids, ids)] = line
    semantic = np.asarray(classes, dtype=np.int32)[owner]
    return image.with_labels(
        semantic=LabelColumn(semantic, FIVE_CLASS), instance=LabelColumn(owner, IDENTIFIER)
    )
