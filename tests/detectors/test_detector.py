"""What a detector may be: presets, formats, and refusals that say what to do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from argoscope.detectors import (
    IMAGE_FORMATS,
    PRESETS,
    DriftVolume,
    VoxelVolume,
    WirePlane,
    detector_named,
    image_format_named,
    voxel_volume_named,
)
from argoscope.errors import InvalidArgument
from argoscope.events import Grid

MICROBOONE = detector_named("microboone")
VOLUME = MICROBOONE.volumes[0]


def test_presets_are_known_by_their_name() -> None:
    assert sorted(PRESETS) == ["cube", "cube-dual", "icarus", "microboone", "sbnd", "sbnd-2018"]
    assert all(detector_named(name).name == name for name in PRESETS)


@pytest.mark.parametrize(
    ("find", "name", "hint"),
    [
        (detector_named, "microboon", "Did you mean 'microboone'"),
        (image_format_named, "papr2", "Did you mean 'paper2'"),
        (voxel_volume_named, "cube-191", "Did you mean 'cube-192'"),
    ],
)
def test_unknown_names_get_the_nearest(find: Any, name: str, hint: str) -> None:
    with pytest.raises(InvalidArgument, match=hint):
        find(name)


@pytest.mark.parametrize(
    ("paper", "detector", "planes", "shape", "row_us"),
    [
        ("paper0", "sbnd-2018", (0, 1, 2), (2048, 1280), 2.0),
        ("paper1", "microboone", (2,), (3456, 1008), 3.0),
        ("paper2", "microboone", (2,), (3456, 1600), 3.0),
        ("paper3", "microboone", (0, 1, 2), (3456, 1008), 3.0),
        ("microboone-open", "microboone", (0, 1, 2), (3456, 1067), 3.0),
    ],
)
def test_image_formats_of_the_papers(
    paper: str, detector: str, planes: tuple[int, ...], shape: tuple[int, int], row_us: float
) -> None:
    made = detector_named(detector).with_image(image_format_named(paper))
    assert made.image.planes == planes
    assert [made.grid(plane).shape for plane in planes] == [shape] * len(planes)
    assert [made.grid(plane).projection for plane in planes] == list(planes)
    assert made.row_us == row_us
    assert set(IMAGE_FORMATS) >= {"paper0", "paper1", "paper2", "paper3"}


def test_sbnd_2018_grid_is_that_of_the_real_file() -> None:
    assert detector_named("sbnd-2018").grid(1) == Grid((2048, 1280), projection=1)


def test_wire_time_grid_gives_wire_and_tick() -> None:
    grid = MICROBOONE.grid(2)
    assert grid.unit == "wire-time"
    assert grid.indices_of(np.array([[7.5, 2406.0]])).tolist() == [[7, 1]]


def test_a_plane_without_image_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"projection \(=0\) has no image in the format 'paper1'"):
        MICROBOONE.with_image(IMAGE_FORMATS["paper1"]).grid(0)


@pytest.mark.parametrize(("name", "side_cm"), [("cube-192", 57.6), ("cube-512", 153.6), ("cube-768", 230.4)])
def test_voxel_cubes_of_paper_4(name: str, side_cm: float) -> None:
    cube = voxel_volume_named(name)
    assert cube.side_cm == side_cm
    assert cube.grid.shape == (cube.voxels,) * 3
    assert cube.grid.pitch == pytest.approx((0.3, 0.3, 0.3))
    assert cube.grid.unit == "cm"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wires": 0}, r"wires \(=0\) must be at least 1"),
        ({"pitch_cm": -0.3}, r"pitch_cm \(=-0.3\) must be positive"),
        ({"pitch_cm": float("nan")}, r"pitch_cm \(=nan\) must be a finite number"),
        ({"angle_deg": float("inf")}, r"angle_deg \(=inf\) must be a finite number"),
        ({"wires": 3, "split_z_cm": 1.0}, r"wires \(=3\) must be even"),
    ],
)
def test_impossible_planes(change: dict[str, Any], message: str) -> None:
    good = {"name": "U", "wires": 10, "angle_deg": 0.0, "pitch_cm": 0.3, "first_wire_cm": 0.0}
    assert WirePlane(**good).wires == 10
    with pytest.raises(InvalidArgument, match=message):
        WirePlane(**{**good, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low_cm": (300.0, -1.0, 0.0)}, "low_cm .* must lie below high_cm"),
        ({"high_cm": (float("nan"), 1.0, 1.0)}, r"high_cm \(=nan\) must be a finite number"),
        ({"drift": 2}, r"drift \(=2\) must be -1"),
        ({"drift": 1}, r"anode_cm \(=0.0\) lies on the cathode's side of the middle, x = 126.6"),
        ({"delays_us": (1.0,)}, r"delays_us .* must have one number for each of the 3 planes"),
    ],
)
def test_impossible_volumes(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(VOLUME, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"volumes": ()}, "volumes is empty"),
        ({"planes": ()}, "planes is empty"),
        ({"volumes": (VOLUME, VOLUME)}, "'TPC0' and 'TPC0' overlap"),
        ({"volumes": (replace(VOLUME, plane_x_cm=(0.0,), delays_us=()),)}, "plane_x_cm of volume 'TPC0'"),
        (
            {"image": replace(MICROBOONE.image, first_columns=(0, 0), planes=(0,))},
            "first_columns .* one number",
        ),
        ({"image": replace(MICROBOONE.image, width=3455)}, r"image.width \(=3455\) must hold the 3456 wires"),
    ],
)
def test_parts_that_do_not_fit(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(MICROBOONE, **change)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("drift", {"velocity_cm_us": 0.0}, r"velocity_cm_us \(=0.0\) must be positive"),
        ("drift", {"transverse_cm2_s": -1.0}, r"transverse_cm2_s \(=-1.0\) must not be negative"),
        ("readout", {"tick_us": -0.5}, r"tick_us \(=-0.5\) must be positive"),
        ("readout", {"ticks": 0}, r"ticks \(=0\) must be at least 1"),
        ("readout", {"adc_per_electron": 0.0}, r"adc_per_electron \(=0.0\) must be positive"),
        ("image", {"rows": 0}, r"rows \(=0\) must be at least 1"),
        ("image", {"first_columns": (0, -1, 0)}, "must not be negative"),
        ("image", {"planes": (1, 1)}, "each once"),
        ("image", {"planes": (3,)}, "must be numbers below 3"),
        ("image", {"unit": "mm"}, r"unit \(='mm'\) must be"),
    ],
)
def test_impossible_readout(part: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(getattr(MICROBOONE, part), **change)


def test_no_diffusion_is_possible() -> None:
    assert replace(MICROBOONE.drift, longitudinal_cm2_s=0.0).longitudinal_cm2_s == 0


@pytest.mark.parametrize(("voxels", "voxel_cm"), [(0, 0.3), (5, 0.0)])
def test_impossible_voxels(voxels: int, voxel_cm: float) -> None:
    with pytest.raises(InvalidArgument, match="must be"):
        VoxelVolume(name="x", voxels=voxels, voxel_cm=voxel_cm)


def test_detectors_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        MICROBOONE.name = "other"  # type: ignore[misc]
    changed = MICROBOONE.with_drift_velocity(0.1117)
    assert (changed.drift.velocity_cm_us, MICROBOONE.drift.velocity_cm_us) == (0.1117, 0.1098)


def test_cathode_and_drift_length_of_a_volume_that_drifts_up() -> None:
    box = DriftVolume(
        name="T",
        low_cm=(10.0, 0.0, 0.0),
        high_cm=(50.0, 1.0, 1.0),
        drift=1,
        anode_cm=50.0,
        plane_x_cm=(50.3, 50.0),
    )
    assert (box.cathode_cm, box.drift_length_cm, box.plane_order) == (10.0, pytest.approx(40.3), (1, 0))
    assert box.x_of(box.drift_distance(np.array([12.0, 50.0]))).tolist() == [12.0, 50.0]


def test_detectors_load_neither_torch_nor_matplotlib() -> None:
    code = "import argoscope.detectors, argoscope.events.overlay, sys; print({'torch', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
