"""The detectors we know, by name; the one place where a name becomes a detector."""

from __future__ import annotations

from argoscope.detectors.cube import CUBE, CUBE_DUAL, VOXEL_CUBES
from argoscope.detectors.detector import Detector
from argoscope.detectors.icarus import ICARUS
from argoscope.detectors.microboone import FORMATS, MICROBOONE
from argoscope.detectors.readout import ImageFormat
from argoscope.detectors.sbnd import SBND, SBND_2018
from argoscope.detectors.volumes import VoxelVolume
from argoscope.errors import named

__all__ = ["IMAGE_FORMATS", "PRESETS", "detector_named", "image_format_named", "voxel_volume_named"]

PRESETS: dict[str, Detector] = {
    detector.name: detector for detector in (MICROBOONE, SBND_2018, SBND, ICARUS, CUBE, CUBE_DUAL)
}
"""Every wire detector by its name."""

IMAGE_FORMATS: dict[str, ImageFormat] = {"paper0": SBND_2018.image, **FORMATS}
"""Image formats of the papers and the public data, by name; paper 4 has voxels (`voxel_volume_named`)."""


def detector_named(name: str) -> Detector:
    """Find a detector by name.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.

    Examples
    --------
    >>> detector_named("sbnd-2018").grid(2).shape
    (2048, 1280)
    """
    remedy = "load_detector() reads one of your own from a YAML file."
    return named(name, PRESETS, "there is no detector", remedy)


def image_format_named(name: str) -> ImageFormat:
    """Find an image format by name, for `Detector.with_image`.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.

    Examples
    --------
    >>> detector_named("microboone").with_image(image_format_named("paper2")).grid(2).shape
    (3456, 1600)
    """
    return named(name, IMAGE_FORMATS, "there is no image format")


def voxel_volume_named(name: str) -> VoxelVolume:
    """Find a voxel volume of paper 4 by name.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.

    Examples
    --------
    >>> voxel_volume_named("cube-512").grid.shape
    (512, 512, 512)
    """
    return named(name, VOXEL_CUBES, "there is no voxel volume")
