"""The studies of paper 0 at microscopic sizes: what each says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.papers.studies import study, values

from argoscope.files.catalogue import open_events
from argoscope.papers import paper0_published as published
from argoscope.papers.paper0 import PAPER
from argoscope.papers.paper0_studies.sizes import sparse_recipe
from argoscope.papers.paper0_studies.variants import FOCAL, REFERENCE, recipes
from argoscope.papers.samples import Sample, sample_file
from argoscope.papers.scan import trained

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_shipped_models")]


@pytest.fixture
def with_model(sbnd_context, tiny_sbnd):
    """The context with a finished network."""
    run = trained(sbnd_context, sparse_recipe(tiny_sbnd))
    return replace(sbnd_context, settings={"models": [str(run.folder)]})


def test_table_1_stands_beside_every_reading(sbnd_context, tiny_sbnd):
    layers, programs = study(PAPER, "table1", tiny_sbnd, sbnd_context).tables
    assert values(layers, 0) == [*published.TABLE_1, "all"]
    assert values(layers, 1)[:-1] == list(published.TABLE_1.values())
    assert values(layers, 1)[:-2] == values(layers, 2)[:-2]
    assert values(layers, 3)[6] is None  # the text has five downsamplings
    assert layers.rows[-1][1:3] == (23_839_953, 23_839_923)
    assert all(theirs is None or ours == theirs for _, ours, theirs in programs.rows[1:])


def test_the_sample_is_counted_without_a_network(sbnd_context, tiny_sbnd):
    found = study(PAPER, "sample", tiny_sbnd, sbnd_context)
    occupancy, overlap, baseline = found.tables
    assert values(occupancy, 2) == [11_000.0, 2_300.0, 250.0]
    charged, cosmic, neutrino = (cell[0] for cell in values(occupancy, 1))
    assert charged > cosmic > neutrino > 0
    assert 0 <= overlap.rows[0][1][0] <= 1
    assert baseline.rows[0][2][0] > 0.4
    assert baseline.rows[-1][1:] == (0.77, None, None, None)
    neutrinos = json.loads((sbnd_context.folder / "figure3.json").read_text())
    assert {row["interaction"] for row in neutrinos} <= {"nue", "numu", "nc"}
    assert len(neutrinos) == tiny_sbnd.test_events


def test_headline_without_model_says_that_it_is_not_there(sbnd_context, tiny_sbnd):
    found = study(PAPER, "headline", tiny_sbnd, sbnd_context)
    assert "argoscope train configs/cosmic-tagger-sbnd.yaml" in found.text
    (table,) = found.tables
    assert values(table, 0)[0] == "cosmic-tagger-sbnd: not in this installation"
    assert table.rows[2][5:] == (0.956, 0.914, 0.698, 0.806)


def test_headline_has_baseline_classical_and_the_papers_rows(with_model, tiny_sbnd):
    found = study(PAPER, "headline", tiny_sbnd, with_model)
    table, parts = found.tables
    assert len(table.rows) == 9
    assert [name.partition(",")[0] for name in values(table, 0)[3:6]] == ["all above 10 cosmic"] * 3
    assert values(table, 5)[-3:] == [0.951, 0.956, 0.77]
    assert values(parts, 0)[:3] == ["plane U", "plane V", "plane Y"]


def test_real_files_are_tests_whole_and_stand_for_no_simulation(with_model, tiny_sbnd):
    sample = Sample(preset="sbnd", use="test", events=2)
    real = sample_file(with_model, sample)
    context = replace(with_model, settings={**with_model.settings, "data": [str(real)]})
    found = study(PAPER, "headline", tiny_sbnd, context)
    assert len(found.tables) == 4
    assert f"real events of {real.name}" in found.tables[2].note
    # Of two real events one would be for training.
    with open_events(sample_file(context, Sample(preset="sbnd", use="train", events=2))) as made:
        assert len(made) == 2


def test_every_variant_is_trained_and_tested(sbnd_context, tiny_sbnd):
    found = study(PAPER, "table2", tiny_sbnd, sbnd_context)
    table, gains = found.tables
    assert values(table, 0) == [*published.TABLE_2, FOCAL]
    assert [row[5:9] for row in table.rows[:-1]] == [tuple(row) for row in published.TABLE_2.values()]
    assert table.rows[-1][5:9] == (None,) * 4
    assert values(gains, 0) == values(table, 0)
    assert [cell[0] for cell in gains.rows[0][1:5]] == [0.0] * 4
    assert gains.rows[2][5] == pytest.approx(-0.023)
    for row, gain in zip(table.rows, gains.rows, strict=True):
        assert gain[4][0] == pytest.approx(row[4][0] - table.rows[0][4][0], abs=1e-12)
    curve = json.loads((sbnd_context.folder / "figure8.json").read_text())
    assert curve["step"] == [1, 2]
    before = set((sbnd_context.folder / "runs").iterdir())
    (blur,) = study(PAPER, "blurring", tiny_sbnd, sbnd_context).tables
    assert set((sbnd_context.folder / "runs").iterdir()) == before
    assert values(blur, 0) == ["mild balance: 1, 1.5, 10", "none", "full balance", "focal"]
    assert values(blur, 4) == [table.rows[n][3] for n in (0, 6, 10, 11)]


def test_mixing_is_compared_on_the_same_events(sbnd_context, tiny_sbnd):
    metrics, gains = study(PAPER, "mixing", tiny_sbnd, sbnd_context).tables
    assert values(metrics, 0)[:4] == [
        "sparse, mixed, seed 0", "sparse, blocked, seed 0", "sparse, mixed, seed 1", "sparse, blocked, seed 1",
    ]  # fmt: skip
    assert values(gains, 0) == ["sparse, seed 0", "sparse, seed 1", "sparse, all seeds", "dense"]
    assert values(gains, 5) == [None, None, None, pytest.approx(0.023)]
    for column in range(1, 5):
        one, two, both, _ = (cell[0] for cell in values(gains, column))
        assert both == pytest.approx((one + two) / 2, abs=1e-9)
        assert one == pytest.approx(metrics.rows[0][column][0] - metrics.rows[1][column][0], abs=1e-9)


@pytest.mark.usefixtures("measured_here")
def test_dense_and_sparse_are_measured(sbnd_context, tiny_sbnd):
    accuracy, costs = study(PAPER, "dense", tiny_sbnd, sbnd_context).tables
    assert values(accuracy, 1) == ["64 x 40", "128 x 80"]
    assert [row[0].partition(",")[0] for row in costs.rows] == ["sparse", "sparse", "dense", "our goal"]
    assert costs.rows[0][2] <= costs.rows[1][2]
    assert all(cell > 0 for row in costs.rows[:3] for cell in row[1:5])
    assert costs.rows[3][3:5] == (0.5, 1.0)


def test_energies_are_those_of_the_events(with_model, tiny_sbnd):
    kinds, bins = study(PAPER, "energy", tiny_sbnd, with_model).tables
    assert sum(values(kinds, 1)) == sum(values(bins, 1)) == tiny_sbnd.test_events
    assert (with_model.folder / "figure9.png").exists()


def test_table_3_is_of_three_samples_and_of_the_papers_cuts(with_model, tiny_sbnd):
    found = study(PAPER, "selection", tiny_sbnd, with_model)
    table, areas, scan = found.tables
    assert values(table, 4) == [0.915, 0.786, 0.373, 0.911, None]
    assert values(table, 1)[3:] == [2, 1]
    assert sum(values(table, 1)[:3]) == tiny_sbnd.test_events
    assert values(areas, 0) == ["nu_e CC", "nu_mu CC", "NC"]
    assert "smaller" not in found.text
    assert "100 px, within 50" in values(scan, 0)


def test_without_model_the_scans_network_selects_in_smaller_images(sbnd_context, tiny_sbnd):
    found = study(PAPER, "selection", tiny_sbnd, sbnd_context)
    assert "smaller by 16 along each axis, and so are the cuts: 6 pixels, 3.125 pixels" in found.text
    assert found.tables[0].note.startswith("No finished model: the mixed network of the study mixing, 2-2")


def test_an_event_is_drawn_with_truth_and_prediction(with_model, tiny_sbnd):
    found = study(PAPER, "display", tiny_sbnd, with_model)
    assert [figure.file for figure in found.figures] == ["figure4.png", "figure5.png", "appendix-a.png"]
    planes = json.loads((with_model.folder / "figure4.json").read_text())
    assert [plane["projection"] for plane in planes] == [0, 1, 2]
    assert all(len(plane["truth"]) == len(plane["predicted"]) == len(plane["charge"]) for plane in planes)


def test_the_reference_network_is_trained_once_for_all_studies(sbnd_context, tiny_sbnd):
    run = trained(sbnd_context, recipes(tiny_sbnd)[REFERENCE])
    assert run.model().card.task == "cosmic-tagging"
    assert run.checks == []
