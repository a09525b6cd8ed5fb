"""The studies of paper 1 at microscopic sizes: what each says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.papers.studies import study, values

from argoscope.errors import Stopped
from argoscope.papers import paper1_published as published
from argoscope.papers.paper1 import PAPER
from argoscope.papers.paper1_studies.predictions import _answer_file, evaluated, predicted_file
from argoscope.papers.paper1_studies.recipes import HEADS, box_recipe, recipe_of
from argoscope.papers.paper1_studies.rows import METRICS
from argoscope.papers.paper1_studies.sizes import FULL, SMALL, cut_out, whole
from argoscope.papers.paper1_studies.speed import measured
from argoscope.papers.paper1_studies.subjects import models_of, subject_for
from argoscope.papers.paper3_studies.sizes import recipe_of as paper3_recipe
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import trained

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_shipped_models")]


@pytest.fixture
def with_models(interactions_context, tiny_interactions):
    """The context with two finished networks."""
    runs = [trained(interactions_context, recipe_of(tiny_interactions, head)) for head in HEADS[:2]]
    return replace(interactions_context, settings={"models": [str(run.folder) for run in runs]})


def test_sample_counts_interactions_of_each_class(interactions_context, tiny_interactions):
    images, classes, ratios = study(PAPER, "sample", tiny_interactions, interactions_context).tables
    share, dead, any_pixel, large = images.rows
    assert all(0 < cell[0] < 0.05 for cell in share[1:4])
    assert all(0 < cell[0] < 0.5 for cell in dead[1:4])
    assert all(few[0] <= many[0] for few, many in zip(large[1:4], any_pixel[1:4], strict=True))
    assert [row[4] for row in images.rows] == [0.007, 0.1, 20.8, None]
    assert values(classes, 0) == list(published.CLASSES)
    assert sum(values(classes, 4)) == pytest.approx(1)
    assert values(classes, 1)[1][0] == 1.0
    assert values(classes, 3)[:3] == [19.65125, 0.9824, None]
    assert values(ratios, 1) == ["0.000597", "1.51e-05"]


def test_headline_without_model_says_how_to_train_one(interactions_context, tiny_interactions):
    found = study(PAPER, "headline", tiny_interactions, interactions_context)
    assert "argoscope train configs/instances-microboone.yaml" in found.text
    (table,) = found.tables
    assert table.columns[1:] == (
        "paper 1, dense, per event", "paper 1, dense, pooled", "paper 1, sparse, per event", "paper 1, sparse, pooled",
    )  # fmt: skip
    assert table.rows[0] == ("efficiency", 0.89, 0.891, 0.86, 0.859)


def test_headline_has_the_papers_numbers_beside_ours_and_models_beside_each_other(
    with_models, tiny_interactions
):
    found = study(PAPER, "headline", tiny_interactions, with_models)
    first, interactions, *_, changes = found.tables
    assert len(found.tables) == 5
    assert values(first, 0) == list(METRICS.values())
    assert first.columns[4:6] == ("DBSCAN alone, per event", "DBSCAN alone, pooled")
    assert first.rows[3][-4:] == (None, 0.871, None, 0.827)
    # The paper counts interactions of any active pixel; so does what stands beside its number.
    published = [(20.8, 20.8), (None, None), (18.2, 17.2), (None, None)]
    assert [row[2:] for row in interactions.rows] == published
    assert interactions.rows[0][1] >= interactions.rows[1][1]
    assert changes.columns[1].startswith("edges_")
    assert len(found.figures) == 8
    assert all((with_models.folder / figure.file).exists() for figure in found.figures)


def test_an_event_whose_prediction_is_made_is_not_predicted_again(
    with_models, tiny_interactions, monkeypatch
):
    model = models_of(with_models)[0]
    source = sample_file(with_models, whole(tiny_interactions))
    answer = evaluated(with_models, model, source)
    assert len(answer["events"]) == tiny_interactions.test_events
    monkeypatch.setattr("argoscope.papers.paper1_studies.predictions.evaluate_instances", None)
    assert evaluated(with_models, model, source) == answer


def test_a_prediction_that_is_stopped_leaves_no_file_and_goes_on(with_models, tiny_interactions):
    model = models_of(with_models)[1]
    source = sample_file(with_models, whole(tiny_interactions, "offbeam"))
    asked = []

    def after_the_first() -> bool:
        asked.append(0)
        return len(asked) > 1

    with pytest.raises(Stopped):
        predicted_file(replace(with_models, stop=after_the_first), model, source)
    assert not list(with_models.folder.glob("samples/microboone-offbeam*edges*.h5"))
    assert predicted_file(with_models, model, source).exists()


def test_an_evaluation_that_is_stopped_keeps_nothing(with_models, tiny_interactions):
    model = models_of(with_models)[0]
    source = sample_file(with_models, whole(tiny_interactions, "low_energy"))
    path = predicted_file(with_models, model, source)
    asked = []

    def in_the_evaluation() -> bool:
        asked.append(0)
        return len(asked) > 2

    with pytest.raises(Stopped):
        evaluated(replace(with_models, stop=in_the_evaluation), model, source)
    assert not list(path.parent.glob(f"{path.stem}*.json"))
    evaluated(with_models, model, source)
    assert len(list(path.parent.glob(f"{path.stem}.instances-*.json"))) == 1


def test_answers_of_other_files_and_versions_are_kept_apart(monkeypatch):
    one, other = Path("nue.h5"), Path("low.h5")
    names = {
        _answer_file([one], "veto"),
        _answer_file([one, other], "veto"),
        _answer_file([one], "instances"),
    }
    monkeypatch.setattr("argoscope.papers.paper1_studies.predictions.__version__", "99")
    names.add(_answer_file([one], "veto"))
    assert len(names) == 4
    assert all(name.name.startswith("nue.") for name in names)


def test_classes_stand_apart_and_positives_are_counted(with_models, tiny_interactions):
    classes, energies, positive = study(PAPER, "classes", tiny_interactions, with_models).tables
    assert classes.columns[1:] == (
        "neutrino, 3 events",
        "cosmic, 3 events",
        "neutrino, pooled",
        "cosmic, pooled",
        "paper 1, neutrino",
        "paper 1, cosmic",
    )
    assert [row[5:] for row in classes.rows[:4]] == [
        (0.768, 0.861),
        (0.649, 0.847),
        (0.779, 0.868),
        (0.5963, None),
    ]
    assert sum(values(energies, 1)) <= 3
    assert values(positive, 2) == [0.78, None, None, None]


def test_the_veto_has_the_network_alone_and_with_the_imitated_tagger(with_models, tiny_interactions):
    found = study(PAPER, "veto", tiny_interactions, with_models)
    points, nothing, qualities = found.tables
    names = [row[0].partition(": ")[0] for row in points.rows]
    flash = "sim. flash (truth-smeared)"
    assert names == ["network"] * 3 + [flash] * 3 + [f"network + {flash}"] * 3 + [
        "paper 1, network and Wire-Cell's matching"
    ]
    assert points.rows[-1][1:] == ("130", 0.902, 0.605, 0.949)
    assert values(nothing, 3) == [0.06, 0.16, 0.70]
    assert len(qualities.rows) == 12
    assert {row[0] for row in qualities.rows} == {"0.85", "0.95"}
    curves = json.loads((with_models.folder / "figure19.json").read_text())
    assert [curve["name"] for curve in curves] == ["network", flash, f"network + {flash}"]
    assert curves[0]["roc"][0]["rejection"]["value"] == 0.0


def test_a_tagger_with_vetoes_begins_where_it_rejects(with_models, tiny_interactions):
    found = study(PAPER, "tagger", tiny_interactions, with_models)
    points, rejected, gain, ratios = found.tables
    assert values(points, 4)[-2:] == [0.99, 0.997]
    flash = json.loads((with_models.folder / "figure21.json").read_text())[0]
    assert flash["roc"][0]["cut"] is None
    assert flash["roc"][0]["rejection"]["value"] == rejected.rows[2][1][0]
    assert gain.rows[0][-1] == 0.70
    assert [round(ratio, 4) for ratio in values(ratios, 1)[-2:]] == [0.0478, 0.1594]
    assert values(ratios, 3)[-2:] == [1.26, 4.14]


def test_ablations_and_comparison_share_a_training(interactions_context, tiny_interactions):
    numbers, changes, seconds = study(PAPER, "ablations", tiny_interactions, interactions_context).tables
    assert numbers.columns[1:] == (
        "DBSCAN alone",
        "seed masks",
        "edges between pixels",
        "object condensation",
    )
    assert changes.columns[1:] == tuple(
        f"seed masks less {name}" for name in numbers.columns[1:] if name != "seed masks"
    )
    assert len(seconds.rows) == 3
    before = set((interactions_context.folder / "runs").iterdir())
    found = study(PAPER, "comparison", tiny_interactions, interactions_context)
    made = set((interactions_context.folder / "runs").iterdir()) - before
    assert [path.name.partition("_")[0] for path in made] == ["paper1-sparse"]
    assert found.tables[0].columns[1:] == ("DBSCAN alone", "seed masks", "sMask R-CNN")
    assert values(found.tables[0], 1) == values(numbers, 1)
    assert "under-trained" in found.text


@pytest.mark.usefixtures("measured_here")
def test_speed_has_the_papers_rows_and_ours(interactions_context, tiny_interactions):
    (table,) = study(PAPER, "speed", tiny_interactions, interactions_context).tables
    assert [row[0].partition(",")[0] for row in table.rows] == [
        "seed masks", "sMask R-CNN (sparse)", "Mask R-CNN (dense)", "paper 1", "paper 1", "our goal",
    ]  # fmt: skip
    for row in table.rows[:3]:
        assert row[5] == pytest.approx(row[3] + row[4])
        assert row[7] > row[6] > 0
    assert [row[3] for row in table.rows[3:5]] == [3.172, 0.1758]
    assert [row[5] for row in table.rows[3:]] == [8.438, 5.79, 0.3]
    assert table.rows[-1][6:] == (None, 0.8)


def test_the_plane_that_is_measured_is_the_one_asked_for(interactions_context, tiny_interactions):
    from argoscope.papers.samples import events_of

    path = sample_file(interactions_context, whole(tiny_interactions))
    network = {"extends": "seed-masks", "kind": "instances", "filters": 4}
    wanted = [float(len(event.image(2))) for event in events_of(path)]
    assert [measured(network, str(path), number, 1)["pixels"] for number in range(2)] == wanted[:2]


def test_display_shows_an_event_and_what_was_missed(with_models, tiny_interactions):
    found = study(PAPER, "display", tiny_interactions, with_models)
    assert found.figures[0].file == "figure1.png"
    data = json.loads((with_models.folder / "figure1.json").read_text())
    assert len(data["truth"]) == len(data["predicted"]) == len(data["charge"]) > 0
    for figure in found.figures[1:]:
        assert figure.file in {"figure11.png", "figure12.png"}


def test_without_model_the_scans_network_is_looked_at(interactions_context, tiny_interactions, with_models):
    model, how = subject_for(interactions_context, tiny_interactions)
    assert model.card.name.startswith("seeds_")
    assert how.startswith("No finished model")
    assert subject_for(with_models, tiny_interactions)[1].startswith("seeds_")


def test_models_of_other_tasks_are_passed_over(interactions_context, tiny_planes):
    run = trained(interactions_context, replace(paper3_recipe(tiny_planes, (2,)), steps=1))
    assert models_of(replace(interactions_context, settings={"models": [str(run.folder)]})) == []


def test_full_sizes_are_the_papers():
    assert (FULL.train_events, FULL.test_events, FULL.window, FULL.box_width, FULL.cost_width) == (
        40_000,
        9_400,
        0,
        1,
        1,
    )
    assert FULL.steps * FULL.batch == published.EPOCHS * published.EVENTS["train"]
    box = box_recipe(FULL, "paper1-sparse")
    assert (box.steps, box.batch, box.warmup) == (120_000, 1, 500)
    assert cut_out(FULL, "test") == whole(FULL)


def test_both_kinds_see_as_many_images_with_the_same_changes():
    for sizes in (SMALL, FULL):
        ours, theirs = recipe_of(sizes, "seeds"), box_recipe(sizes, "paper1-sparse")
        assert ours.steps * ours.batch == theirs.steps * theirs.batch
        assert (ours.train, ours.validation, ours.augmentation) == (
            theirs.train,
            theirs.validation,
            theirs.augmentation,
        )
    assert SMALL.test_events >= 500
