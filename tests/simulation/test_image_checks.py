"""Measures of images on hand-made ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.events import FIVE_CLASS, Clusters, Grid, Image, LabelColumn
from argoscope.simulation import image_checks
from argoscope.simulation.image_measures import (
    class_counts,
    cluster_sizes,
    mode,
    segments_by_slope,
    silent_share,
)


def test_cubes_have_the_papers_classes_and_voxels() -> None:
    rows = image_checks._cube_rows(quick=True)
    assert len(rows) == 8
    # A tenth of the statistics: rows may leave their tolerance by chance, not by half the reference.
    assert all(abs(r["value"] / r["reference"] - 1) < 0.5 for r in rows if r["reference"] > 0.1)


def test_counts_of_classes() -> None:
    image = Image.from_points(Grid((4, 9)), np.array([[0, 3], [0, 4], [0, 6], [2, 1]]), np.full(4, 9.0))
    labels = np.full(4, FIVE_CLASS.index("MIP"))
    image = image.with_labels(semantic=LabelColumn(labels, FIVE_CLASS))
    assert class_counts(image).tolist() == [0, 4, 0, 0, 0]


def test_wires_with_charge_but_no_pixel_are_dead() -> None:
    grid = Grid((6, 9))
    ids = np.array([4, 13, 22, 31, 40])
    energy = np.array([0.9, 0.9, 0.9, 0.9, 0.1], np.float32)  # the last too weak to count
    truth = Clusters(grid, ids, energy, np.array([0, 5]), np.array([0]))
    image = Image(grid, np.array([[0, 3], [1, 4], [3, 4]]), np.full(3, 30.0), truth=truth)
    assert silent_share(image) == pytest.approx(0.25)
    assert silent_share(replace(image, truth=None)) == 0.0


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
    flat, steep = segments_by_slope(image, np.array([0.0, 1.0, 4.0]))
    assert len(flat) == 0
    assert steep.tolist() == [[3.0, 9.0]] * 17  # 25 wires, four at each end without neighbours
    assert cluster_sizes(image).tolist() == [75]
