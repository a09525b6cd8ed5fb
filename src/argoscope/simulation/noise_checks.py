"""Checks of the noise against what the public SBND sample has where there is no signal.

Empty events go through the chain; pixels above threshold are counted by kind
of plane. References are pixels of the sample more than 15 away from any label.
Those of 7 units and above are gamma rays on first induction and collection
planes (flat up to 30 units, 20 in a million pixels, as many as there are on
the second): these planes are compared from 5 to 7, where 5,000 and 900 pixels
of three events follow a Gaussian; percentiles of the collection planes are
left out, since the same gamma rays make up a tenth of their few pixels and the
noise alone cannot have them. The second induction planes are compared
whole, with 60,000 pixels of five events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.ndimage import label

from argoscope.detectors import detector_named
from argoscope.simulation.check_rows import row
from argoscope.simulation.noisy_planes import Signal, add_noise, role_of
from argoscope.simulation.response_presets import settings_for
from argoscope.simulation.streams import Stage, stream
from argoscope.simulation.variations import varied

__all__ = ["noise_image", "noise_rows"]

KINDS = ("first induction", "second induction", "collection")
CORE = (7.0, np.inf, 7.0)  # image units: noise is compared below
OCCUPANCY = (0.000738, 0.00894, 0.0001635)  # sample
CLUSTERS_PER_MPX = (734.0, 6399.0, 162.6)  # sample
CLUSTER_SIZE = (
    (1.005, 0.01),
    (1.40, 0.14),
    (1.006, 0.015),
)  # and tolerance: 10 %, or three errors of 1 - size; sample
NEXT_ROW = (
    (0.0008, 0.0012),
    (0.277, 0.0277),
    (0.0022, 0.0048),
)  # chance that the next row is on; tolerance likewise
LAGS = (
    0.277,
    0.140,
    0.143,
    0.106,
    0.087,
    0.072,
    0.062,
    0.055,
    0.048,
    0.041,
    0.037,
)  # second induction; sample
VALUES = ((50, 5.320, 5.53), (75, 5.618, 6.02), (95, 6.212, 7.07))  # percentiles; sample
FAR_VALUE = 8.0  # image units; percentile 99 of the second induction planes; sample
WIRES = (
    (1, 0.0, 0.08),
    (10, 0.17, 0.017),
    (50, 0.75, 0.075),
    (90, 1.72, 0.172),
    (99, 2.96, 0.296),
)  # percentiles over wires of the occupancy in %, and tolerance (half a pixel for the first); second induction
SIZES = (0.74, 0.19, 0.04)  # shares of clusters of 1, 2 and 3 pixels; second induction; sample
ROUNDING = 0.005  # of these shares
NEXT_WIRE = (
    1.0,
    0.15,
)  # chance that a wire is on where its neighbour is, over the occupancy, and what two digits allow
OUTER_WIRES = (
    1.15  # occupancy of the outer tenths of the second induction wires over the others'; sample, three events
)


def noise_image(role: int, event: int, changes: Sequence[str] = ()) -> np.ndarray:
    """Noise of one kind of SBND plane over the threshold, both drift volumes side by side.

    Parameters
    ----------
    role : int
        0 first induction, 1 second induction, 2 collection.
    event : int
    changes : sequence of str
        Variations NAME=VALUE.

    Returns
    -------
    ndarray, shape (wires, rows), float32
        0 where nothing is kept.

    Examples
    --------
    >>> noise_image(2, 0).shape
    (3332, 640)
    """
    detector = detector_named("sbnd-2018")
    settings = varied(settings_for(detector), changes)
    parts = []
    for volume in range(2):
        plane = next(p for p in range(3) if role_of(detector, volume, p) == role)
        rng = stream(900_000, event, Stage.NOISE).spawn(3)[plane]
        empty = Signal(np.zeros(0, np.int64), np.zeros(0))
        found = add_noise(empty, detector, plane, settings, rng)
        image = np.zeros(detector.grid(plane).shape, dtype=np.float32)
        image.ravel()[found.ids] = found.charge
        first, rows = detector.image.first_columns[plane], detector.image.rows
        parts.append(image[first : first + detector.planes[plane].wires, volume * rows : (volume + 1) * rows])
    return np.concatenate(parts)


def _clusters(on: np.ndarray) -> int:
    """Number of sets of touching pixels, corners included."""
    return int(label(on, np.ones((3, 3)))[1])


def noise_rows(*, quick: bool = False, changes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Every check of the noise.

    Parameters
    ----------
    quick : bool
        Six events instead of sixty (of the second induction, two instead of six).
    changes : sequence of str
        Variations NAME=VALUE.

    Returns
    -------
    list of dict
    """
    found = []
    for role, kind in enumerate(KINDS):
        events = (2 if quick else 6) if role == 1 else (6 if quick else 60)
        images = [noise_image(role, event, changes) for event in range(events)]
        images = [np.where(image < CORE[role], image, 0.0) for image in images]
        on = [image > 0 for image in images]
        pixels = sum(image.size for image in images)
        occupancy = sum(int(o.sum()) for o in on) / pixels
        clusters = sum(_clusters(o) for o in on) / pixels
        following = sum(int((o[:, 1:] & o[:, :-1]).sum()) for o in on) / sum(int(o[:, :-1].sum()) for o in on)
        for quantity, value, reference, tolerance in (
            ("occupancy", occupancy, OCCUPANCY[role], 0.1 * OCCUPANCY[role]),
            (
                "clusters per million pixels",
                1e6 * clusters,
                CLUSTERS_PER_MPX[role],
                0.1 * CLUSTERS_PER_MPX[role],
            ),
            ("mean cluster size", occupancy / clusters, *CLUSTER_SIZE[role]),
            ("chance that the next row is on", following, *NEXT_ROW[role]),
        ):
            found.append(row(f"noise, {kind}: {quantity}", value, reference, tolerance, "sample"))
        values = np.concatenate([image[image > 0] for image in images])
        for percentile, *levels in VALUES if role < len(VALUES[0]) - 1 else ():
            above, reference = float(np.percentile(values, percentile)) - 5.0, levels[role] - 5.0
            quantity = f"noise, {kind}: percentile {percentile} above threshold"
            found.append(row(quantity, above, reference, 0.1 * reference, "sample"))
        if role == 1:
            far = float(np.percentile(values, 99)) - 5.0
            quantity = f"noise, {kind}: percentile 99 above threshold"
            found.append(row(quantity, far, FAR_VALUE - 5.0, 0.1 * (FAR_VALUE - 5.0), "sample"))
            found += [*_slow_rows(on), *_shape_rows(on), *_wire_rows(on)]
    return found


def _slow_rows(on: list[np.ndarray]) -> list[dict[str, Any]]:
    """Correlation in time and spread over wires of the second induction planes."""
    found = []
    for lag, reference in enumerate(LAGS, start=1):
        both = sum(int((o[:, lag:] & o[:, :-lag]).sum()) for o in on)
        value = both / sum(int(o[:, :-lag].sum()) for o in on)
        found.append(
            row(
                f"noise, second induction: on again {lag} rows later",
                value,
                reference,
                0.1 * reference,
                "sample",
            )
        )
    return found


def cluster_shares(on: np.ndarray) -> np.ndarray:
    """Shares of the clusters with one, two and three pixels, shape (3,).

    Examples
    --------
    >>> on = np.zeros((4, 9), bool)
    >>> on[0, 0] = on[2, [3, 4]] = on[3, 8] = True
    >>> cluster_shares(on).round(2).tolist()
    [0.67, 0.33, 0.0]
    """
    named, count = label(on, np.ones((3, 3)))
    sizes = np.bincount(named.ravel())[1:]
    return np.bincount(np.minimum(sizes, 4), minlength=5)[1:4] / max(int(count), 1)


def _shape_rows(on: list[np.ndarray]) -> list[dict[str, Any]]:
    """Sizes of clusters of the second induction planes."""
    shares = np.mean([cluster_shares(o) for o in on], axis=0)
    return [
        row(f"noise, second induction: share of clusters of {size} px", share, reference, 0.1 * reference + ROUNDING, "sample, two digits")
            for size, (share, reference) in enumerate(zip(shares, SIZES, strict=True), start=1)
    ]  # fmt: skip


def next_wire(on: np.ndarray) -> float:
    """Chance that a pixel is on where the neighbouring wire's is, over the occupancy: 1 for independent wires.

    Examples
    --------
    >>> on = np.zeros((4, 10), bool)
    >>> on[:, 2] = True
    >>> next_wire(on)
    10.0
    """
    both = (on[1:] & on[:-1]).sum()
    return float(both / max(on[:-1].sum(), 1) / max(on.mean(), 1e-12))


def outer_wires(on: np.ndarray) -> float:
    """Occupancy of the first and last tenth of the wires over that of the others.

    Examples
    --------
    >>> on = np.zeros((20, 10), bool)
    >>> on[:, 2] = True
    >>> on[0, 3:5] = True
    >>> round(outer_wires(on), 6)
    1.5
    """
    edge = len(on) // 10
    outer = np.concatenate([on[:edge], on[-edge:]])
    return float(outer.mean() / on[edge:-edge].mean())


def _wire_rows(on: list[np.ndarray]) -> list[dict[str, Any]]:
    """Spread over the wires of the second induction planes, and what neighbours share."""
    found = []
    wires = 100.0 * np.concatenate([o.mean(axis=1) for o in on])
    for percentile, reference, tolerance in WIRES:
        value = float(np.percentile(wires, percentile))
        quantity = f"noise, second induction: percentile {percentile} of wires, %"
        found.append(row(quantity, value, reference, tolerance, "sample"))
    halves = [half for o in on for half in (o[: len(o) // 2], o[len(o) // 2 :])]
    for what, measure, reference, tolerance, source in (
        ("on where the neighbouring wire is, over occupancy", next_wire, *NEXT_WIRE, "sample: .009 to .010 over .0087 to .0092, so independent"),
        ("occupancy of the outer wires over the others'", outer_wires, OUTER_WIRES, 0.1 * OUTER_WIRES, "sample, +15 to +20 %"),
    ):  # fmt: skip
        value = float(np.mean([measure(half) for half in halves]))
        found.append(row(f"noise, second induction: {what}", value, reference, tolerance, source))
    return found
