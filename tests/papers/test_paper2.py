"""The studies of paper 2 at microscopic sizes: what each says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.papers.studies import study, values

from argoscope.inference.segmentation import segment
from argoscope.models.preparation import chosen_planes
from argoscope.models.weights import load_model
from argoscope.papers import paper2_published as published
from argoscope.papers.paper2 import PAPER
from argoscope.papers.paper2_studies import hand_samples, planes, weighting
from argoscope.papers.paper2_studies.rows import WORDS
from argoscope.papers.paper2_studies.sizes import (
    CAFFE_EPSILON,
    FULL,
    SAMPLES,
    SMALL,
    classifier_recipe,
    crops,
    pair_recipes,
    sparse_recipe,
)
from argoscope.papers.paper2_studies.subjects import subject_for, tallied
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context
from argoscope.training.tasks import as_track_shower

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_shipped_models")]


@pytest.fixture(scope="module")
def sizes():
    """Sizes with which a study takes a few seconds."""
    return replace(
        SMALL, scale="tiny", test_events=4, hand_events=3, train_events=5, validation_events=3, filters=2, steps=2,
        batch=2, pair_window=32, dense_filters=1, pair_steps=2, pair_batch=2, pair_test=3, plane_events=1,
        plane_crops=(7, 2), dense_costs=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """One folder for all tests: samples and networks are made once."""
    return Context(tmp_path_factory.mktemp("paper2"), "small")


@pytest.fixture
def with_model(context, sizes):
    """The context with a finished network of tracks and showers."""
    run = trained(context, sparse_recipe(sizes))
    return replace(context, settings={"models": [str(run.folder)]})


def test_sample_counts_pixels_and_generated_particles(context, sizes):
    pixels, multiplicities = study(PAPER, "sample", sizes, context).tables
    assert values(pixels, 0) == list(published.TABLE_I)
    assert all(0.9 < share[0] < 1 for share in values(pixels, 2))
    for _, _, _, shower, track in pixels.rows:
        assert shower[0] + track[0] == pytest.approx(1)
    for name, _, ours, paper in multiplicities.rows:
        (low, high), (least, most) = ([int(n) for n in text.split(" to ")] for text in (ours, paper))
        assert least <= low <= high <= most, name


def test_parameters_are_those_of_the_networks_that_are_trained(context, sizes):
    (table,) = study(PAPER, "parameters", sizes, context).tables
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["dense, as published"][:2] == (5, published.DEEPEST[1])
    model = trained(context, sparse_recipe(sizes)).model()
    assert rows["trained here: sparse"] == (5, 12, sum(w.numel() for w in model.network.parameters()))


def test_headline_without_finished_weights_says_so_and_how_to_train_them(context, sizes):
    found = study(PAPER, "headline", sizes, context)
    assert found.text.startswith("No finished weights: this installation has no model 'track-shower-2d'")
    assert "argoscope train configs/track-shower-2d.yaml" in found.text
    assert [table.title.partition(":")[0] for table in found.tables] == ["trained-here"] * 2
    assert all("No finished model" in table.note for table in found.tables)


def test_headline_has_table_i_beside_ours(with_model, sizes):
    found = study(PAPER, "headline", sizes, with_model)
    assert "No finished" not in found.text
    plain, weighted = found.tables
    assert values(plain, 0) == list(SAMPLES)
    assert [row[2::2] for row in plain.rows] == [tuple(row) for row in published.TABLE_I.values()]
    assert plain.columns[1::2] == tuple(WORDS.values())
    assert [row[1] for row in plain.rows] != [row[1] for row in weighted.rows]
    assert [figure.title.partition(":")[0] for figure in found.figures] == ["Figure 6", "Figure 7"]


def test_tallies_are_the_errors_of_the_pixels_that_the_network_sees(context, sizes):
    subject = subject_for(context, sizes)
    tally = tallied(context, subject.model, crops(sizes, "test"))
    seen = [
        int(((e.images[0].charge >= 10) & as_track_shower(e).images[0].label("semantic").labelled).sum())
        for e in events_of(sample_file(context, crops(sizes, "test")))
    ]
    assert [int(matrix.sum()) for matrix in tally.pixels] == seen
    assert tally.scores.sum() == sum(seen)


@pytest.mark.usefixtures("measured_here")
def test_dense_and_sparse_learn_the_same_windows(context, sizes):
    table, costs = study(PAPER, "dense-sparse", sizes, context).tables
    assert values(table, 0) == ["dense, 1 filters", "sparse, 2 filters", "sparse less dense"]
    dense, sparse, change = (row[4] for row in table.rows)
    assert change[0] == pytest.approx(sparse[0] - dense[0])
    assert values(costs, 0) == ["paper2-sparse"]
    assert costs.rows[0][1] == 1_650_211
    recipes = pair_recipes(sizes)
    assert recipes["dense"].train == recipes["sparse"].train == crops(sizes, "train", window=32)
    assert (recipes["dense"].pixels, recipes["sparse"].pixels) == ("all", "active")


def test_weightings_change_the_weights_alone(context, sizes):
    before = trained(context, sparse_recipe(sizes)).recipe.name
    found = study(PAPER, "weighting", sizes, context)
    plain, weighted = found.tables
    assert values(plain, 0) == values(weighted, 0) == list(weighting.WEIGHTINGS)
    folders = {path.name for path in (context.folder / "runs").iterdir()}
    assert before in folders
    assert len({name for name in folders if name.startswith("paper2-train-5_uresnet_6-2")}) >= 3
    curves = json.loads((context.folder / "figure5.json").read_text())
    assert all(len(curve["step"]) == len(curve["icpf_mean"]) == 2 for curve in curves.values())


def test_transfer_starts_from_the_classifiers_encoder(context, sizes):
    found = study(PAPER, "transfer", sizes, context)
    (table,) = found.tables
    with_classifier, without, change = (row[1] for row in table.rows)
    assert change[0] == pytest.approx(with_classifier[0] - without[0])
    run = trained(context, sparse_recipe(sizes, origin=classifier_recipe(sizes)))
    note = json.loads((run.folder / "init.json").read_text())
    assert note["model"] == classifier_recipe(sizes).name
    assert f"tensors {len(note['taken'])} were" in found.text
    assert all("particle" not in name for name in note["taken"])


def test_simulation_stands_for_data_and_says_so(context, sizes, monkeypatch):
    changes = {"noise": ("noise_scale=1.5",), "none": ("noise_scale=1",)}
    monkeypatch.setattr(hand_samples, "CHANGES", changes)
    found = study(PAPER, "hand-samples", sizes, context)
    assert "no data and no physicist's labels" in found.text
    papers, ours = found.tables[2:]
    assert [row[1:] for row in papers.rows] == [tuple(errors) for errors in published.CC_PI0]
    assert values(ours, 0) == ["central", "noise", "none"]
    assert ours.rows[2][2:6] == ours.rows[0][2:6]
    assert ours.rows[2][6] == (0.0, 0.0, 0.0)
    assert [figure.file for figure in found.figures] == ["figure8.png", "figure9.png", "figure16.png"]
    peaks = json.loads((context.folder / "figure9.json").read_text())
    assert set(peaks) == {"edges", "central", "noise"}


def test_gain_1_changes_nothing(context, sizes):
    found = study(PAPER, "gain", sizes, context)
    assert [figure.file for figure in found.figures] == ["figure10-trained-here.png", "figure17-trained-here.png"]  # fmt: skip
    for table in found.tables:
        rows = {row[0]: row for row in table.rows}
        assert (min(map(float, rows)), max(map(float, rows))) == (0.75, 1.25)
        assert rows["1"][5] == (0.0, 0.0, 0.0)
        assert any(row[5] != (0.0, 0.0, 0.0) for row in table.rows)
        assert rows["0.75"][1] < rows["1"][1] == rows["1.25"][1]


def test_masks_are_of_the_longest_pair(context, sizes):
    found = study(PAPER, "masking", sizes, context)
    (table,) = found.tables
    assert all(0 <= row[2] <= 1 and 0 <= row[3] <= 1 for row in table.rows if row[2] is not None)
    assert (context.folder / "figure12.png").exists()


@pytest.mark.usefixtures("measured_here")
def test_planes_compare_crops_with_whole_planes(context, sizes, monkeypatch):
    monkeypatch.setattr(planes, "MEASURED_DENSE", "paper2-sparse")
    (table,) = study(PAPER, "planes", replace(sizes, plane_crops=(2, 1)), context).tables
    assert values(table, 0) == [
        "dense, 1 filters, trained here, in crops", "sparse, 2 filters, trained here, whole plane",
        "dense, paper2-sparse, first weights, in crops", "paper 3, dense", "paper 3, sparse",
    ]  # fmt: skip
    assert [row[1:] for row in table.rows[3:]] == [(0.974, 0.959, 5.0, 6.0), (0.992, 0.996, 0.5, 1.0)]
    assert table.rows[2][1:3] == (None, None)
    assert all(cell > 0 for row in table.rows[:3] for cell in row[3:])
    assert all(0 <= cell[0] <= 1 for row in table.rows[:2] for cell in row[1:3])


@pytest.mark.usefixtures("measured_here")
def test_a_finished_model_of_tracks_and_showers_is_a_row_of_the_planes(with_model, sizes, monkeypatch):
    monkeypatch.setattr(planes, "MEASURED_DENSE", "paper2-sparse")
    (model,) = (load_model(name) for name in with_model.settings["models"])
    (table,) = study(PAPER, "planes", replace(sizes, plane_crops=(2, 1)), with_model).tables
    assert values(table, 0)[3] == f"{model.card.name}, whole plane"
    assert all(0 <= cell[0] <= 1 for cell in table.rows[3][1:3])
    assert f"{model.card.name}: 6-2, 2 steps" in table.note


def test_crops_cover_every_pixel_of_a_plane(context, sizes):
    model = trained(context, pair_recipes(sizes)["sparse"]).model()
    sample = Sample(preset="paper3", use="test", events=1)
    event = chosen_planes(next(events_of(sample_file(context, sample))), (2,))
    (image,) = event.images
    scores = planes.in_crops(model, image, event, (7, 2))
    seen = image.charge >= published.LEAST_CHARGE
    np.testing.assert_allclose(scores[seen].sum(axis=1), 1, atol=1e-6)
    assert not scores[~seen].any()


def test_an_image_of_one_crop_has_its_scores(context, sizes):
    """However often the crop is laid over it: their mean."""
    model = trained(context, pair_recipes(sizes)["sparse"]).model()
    event = next(events_of(sample_file(context, crops(sizes, "test"))))
    (whole,) = segment(model, event)
    for number in ((1, 1), (2, 1)):
        scores = planes.in_crops(model, event.images[0], event, number)
        np.testing.assert_allclose(scores, whole.scores, atol=1e-6)


def test_the_worst_is_drawn_with_what_the_network_says(context, sizes):
    found = study(PAPER, "display", sizes, context)
    assert [figure.file for figure in found.figures] == [f"figure{n}.png" for n in (18, 19, 20, 21)]
    data = json.loads((context.folder / "figure18.json").read_text())
    truth, called = np.array(data["truth"]), np.array(data["predicted"])
    labelled = truth != -1
    icpf = (truth != called)[labelled].mean()
    assert f"ICPF {icpf:.3f}." in found.figures[0].note
    tally = tallied(context, subject_for(context, sizes).model, hand_samples.hand_sample(sizes, "paper2-ccpi0"))  # fmt: skip
    assert icpf == pytest.approx(max(1 - np.trace(m) / m.sum() for m in tally.pixels))


def test_full_sizes_are_the_papers():
    assert (FULL.train_events, FULL.validation_events, FULL.test_events) == (100_000, 20_000, 20_000)
    assert (FULL.batch, FULL.pair_batch, FULL.rate, FULL.pair_window) == (60, 60, 3e-4, 0)
    assert pair_recipes(FULL)["dense"].network == {"extends": "paper2", "filters": 32}
    assert pair_recipes(FULL)["sparse"] == sparse_recipe(FULL)
    assert FULL.pair_batch % FULL.pair_parts == 0


def test_the_rate_falls_at_epoch_14(context, sizes):
    full = replace(FULL, train_events=5, validation_events=3, steps=12, batch=5)
    config = sparse_recipe(full).config(context)
    assert (config.schedule.name, config.schedule.milestones, config.schedule.factor) == ("steps", (14,), 0.1)
    assert (config.optimizer.name, config.optimizer.epsilon) == ("rmsprop", CAFFE_EPSILON)
    assert sparse_recipe(sizes).config(context).schedule.name == "cosine"


def test_a_recipe_is_the_papers():
    recipe = sparse_recipe(FULL)
    assert (recipe.weighting, recipe.reduction) == ("paper2", "image-mean")
    preparation = recipe.preparation
    assert (preparation.planes, preparation.least, preparation.most, preparation.above) == ((2,), 10.0, 100.0, "clip")  # fmt: skip


def test_small_test_samples_are_large_enough():
    assert SMALL.test_events >= 500
