"""Generic detectors: a cube with wires, two volumes with wires, and cubes of voxels.

`wire_planes` gives any box the usual three planes at +60, -60 and 0 degrees.
The voxel cubes are those of paper 4 (arXiv:1903.05663): 192, 512 and 768
voxels of 3 mm along each side.
"""

from __future__ import annotations

import math

from argoscope.detectors.detector import Detector
from argoscope.detectors.planes import WirePlane
from argoscope.detectors.readout import Drift, ImageFormat, Readout
from argoscope.detectors.volumes import DriftVolume, VoxelVolume

__all__ = ["CUBE", "CUBE_DUAL", "VOXEL_CUBES", "wire_planes"]

_PITCH_CM = 0.3  # cm; the pitch of all detectors of the programme
_SIDE_CM = 230.4  # cm; paper 4: 768 voxels of 3 mm
_HALF_DUAL_CM = 216.0  # cm; JAXTPC's two-volume detector reaches from -216 to 216


def wire_planes(low_cm: tuple[float, float], high_cm: tuple[float, float]) -> tuple[WirePlane, ...]:
    """Planes at +60, -60 and 0 degrees that cover a rectangle in y and z.

    A plane at angle a has ``ceil((Lz cos a + Ly sin|a|) / pitch) + 1`` wires,
    the first of them through the corner with the smallest coordinate.

    Parameters
    ----------
    low_cm, high_cm : tuple of float
        Opposite corners (y, z) of the rectangle, in cm.

    Returns
    -------
    tuple of WirePlane

    Examples
    --------
    >>> [plane.wires for plane in wire_planes((-115.2, 0.0), (115.2, 230.4))]
    [1051, 1051, 769]
    """
    planes = []
    for name, angle_deg in (("U", 60.0), ("V", -60.0), ("Y", 0.0)):
        sine, cosine = math.sin(math.radians(angle_deg)), math.cos(math.radians(angle_deg))
        corners = [-y * sine + z * cosine for y in (low_cm[0], high_cm[0]) for z in (low_cm[1], high_cm[1])]
        # Rounding keeps 230.4 / 0.3 from becoming 768.0000000001 and one wire more.
        wires = math.ceil(round((max(corners) - min(corners)) / _PITCH_CM, 6)) + 1
        planes.append(
            WirePlane(
                name=name, wires=wires, angle_deg=angle_deg, pitch_cm=_PITCH_CM, first_wire_cm=min(corners)
            )
        )
    return tuple(planes)


def _generic(name: str, volumes: tuple[DriftVolume, ...], rows: int) -> Detector:
    """A detector with three planes over the y and z of its first volume."""
    low, high = volumes[0].low_cm, volumes[0].high_cm
    planes = wire_planes((low[1], low[2]), (high[1], high[2]))
    return Detector(
        name=name,
        volumes=volumes,
        planes=planes,
        drift=Drift(
            velocity_cm_us=0.16,  # cm/µs; usual at 0.5 kV/cm
            field_kv_cm=0.5,  # kV/cm; usual design value
            temperature_k=87.0,  # K; drift_velocity gives 1.605 mm/µs there
            lifetime_us=10000.0,  # µs; usual design value
            longitudinal_cm2_s=4.0,  # cm²/s; WireCell
            transverse_cm2_s=8.8,  # cm²/s; WireCell
        ),
        readout=Readout(tick_us=0.5, ticks=rows * 4),  # µs, ticks; usual
        image=ImageFormat(
            name=name,
            width=max(plane.wires for plane in planes),
            rows=rows,
            ticks_per_row=4,  # ticks; 3.2 mm of drift, near the pitch
            first_columns=(0, 0, 0),
            unit="wire-time",
        ),
    )


CUBE = _generic(
    "cube",
    (
        DriftVolume(
            name="TPC0",
            low_cm=(0.0, -_SIDE_CM / 2, 0.0),
            high_cm=(_SIDE_CM, _SIDE_CM / 2, _SIDE_CM),
            drift=-1,
            anode_cm=0.0,
            plane_x_cm=(0.0, -_PITCH_CM, -2 * _PITCH_CM),
        ),
    ),
    rows=768,
)
"""A cube of 230.4 cm with one drift volume and three wire planes."""

CUBE_DUAL = _generic(
    "cube-dual",
    tuple(
        DriftVolume(
            name=name,
            low_cm=(low, -_HALF_DUAL_CM, 0.0),
            high_cm=(high, _HALF_DUAL_CM, 2 * _HALF_DUAL_CM),
            drift=-1 if high == 0 else 1,
            anode_cm=low if high == 0 else high,
            plane_x_cm=tuple(
                (low - k * _PITCH_CM) if high == 0 else (high + k * _PITCH_CM) for k in range(3)
            ),
        )
        for name, low, high in (("TPC0", -_HALF_DUAL_CM, 0.0), ("TPC1", 0.0, _HALF_DUAL_CM))
    ),
    rows=704,
)
"""A box of 432 cm with a cathode at x = 0 and three wire planes on each side."""

VOXEL_CUBES: dict[str, VoxelVolume] = {
    "cube-192": VoxelVolume(name="cube-192", voxels=192, voxel_cm=0.3),  # voxels, cm; paper 4
    "cube-512": VoxelVolume(name="cube-512", voxels=512, voxel_cm=0.3),  # voxels, cm; paper 4
    "cube-768": VoxelVolume(name="cube-768", voxels=768, voxel_cm=0.3),  # voxels, cm; paper 4
}
"""The voxel volumes of paper 4 by name."""
