"""Detectors as frozen values: geometry, drift, image formats, dead wires."""

from __future__ import annotations

from argoscope.detectors.config import detector_from_yaml, detector_to_yaml, dump_detector, load_detector
from argoscope.detectors.crossings import Crossings, positions_of, wire_end_points
from argoscope.detectors.dead_wire_files import load_dead_wires, parse_dead_wires
from argoscope.detectors.dead_wire_maps import WeakWires, dead_wires_of, gain_factors
from argoscope.detectors.dead_wires import DeadWires
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
    "DeadWires",
    "Detector",
    "Drift",
    "DriftVolume",
    "ImageFormat",
    "Pixels",
    "Projected",
    "Readout",
    "VoxelVolume",
    "WeakWires",
    "WirePlane",
    "dead_wires_of",
    "detector_from_yaml",
    "detector_named",
    "detector_to_yaml",
    "drift_velocity",
    "dump_detector",
    "gain_factors",
    "image_format_named",
    "load_dead_wires",
    "load_detector",
    "parse_dead_wires",
    "pixels_of",
    "positions_of",
    "project",
    "tick_of",
    "volume_of",
    "voxel_volume_named",
    "wire_end_points",
]
