"""Detectors as frozen values: geometry, drift, image formats, dead wires."""

from __future__ import annotations

from argoscope.detectors.crossings import Crossings, positions_of, wire_end_points
from argoscope.detectors.detector import Detector
from argoscope.detectors.drift_velocity import drift_velocity
from argoscope.detectors.geometry import (
    Pixels,
    Projected,
    pixels_of,
    project,
    tick_of,
    volume_of,
)
from argoscope.detectors.planes import WirePlane
from argoscope.detectors.presets import (
    IMAGE_FORMATS,
    PRESETS,
    detector_named,
    image_format_named,
    voxel_volume_named,
)
from argoscope.detectors.readout import Drift, ImageFormat, Readout
from argoscope.detectors.volumes import DriftVolume, VoxelVolume

__all__ = [
    "IMAGE_FORMATS",
    "PRESETS",
    "Crossings",
    "Detector",
    "Drift",
    "DriftVolume",
    "ImageFormat",
    "Pixels",
    "Projected",
    "Readout",
    "VoxelVolume",
    "WirePlane",
    "detector_named",
    "drift_velocity",
    "image_format_named",
    "pixels_of",
    "positions_of",
    "project",
    "tick_of",
    "volume_of",
    "voxel_volume_named",
    "wire_end_points",
]
