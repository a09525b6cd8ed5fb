"""Measures of images on hand-made ones, and the checks' numbers against the public files."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import FIVE_CLASS, Clusters, Grid, Image, LabelColumn
from argoscope.files.larcv3 import Larcv3File
from argoscope.simulation import image_checks
from argoscope.simulation.image_measures import (
    class_counts,
    cluster_sizes,
    halo_per_labelled,
    label_counts,
    mode,
    peak_pixels,
    widths_by_slope,
)


def test_cubes_have_the_papers_classes_and_voxels() -> None:
    rows = image_checks._cube_rows(quick=True)
    assert len(rows) == 8
    # A tenth of the statistics: rows may leave their tolerance by chance, not by half the reference.
    assert all(abs(r["value"] / r["reference"] - 1) < 0.5 for r in rows if r["reference"] > 0.1)


def test_peaks_of_runs() -> None:
    image = Image.from_points(
        Grid((4, 9)), np.array([[0, 3], [0, 4], [0, 6], [2, 1]]), np.array([5.0, 9.0, 7.0, 30.0])
    )
    labels = np.full(4, FIVE_CLASS.index("MIP"))
    image = image.with_labels(semantic=LabelColumn(labels, FIVE_CLASS))
    assert peak_pixels(image, FIVE_CLASS.index("MIP")).tolist() == [9.0, 7.0, 30.0]
    assert class_counts(image).tolist() == [0, 4, 0, 0, 0]


def test_the_mode_of_a_gaussian(rng) -> None:
    assert mode(rng.normal(40.0, 5.0, 100_000), 2.0) == pytest.approx(40.0, abs=0.7)


def test_width_of_a_line_of_slope_two() -> None:
    grid = Grid((40, 200))
    coordinates = np.array([[w, 2 * w + k] for w in range(5, 30) for k in range(3)])
    image = Image.from_points(grid, coordinates, np.full(len(coordinates), 9.0))
    truth = Clusters(
        grid, image.ids, np.full(len(image), 0.5, np.float32), np.array([0, len(image)]), np.array([0])
    )
    image = Image(grid, image.coordinates, image.charge, truth=truth)
    flat, steep = widths_by_slope(image, np.array([0.0, 1.0, 4.0]))
    assert len(flat) == 0
    assert (steep == 3.0).all()
    assert cluster_sizes(image).tolist() == [75]


def test_references_from_the_public_sample(real_data) -> None:
    with Larcv3File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        events = [file.event(index) for index in range(3)]
    for plane, reference in enumerate(image_checks.HALO):
        images = [event.images[plane] for event in events]
        assert np.mean([halo_per_labelled(i) for i in images]) == pytest.approx(reference, abs=0.001)
        # Three of the five events; noise is alike in all.
        noise = np.mean([label_counts(i).halves[:, 0] for i in images], axis=0)
        assert noise == pytest.approx(image_checks.BACKGROUND[plane], rel=0.15)
