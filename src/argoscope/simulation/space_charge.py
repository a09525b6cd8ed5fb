"""Space charge: ions that pile up bend the field, and tracks seem to bend with it.

With xi the drift distance over the drift length (0 at the anode), eta and zeta
the distance from the middle in y and z over the half lengths,

    f  = xi² (3 - 2 xi)
    dy = -A_T f eta³ (1 - zeta⁴ / 2)          dz = -0.7 A_T f zeta⁹
    dd = -A_D sin(pi xi) (1 - eta²) (1 - zeta⁸)
    E  = E0 (1 + epsilon (2 xi - 1) (1 - eta² / 2))

The displacements act on the position that the electrons seem to come from
(dd on the drift distance, so that it already holds the change of the drift
time); the field acts on recombination. The shapes follow the published maps,
largest at the cathode for y and z and in the middle for the drift; the
amplitudes are engineering values [E].

References
----------
MicroBooNE, JINST 15 P07010 (2020) and P12037 (2020): sizes of the effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from argoscope.detectors import DriftVolume
from argoscope.errors import InvalidArgument
from argoscope.typing import Points

__all__ = ["Displaced", "SpaceCharge", "displace"]

ALONG_BEAM = 0.7  # none [E]: displacement along z over that along y


@dataclass(frozen=True, kw_only=True)
class SpaceCharge:
    """Size of the effect.

    Raises
    ------
    InvalidArgument
        If a number is negative, or `field` so large that the field could vanish.
    """

    transverse_cm: float = 0.0
    """Largest displacement along y, in cm [E]: 15 in MicroBooNE, 2 in SBND."""
    drift_cm: float = 0.0
    """Largest displacement along the drift, in cm [E]: 3 in MicroBooNE, 0.5 in SBND."""
    field: float = 0.0
    """Relative change of the field at anode and cathode [E]: 0.09 in MicroBooNE, 0.02 in SBND."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < float("inf"):
                raise InvalidArgument(
                    f"{name} (={value}) of the space charge must be finite and not negative"
                )
        if self.field >= 1:
            raise InvalidArgument(
                f"field (={self.field}) of the space charge must be below 1, where the field vanishes"
            )

    def scaled(self, factor: float) -> SpaceCharge:
        """The same shapes with all amplitudes multiplied."""
        return SpaceCharge(
            transverse_cm=self.transverse_cm * factor,
            drift_cm=self.drift_cm * factor,
            field=self.field * factor,
        )


class Displaced(NamedTuple):
    """Where charge seems to come from."""

    distance: np.ndarray
    """Drift distance, in cm, shape (n,)."""
    points: np.ndarray
    """Positions, in cm, shape (n, 3); x belongs to `distance`."""
    field: np.ndarray
    """Local field over the nominal one, shape (n,)."""


def displace(points: Points, volume: DriftVolume, charge: SpaceCharge) -> Displaced:
    """Apparent positions and local field of points in one drift volume.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        True positions inside the volume, in cm.
    volume : DriftVolume
    charge : SpaceCharge

    Returns
    -------
    Displaced

    Examples
    --------
    On the anode only the field differs:

    >>> from argoscope.detectors import detector_named
    >>> tpc = detector_named("microboone").volumes[0]
    >>> found = displace(np.array([[0.0, 100.0, 500.0]]), tpc, SpaceCharge(transverse_cm=15.0, drift_cm=3.0, field=0.1))
    >>> found.points.tolist(), found.field.round(3).tolist()
    ([[0.0, 100.0, 500.0]], [0.936])
    """
    points = np.asarray(points, dtype=np.float64)
    low, high = np.asarray(volume.low_cm), np.asarray(volume.high_cm)
    middle, half = (low + high) / 2, (high - low) / 2
    distance = volume.drift_distance(points[:, 0])
    xi = distance / abs(volume.cathode_cm - volume.anode_cm)
    eta, zeta = ((points - middle) / half)[:, 1:].T
    grown = np.square(xi) * (3.0 - 2.0 * xi)
    dy = -charge.transverse_cm * grown * eta**3 * (1.0 - 0.5 * zeta**4)
    dz = -ALONG_BEAM * charge.transverse_cm * grown * zeta**9
    shift = -charge.drift_cm * np.sin(np.pi * xi) * (1.0 - eta**2) * (1.0 - zeta**8)
    moved = distance + shift
    out = np.stack([volume.x_of(moved), points[:, 1] + dy, points[:, 2] + dz], axis=1)
    return Displaced(moved, out, 1.0 + charge.field * (2.0 * xi - 1.0) * (1.0 - 0.5 * eta**2))
