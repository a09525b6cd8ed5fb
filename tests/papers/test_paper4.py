"""The studies of paper 4 at microscopic sizes: what each says, and the reproduction as a whole."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.papers.studies import study, values

from argoscope.analyses.confusion import rates
from argoscope.analyses.statistics import Estimate
from argoscope.models.cards import card_path
from argoscope.models.weights import load_model
from argoscope.papers import paper4_published as published
from argoscope.papers.finished import network_said, started_from
from argoscope.papers.guard import guard_table, verdict
from argoscope.papers.paper4 import PAPER
from argoscope.papers.paper4_studies.costs import measured
from argoscope.papers.paper4_studies.sizes import FULL, SMALL, Place, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import trained


@pytest.fixture
def model(cubes_context, tiny_sizes):
    """Folder of a network of regular labels."""
    recipe = recipe_of(tiny_sizes, tiny_sizes.scan, {"extends": "paper4", "filters": 2, "depth": 2})
    return str(trained(cubes_context, recipe).folder)


def test_sample_counts_every_voxel(cubes_context, tiny_sizes):
    voxels, shares = study(PAPER, "sample", tiny_sizes, cubes_context).tables
    assert values(voxels, 2) == ["700", "2500 to 3300", "4300 to 6500"]
    for column in (1, 2, 3):
        assert sum(cell[0] for cell in values(shares, column)) == pytest.approx(1)
    assert values(shares, 4) == list(published.CLASS_SHARES.values())


@pytest.mark.usefixtures("no_shipped_models")
def test_headline_without_model_says_how_to_train_one(cubes_context, tiny_sizes):
    found = study(PAPER, "headline", tiny_sizes, cubes_context)
    assert not found.tables
    assert "argoscope train configs/five-class-3d.yaml" in found.text


def test_headline_of_a_network_of_regular_labels_has_the_guard(cubes_context, tiny_sizes, model):
    found = study(PAPER, "headline", tiny_sizes, replace(cubes_context, settings={"models": [model]}))
    titles = [table.title for table in found.tables]
    assert titles == ["cube-512: accuracy", "cube-192: accuracy", "Realism guard: regular labels at 192 px"]
    assert [figure.file for figure in found.figures] == [f"headline-{model.rpartition('/')[2]}.png"]
    assert "2 steps of 2 events" in found.tables[0].note


def test_table3_has_all_networks_beside_the_papers(cubes_context, tiny_sizes):
    found = study(PAPER, "table3", tiny_sizes, cubes_context)
    (table,) = found.tables
    assert values(table, 0) == [f"{depth}-{filters}" for depth in (6, 5, 4) for filters in (1, 2, 3)]


def test_table4_trains_on_two_sizes_and_tests_on_three(context, tiny_sizes):
    found = study(PAPER, "table4", tiny_sizes, context)
    assert found.tables[0].columns[1::2] == ("ours, 16 px", "ours, 24 px", "ours, 32 px")
    assert [row[2::2] for row in found.tables[1].rows][-1] == (0.989, 0.992, 0.993)
    assert len(list((context.folder / "runs").iterdir())) == 2


def test_table5_has_the_papers_four_columns(cubes_context, tiny_sizes):
    (table,) = study(PAPER, "table5", tiny_sizes, cubes_context).tables
    assert table.columns[1::2] == (
        "ours, regular / regular", "ours, regular / relabelled", "ours, relabelled / relabelled",
        "ours, relabelled + weights / relabelled",
    )  # fmt: skip
    assert values(table, 8) == list(published.LABELS["relabelled", "inverse", "relabelled"])


def test_labels_start_from_shipped_weights_at_the_small_scale_alone(
    monkeypatch, cubes_context, tiny_sizes, model
):
    """A network that starts from weights answers at once as they do; without them it starts from nothing."""
    monkeypatch.setattr(
        "argoscope.papers.finished.shipped_models", lambda: {"five-class-3d": card_path(model)}
    )
    assert (SMALL.label_start, FULL.label_start) == ("five-class-3d", "")
    recipe = recipe_of(tiny_sizes, tiny_sizes.labels, {"extends": "paper4", "filters": 4}, rate=1e-12)
    started = started_from(recipe, SMALL.label_start)
    assert network_said(started) == f"2-2 from the weights of {card_path(model).stem}"
    ours, theirs = (
        m.network.state_dict() for m in (trained(cubes_context, started).model(), load_model(model))
    )
    assert all(
        torch.allclose(ours[name], theirs[name], atol=1e-8)
        for name in dict(load_model(model).network.named_parameters())
    )
    assert started_from(recipe, FULL.label_start) == recipe


def test_limits_shares_its_trainings_with_table3(cubes_context, tiny_sizes):
    study(PAPER, "table3", tiny_sizes, cubes_context)
    before = {path.name for path in (cubes_context.folder / "runs").iterdir()}
    (table,) = study(PAPER, "limits", tiny_sizes, cubes_context).tables
    assert values(table, 0)[0] == "as table III, 5-3"
    assert (
        len({path.name for path in (cubes_context.folder / "runs").iterdir()} - before) == len(table.rows) - 2
    )


@pytest.mark.slow
def test_dense_and_sparse_are_trained_alike(cubes_context, tiny_sizes):
    (table,) = study(PAPER, "dense", tiny_sizes, cubes_context).tables
    assert values(table, 0) == ["dense, batch 2", "sparse, batch 2", "sparse, batch 2"]
    assert values(table, 6) == [0.92, 0.94, 0.98]


@pytest.mark.slow
def test_scores_along_the_training(cubes_context, tiny_sizes):
    found = study(PAPER, "scores", tiny_sizes, cubes_context)
    assert [figure.file for figure in found.figures] == ["figure6.png", "figure8.png", "figure9.png"]
    data = json.loads((cubes_context.folder / "figure6.json").read_text())
    assert data["steps"] == [1, 2]
    maps = json.loads((cubes_context.folder / "figure9.json").read_text())
    assert all(np.allclose(np.sum(scores, axis=1), 1, atol=1e-5) for scores in maps["scores"].values())


@pytest.mark.slow
@pytest.mark.usefixtures("measured_here")
def test_costs_are_measured_for_every_case(cubes_context, tiny_sizes):
    sizes = replace(
        tiny_sizes, cube_costs=(("sparse", "cube-192", 1, ("train",)),), plane_costs=(("dense", 1), ("sparse", 1)),
        filter_costs=((1, 1),),
    )  # fmt: skip
    found = study(PAPER, "costs", sizes, cubes_context)
    table, factors, _ = found.tables
    assert all(cell > 0 for row in table.rows for cell in row[2:5:2])
    assert [row[0] for row in factors.rows] == ["2D, 512 px (paper: batch 88)"]
    assert len(found.figures) == 2


@pytest.mark.parametrize("phase", ["test", "train"])
def test_a_batch_repeats_the_events_of_its_sample(cubes_context, tiny_sizes, phase):
    path = str(sample_file(cubes_context, sample_of(tiny_sizes, Place("cube-192", 16), "test", 4)))
    network = {"kind": "uresnet", "dimensions": 3, "filters": 1, "depth": 2}
    one, many = (measured(network, path, batch, phase, 1) for batch in (4, 8))
    assert many["voxels"] == 2 * one["voxels"]
    assert one["seconds"] > 0


@pytest.mark.usefixtures("no_shipped_models")
def test_mistakes_without_model_are_those_of_the_scan(cubes_context, tiny_sizes):
    found = study(PAPER, "mistakes", tiny_sizes, cubes_context)
    bins = found.tables[0].rows
    assert [row[0] for row in bins][:3] == ["0 px", "1 px", "2 to 3 px"]
    assert [figure.file for figure in found.figures] == ["figure12.png", "figure13.png"]


def test_michel_electrons_beside_table_6(cubes_context, tiny_sizes, model):
    """A network of two steps finds none; the table has the paper's numbers beside."""
    found = study(PAPER, "michel", tiny_sizes, replace(cubes_context, settings={"models": [model]}))
    titles = [table.title for table in found.tables]
    assert titles == [
        "32 px: Michel electrons",
        "32 px: energies",
        "192 px: Michel electrons",
        "192 px: energies",
    ]
    rows = {row[0]: row[1:] for row in found.tables[0].rows}
    assert (rows["ID purity"][2], rows["ID purity"][5]) == (0.967, 0.973)
    assert rows["candidates, number"][:2] == (0, 0)
    assert len(found.tables[0].columns) == len(found.tables[0].rows[0]) == 7
    assert [figure.file for figure in found.figures] == [
        "figure14-32.png", "figure15-32.png", "figure14-192.png", "figure15-192.png",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        ((0.37, 0.30, 0.44), "as the paper"),
        ((0.50, 0.45, 0.55), "at the edge"),
        ((0.60, 0.55, 0.65), "above"),
        ((0.10, 0.05, 0.15), "below"),
    ],
)
def test_verdicts_of_the_guard(estimate, said):
    assert verdict(Estimate(*estimate), published.GUARD["Michel"]).startswith(said)


def test_the_guard_says_nothing_of_a_class_that_few_events_have():
    matrices = np.zeros((20, 5, 5))
    matrices[:, 1, 1] = matrices[:, 3, 3] = 5
    matrices[:3, 4, 4] = 5
    rows = {row[0]: row for row in guard_table(rates(matrices, pooled=False), "").rows}
    assert rows["Michel"][1:] == (
        (1.0, None, None),
        "0.37 ± 0.10",
        "not known: too few events have the class",
    )
    assert rows["delta"][3] == "above: the images are easier than the paper's"


def test_full_sizes_are_the_papers():
    assert FULL.filters == (8, 16, 32)
    assert (FULL.train_events, FULL.test_events, FULL.steps, FULL.batch) == (80_000, 20_000, 30_000, 64)
    assert [place.side for place in FULL.images] == [192, 512, 768]
    assert (FULL.label_filters, FULL.image_filters, FULL.plane_batch, FULL.plane_steps) == (
        32,
        16,
        88,
        40_000,
    )
    assert not any(place.window for place in (*FULL.images, FULL.scan, FULL.dense, FULL.plane))


def test_small_sizes_are_a_quarter():
    assert [4 * place.side for place in SMALL.images] == [192, 512, 768]
    assert [4 * filters for filters in SMALL.filters] == list(FULL.filters)
    assert (4 * SMALL.label_filters, 4 * SMALL.image_filters) == (FULL.label_filters, FULL.image_filters)
    assert 4 * SMALL.plane.side == FULL.plane.side
    assert all("train" not in phases for network, _, _, phases in SMALL.cube_costs if network == "dense")
