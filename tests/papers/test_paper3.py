"""The studies of paper 3 at microscopic sizes: what each says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.papers.studies import study, values

from argoscope.events import FIVE_CLASS
from argoscope.papers import paper3_published as published
from argoscope.papers.paper3 import PAPER
from argoscope.papers.paper3_studies import variations
from argoscope.papers.paper3_studies.predictions import model_for, plane_tallies
from argoscope.papers.paper3_studies.sizes import COLLECTION, FULL, PLANES, SMALL, recipe_of, whole, windows
from argoscope.papers.paper3_studies.speed import measured
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import trained

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_shipped_models")]


@pytest.fixture
def with_model(planes_context, tiny_planes):
    """The context with the finished network for all planes."""
    run = trained(planes_context, recipe_of(tiny_planes, ()))
    return replace(planes_context, settings={"models": [str(run.folder)]})


def test_sample_holds_what_the_generator_is_told(planes_context, tiny_planes):
    pixels, classes, charges, multiplicities = study(PAPER, "sample", tiny_planes, planes_context).tables
    assert values(pixels, 0)[:3] == ["test, U", "test, V", "test, Y"]
    assert all(seen[0] <= above[0] for above, seen in zip(values(pixels, 1), values(pixels, 2), strict=True))
    for column in (1, 2, 3):
        assert sum(cell[0] for cell in values(classes, column)) == pytest.approx(1)
    assert values(classes, 5) == ["43 to 435"] * 4 + ["4"]
    assert values(charges, 2) == [40.0, None, 220.0]
    for name, _, ours, paper in multiplicities.rows:
        (low, high), (least, most) = ([int(n) for n in text.split(" to ")] for text in (ours, paper))
        assert least <= low <= high <= most, name


def test_headline_without_model_says_how_to_train_one(planes_context, tiny_planes):
    found = study(PAPER, "headline", tiny_planes, planes_context)
    assert not found.tables
    assert "argoscope train configs/five-class-2d.yaml" in found.text


def test_headline_has_the_papers_tables_beside_ours(with_model, tiny_planes):
    found = study(PAPER, "headline", tiny_planes, with_model)
    five, two, apart = found.tables
    assert five.columns[1:] == ("ours, U", "ours, V", "ours, Y", "paper 3, Y")
    assert values(five, 4) == [0.96, None, None, None, None, None]
    assert [row[2::2] for row in two.rows][:2] == [(0.988, 0.990, 0.992), (0.996, 0.994, 0.996)]
    assert values(two, 0)[-1] == "BNB, shower"
    assert values(two, 7) == [0.974, 0.959, 0.862, None, 0.957, None]
    assert values(apart, 0) == [f"{sample}, {plane}" for sample in ("nu_e", "BNB") for plane in "UVY"]
    assert [row[1] for row in apart.rows[:3]] == [two.rows[3][n] for n in (1, 3, 5)]
    assert all(share is None or 0 <= share < 1 for share in values(apart, 3))
    assert values(apart, 4) == [0.823, 0.858, 0.859, 0.809, 0.821, 0.823]
    matrices = json.loads((with_model.folder / f"{found.figures[0].file[:-4]}.json").read_text())
    assert set(matrices) == {"rows", "plane U", "plane V", "plane Y"}


def test_a_network_of_one_plane_has_columns_of_that_plane_alone(planes_context, tiny_planes):
    run = trained(planes_context, recipe_of(tiny_planes, (COLLECTION,)))
    found = study(
        PAPER, "headline", tiny_planes, replace(planes_context, settings={"models": [str(run.folder)]})
    )
    assert found.tables[0].columns[1:] == ("ours, Y", "paper 3, Y")
    assert found.tables[1].columns[1:] == ("ours, Y", "paper 3, Y", "network before paper 3, Y")


def test_every_labelled_pixel_in_the_window_is_counted_on_its_plane(planes_context, tiny_planes):
    from argoscope.papers.samples import events_of

    model = trained(planes_context, recipe_of(tiny_planes, ())).model()
    tallies = plane_tallies(planes_context, model, whole(tiny_planes))
    for plane in PLANES:
        images = [e.image(plane) for e in events_of(sample_file(planes_context, whole(tiny_planes)))]
        wanted = [
            int((image.label("semantic").labelled & (image.charge >= 10) & (image.charge <= 300)).sum())
            for image in images
        ]
        assert [int(matrix.sum()) for matrix in tallies[plane].pixels] == wanted


def test_planes_and_weighting_share_a_training(planes_context, tiny_planes):
    table, seconds = study(PAPER, "planes", tiny_planes, planes_context).tables
    assert table.columns[1:3] == ("U: its own network", "U: one for all")
    assert values(table, 0) == ["all", *FIVE_CLASS.classes]
    assert values(seconds, 0) == ["U alone", "V alone", "Y alone", "all planes"]
    before = set((planes_context.folder / "runs").iterdir())
    (found,) = study(PAPER, "weighting", tiny_planes, planes_context).tables
    assert len(set((planes_context.folder / "runs").iterdir()) - before) == 1
    assert found.rows[0][3:] == (0.96, 0.92)
    assert json.loads((planes_context.folder / "figure5.json").read_text()).keys() == {
        "with the paper's weights", "without",
    }  # fmt: skip


def test_variations_are_of_the_same_particles(planes_context, tiny_planes, monkeypatch):
    changes = {"noise": ("noise_scale=1.5",), "none": ("noise_scale=1",)}
    monkeypatch.setattr(variations, "CHANGES", changes)
    found = study(PAPER, "variations", tiny_planes, planes_context)
    (table,) = found.tables
    assert values(table, 0) == ["central", "noise", "none"]
    assert table.rows[2][3] == (0.0, 0.0, 0.0)
    assert (planes_context.folder / "samples/paper3-nue-test-2-noise_scale=1.5.h5").exists()
    assert [name.partition(": ")[2] for name in table.columns[3::2]] == ["about 0.5%)", "about 1.0%)"]
    assert "No finished model: the network of the study planes for Y" in table.note


def test_clusters_are_counted_for_both_topologies(with_model, tiny_planes):
    (table,) = study(PAPER, "clusters", tiny_planes, with_model).tables
    assert table.columns == ("f_s at least", "1e1p called 1e1p", "1mu1p called 1e1p")
    assert "1e1p in 3 of paper3-nue" in table.note
    for column in (1, 2):
        shares = [cell[0] for cell in values(table, column)]
        assert shares == sorted(shares, key=lambda share: -1 if share is None else -share)


def test_the_three_events_are_drawn_with_what_the_network_says(with_model, tiny_planes):
    found = study(PAPER, "display", tiny_planes, with_model)
    assert [figure.file for figure in found.figures] == ["figure7.png", "figure8.png", "figure9.png"]
    assert ["plane U" in figure.note for figure in found.figures] == [False, True, False]
    data = json.loads((with_model.folder / "figure8.json").read_text())
    assert len(data["predicted"]) == len(data["truth"]) == len(data["charge"]) > 0
    assert np.max(data["coordinates"]) < 300


@pytest.mark.usefixtures("measured_here")
def test_speed_has_the_papers_rows_and_ours(planes_context, tiny_planes):
    (table,) = study(PAPER, "speed", tiny_planes, planes_context).tables
    assert [row[0].partition(",")[0] for row in table.rows] == [
        "sparse", "sparse", "dense", "paper 3", "paper 3", "our goal",
    ]  # fmt: skip
    assert table.rows[0][1] < table.rows[1][1]
    assert table.rows[3][2:4] == (0.5, 1.0)
    assert all(cell > 0 for row in table.rows[:3] for cell in row[2:4])


def test_the_image_measured_is_the_crop_of_one_plane(planes_context, tiny_planes):
    path = str(sample_file(planes_context, whole(tiny_planes)))
    network = {"extends": "paper3", "filters": 1, "depth": 2}
    plane, cut = (measured(network, path, (1, 2), side, 1) for side in (0, 64))
    assert 0 < cut["voxels"] < plane["voxels"]


def test_without_model_the_scans_network_is_looked_at(planes_context, tiny_planes, with_model):
    model, how = model_for(planes_context, tiny_planes)
    assert model.card.preparation.planes == (COLLECTION,)
    assert how.startswith("No finished model")
    model, how = model_for(with_model, tiny_planes)
    assert model.card.preparation.planes == ()
    assert "2 steps of 2 events" in how


def test_full_sizes_are_the_papers():
    assert (FULL.train_events, FULL.test_events, FULL.variation_events) == (120_000, 23_000, 15_000)
    assert (FULL.window, FULL.filters, FULL.batch) == (512, 32, 64)
    assert (FULL.steps, FULL.chosen) == (28_125, 15_937)
    assert recipe_of(FULL, (2,)).snapshots == (15_937,)
    assert FULL.dense_window == 0


def test_small_sizes_are_smaller_but_for_the_network_that_is_measured():
    assert (2 * SMALL.window, 4 * SMALL.filters) == (FULL.window, FULL.filters)
    assert (SMALL.cost_filters, SMALL.cost_pixels) == (FULL.cost_filters, FULL.cost_pixels)
    assert SMALL.test_events >= 500


def test_a_recipe_is_the_papers():
    recipe = recipe_of(FULL, (0,))
    assert recipe.network == {"extends": "paper3", "filters": 32}
    assert (recipe.weighting, recipe.reduction, recipe.rate, recipe.cosine) == (
        "paper3",
        "pixel-sum",
        1e-3,
        False,
    )
    assert (recipe.preparation.planes, recipe.preparation.least, recipe.preparation.most) == (
        (0,),
        10.0,
        300.0,
    )
    assert windows(FULL, "test").events == whole(FULL).events == published.EVENTS["test"]
