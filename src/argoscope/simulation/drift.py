"""Drift: from the point where electrons are freed to the wire planes.

The field is uniform along x, so a deposit at drift distance d needs a few numbers:

    t = d / v                      N = N0 exp(-t / lifetime)
    sigma_L² = 2 D_L t             sigma_T² = 2 D_T t

A deposit is a segment, not a point: the variance of a line of length l and
cosine c against the drift is added, (l c)² / 12 along the drift and
l² (1 - c²) / 24 across the wires, the mean over the unknown azimuth. Without
it, short drifts would show the grain of the transport's steps.

Deposits outside every volume, or behind the anode, give no charge. Times in
µs after the trigger, lengths in cm, fields in kV/cm.

References
----------
Drift velocity: `argoscope.detectors.drift_velocity`. Diffusion: Li et al., Nucl. Instrum. Meth. A 816 (2016) 160.

Left out: field between the wire planes (part of the response), the three
millimetres between planes in lifetime and diffusion.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.detectors import Detector, volume_of
from argoscope.errors import InvalidArgument
from argoscope.simulation.space_charge import SpaceCharge, displace
from argoscope.units import US_PER_S

__all__ = ["Arrivals", "attenuation", "diffusion_width", "drift", "fluctuated"]


def attenuation(time_us: np.ndarray, lifetime_us: float) -> np.ndarray:
    """Share of the electrons that no impurity catches on the way.

    Parameters
    ----------
    time_us : ndarray, shape (n,)
        Drift times, in µs.
    lifetime_us : float
        Mean time until capture, in µs; infinite for pure argon.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    InvalidArgument
        If the lifetime is not positive.

    Examples
    --------
    >>> attenuation(np.array([0.0, 2332.0]), 8000.0).round(3).tolist()
    [1.0, 0.747]
    """
    if not lifetime_us > 0:
        raise InvalidArgument(f"lifetime_us (={lifetime_us}) must be positive; float('inf') means pure argon")
    return np.asarray(np.exp(-np.asarray(time_us, dtype=np.float64) / lifetime_us))


def diffusion_width(time_us: np.ndarray, constant_cm2_s: float) -> np.ndarray:
    """Standard deviation of a cloud after a drift, in cm.

    Parameters
    ----------
    time_us : ndarray, shape (n,)
        Drift times, in µs; not negative.
    constant_cm2_s : float
        Diffusion constant, in cm²/s.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    InvalidArgument
        If the constant or a time is negative.

    Examples
    --------
    >>> diffusion_width(np.array([2332.0]), 6.4).round(3).tolist()
    [0.173]
    """
    time_us = np.asarray(time_us, dtype=np.float64)
    if not constant_cm2_s >= 0 or (time_us < 0).any():
        raise InvalidArgument(f"constant_cm2_s (={constant_cm2_s}) and drift times must not be negative")
    return np.asarray(np.sqrt(2.0 * constant_cm2_s / US_PER_S * time_us))


def fluctuated(electrons: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Electrons that are left where each survives by chance.

    Variance and mean of the binomial law, in its normal form: deposits have
    thousands of electrons. One number is drawn for each row, whatever the
    shares, so variations of the detector stay paired.

    Parameters
    ----------
    electrons : ndarray, shape (n,)
        Before.
    share : ndarray, shape (n,)
        Probability to survive.
    rng : numpy.random.Generator
        The drift stream of the event.

    Returns
    -------
    ndarray, shape (n,)
        From 0 to `electrons`.

    Examples
    --------
    >>> fluctuated(np.array([0.0, 100.0]), np.array([0.5, 1.0]), np.random.default_rng(1)).tolist()
    [0.0, 100.0]
    """
    spread = np.sqrt(electrons * share * (1.0 - share))
    left = electrons * share + spread * rng.standard_normal(len(electrons))
    return np.asarray(np.clip(left, 0.0, electrons))


class Arrivals(NamedTuple):
    """Deposits as they come to the wires; shape (m,) each, of the deposits inside a drift volume."""

    deposit: np.ndarray
    """Row of the deposit."""
    volume: np.ndarray
    """Number of the drift volume."""
    points: np.ndarray
    """Apparent position, in cm, shape (m, 3)."""
    time_us: np.ndarray
    """Arrival at the anode, in µs after the trigger, delays of the planes not in it."""
    share: np.ndarray
    """Share of the electrons that survives the drift."""
    field: np.ndarray
    """Local field, in kV/cm."""
    across_cm: np.ndarray
    """Standard deviation across the wires, in cm."""
    along_us: np.ndarray
    """Standard deviation in time, in µs."""


def drift(deposits: np.ndarray, detector: Detector, space_charge: SpaceCharge | None = None) -> Arrivals:
    """Drift deposits to the anodes of a detector.

    Parameters
    ----------
    deposits : ndarray, shape (n,), `DEPOSIT_DTYPE`
    detector : Detector
        Its `drift` says velocity, lifetime, diffusion and field.
    space_charge : SpaceCharge, optional
        None: the field is uniform.

    Returns
    -------
    Arrivals

    Raises
    ------
    InvalidArgument
        If a position or time is not a number; the message names the first row.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> from argoscope.simulation.records import DEPOSIT_DTYPE
    >>> deposits = np.zeros(2, DEPOSIT_DTYPE)
    >>> deposits["x"], deposits["y"], deposits["z"] = [109.8, -5.0], 0.0, 500.0
    >>> drift(deposits, detector_named("microboone")).time_us.round(1).tolist()
    [1000.0]
    """
    points = np.stack([deposits["x"], deposits["y"], deposits["z"]], axis=1)
    if not (np.isfinite(points).all() and np.isfinite(deposits["t"]).all()):
        row = int((~(np.isfinite(points).all(axis=1) & np.isfinite(deposits["t"]))).argmax())
        raise InvalidArgument(
            f"deposit {row} lies at {points[row].tolist()} cm and {deposits['t'][row]} µs; all must be finite: "
            "look at the transport that made it, or leave such rows out"
        )
    volume = volume_of(detector, points)
    distance, field = np.full(len(points), -1.0), np.full(len(points), detector.drift.field_kv_cm)
    for number, box in enumerate(detector.volumes):
        rows = np.flatnonzero(volume == number)
        if space_charge is None:
            distance[rows] = box.drift_distance(points[rows, 0])
            continue
        moved = displace(points[rows], box, space_charge)
        distance[rows], points[rows] = moved.distance, moved.points
        field[rows] *= moved.field
    kept = np.flatnonzero((volume >= 0) & (distance >= 0))
    return _arrivals(
        deposits.take(kept),
        detector,
        distance[kept],
        deposit=kept,
        volume=volume[kept],
        points=points.take(kept, axis=0),
        field=field[kept],
    )


def _arrivals(
    deposits: np.ndarray,
    detector: Detector,
    distance: np.ndarray,
    *,
    deposit: np.ndarray,
    volume: np.ndarray,
    points: np.ndarray,
    field: np.ndarray,
) -> Arrivals:
    """Times, survival and widths of the deposits that drift."""
    constants = detector.drift
    time = distance / constants.velocity_cm_us
    length2, cosine2 = np.square(deposits["length"]), np.square(deposits["drift_cosine"])
    across2 = np.square(diffusion_width(time, constants.transverse_cm2_s)) + length2 * (1.0 - cosine2) / 24.0
    along2 = np.square(diffusion_width(time, constants.longitudinal_cm2_s)) + length2 * cosine2 / 12.0
    return Arrivals(
        deposit=deposit,
        volume=volume,
        points=points,
        time_us=deposits["t"] + time,
        share=attenuation(time, constants.lifetime_us),
        field=field,
        across_cm=np.sqrt(np.maximum(across2, 0.0)),  # a cosine of 1 + 1e-7 is one
        along_us=np.sqrt(along2) / constants.velocity_cm_us,
    )
